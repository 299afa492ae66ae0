// The generated parts of docs/accuracy.md, and its plot.
import { readdirSync, readFileSync } from 'node:fs';
import { REFERENCES } from '../../test/math/reference.ts';
import { gaps, measure, torch } from './gaps.ts';
import { plot } from './plot.ts';

const root = new URL('../../', import.meta.url);
const shown = [1, 5, 10, 15, 17, 20, 30, 40, 50, 60];
const version = torch.version.replace(/a\d+$/, '');

const error = (e: number): string => (e === 0 ? '0' : e === 1 ? '**1**' : e.toExponential(1));

type Series = Awaited<ReturnType<typeof measure>>;

function gapTable(series: Series): string {
  const head = series.map(({ title }) => `${title}: simdloss | PyTorch`);
  const line = (gap: number): string => {
    const i = gaps.indexOf(gap);
    return `| ${gap} | ${series.map(({ ours, torch }) => `${error(ours[i])} | ${error(torch[i])}`).join(' | ')} |`;
  };
  const worst = series.map(({ ours, torch }) => `${error(Math.max(...ours))} | ${error(Math.max(...torch))}`);
  return [
    `| gap | ${head.join(' | ')} |`,
    `|--:|${'--:|'.repeat(2 * series.length)}`,
    ...shown.map(line),
    `| worst of 1–60 | ${worst.join(' | ')} |`,
  ].join('\n');
}

/** The bounds that stand in the doc comments of assembly/math, from where on test/math finds that results are not flushed. */
function boundTable(): string {
  const folder = new URL('assembly/math/', root);
  const rows = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .flatMap((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8');
      const bounds = /@bound (f\d\d) ulp ([\d.]+) .*? on (\[[^\]]*\]) (.*)|static (\w+)</g;
      const pending: string[][] = [];
      const lines: string[] = [];
      for (const [, dtype, ulp, range, how, method] of text.matchAll(bounds)) {
        if (method === undefined) pending.push([dtype, ulp, range, how]);
        else
          for (const [d, u, r, h] of pending.splice(0))
            lines.push(
              `| \`${file.slice(0, -3)}\` (\`${method}\`) | ${d} | ${kept(`${file.slice(0, -3)}.${method}`, d, r)} | ${u} | ${h} |`,
            );
      }
      return lines;
    });
  return [
    '| function | dtype | range | below it | at most, ULP | checked |',
    '|---|---|---|---|--:|---|',
    ...rows,
  ].join('\n');
}

/** The range of a bound, and what comes below it. */
function kept(name: string, dtype: string, range: string): string {
  const least = REFERENCES[name].flushBelow?.[dtype as 'f32' | 'f64'];
  if (least === undefined) return `${range} | `;
  const shown = dtype === 'f32' ? Number(least.toPrecision(7)) : least;
  return `${range.replace('-inf', String(shown))} | +0`;
}

/** The files of the document, as they should be. */
export async function documentFiles(): Promise<Record<string, string>> {
  const series = await measure();
  const parts: Record<string, string> = { gaps: gapTable(series), bounds: boundTable() };
  const text = readFileSync(new URL('docs/accuracy.md', root), 'utf8');
  const document = text.replace(/<!-- (\w+) -->\n[\s\S]*?<!-- \/\1 -->/g, (whole, name: string) =>
    parts[name] ? `<!-- ${name} -->\n${parts[name]}\n<!-- /${name} -->` : whole,
  );
  return { 'docs/accuracy.md': document, 'docs/accuracy/gaps.svg': plot(series, version) };
}
