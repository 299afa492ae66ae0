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
  '| bundler | runs in | the worker | `simdloss/url` | one loss, gzipped |\n|---|---|---|---|---|\n';
const TABLE = /(<!-- bundlers -->\n)([\s\S]*?)(<!-- \/bundlers -->)/;

/** Holds a bundler's row to what was built: sizes within 3 kB. */
export function checkRow({ title, version, runs, worker, url }: Row, bytes?: number): void {
  const text = readFileSync(page, 'utf8');
  const lines = TABLE.exec(text)![2].split('\n').slice(2, -1);
  const line = lines.find((other) => other.startsWith(`| [${title}](`)) ?? '';
  const stated = Number(/(\d+) kB/.exec(line)?.[1]);
  const kilobytes = Math.round((bytes ?? 0) / 1000);
  const size = Math.abs(stated - kilobytes) <= 3 ? stated : kilobytes;
  const link = `[${title}](#${title.toLowerCase().replaceAll(' ', '-')})`;
  const cells = [`${link} ${version}`, runs, worker, url, bytes === undefined ? '–' : `${size} kB`];
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
