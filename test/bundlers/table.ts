// The table of docs/bundlers.md: SIMDLOSS_UPDATE=1 writes it.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { page } from './recipes.ts';

export interface Row {
  readonly title: string;
  readonly version: string;
  readonly runs: string;
  readonly worker: string;
  readonly url: string;
}
const HEAD =
  '| bundler | runs in | the worker | `simdloss/url` | one loss, gzipped | [its part](#parts) alone |\n|---|---|---|---|---|---|\n';
const TABLE = /(<!-- bundlers -->\n)([\s\S]*?)(<!-- \/bundlers -->)/;

/** Holds a bundler's row to what was built: sizes within 3 kB, of one loss by `simdloss` and by its part. */
export function checkRow(
  { title, version, runs, worker, url }: Row,
  bytes?: number,
  partBytes?: number,
): void {
  const text = readFileSync(page, 'utf8');
  const lines = TABLE.exec(text)![2].split('\n').slice(2, -1);
  const line = lines.find((other) => other.startsWith(`| [${title}](`)) ?? '';
  const stated = line
    .split('|')
    .slice(-3, -1)
    .map((cell) => Number(/(\d+) kB/.exec(cell)?.[1]));
  const sizes = [bytes, partBytes].map((size, i) => {
    if (size === undefined) return '–';
    const kilobytes = Math.round(size / 1000);
    return `${Math.abs(stated[i] - kilobytes) <= 3 ? stated[i] : kilobytes} kB`;
  });
  const link = `[${title}](#${title.toLowerCase().replaceAll(' ', '-')})`;
  const cells = [`${link} ${version}`, runs, worker, url, ...sizes];
  const right = `| ${cells.join(' | ')} |`;
  if (process.env.SIMDLOSS_UPDATE && line !== right) {
    const rows = line === '' ? [...lines, right] : lines.map((other) => (other === line ? right : other));
    const table = `${HEAD}${rows.join('\n')}\n`;
    writeFileSync(
      page,
      text.replace(TABLE, (_, start, __, end) => start + table + end),
    );
  } else expect(line, 'docs/bundlers.md: SIMDLOSS_UPDATE=1 npx vitest run test/bundlers').toBe(right);
}
