// Results for people: lines that fit 80 columns, figures below one another.
import type { Figures, Results } from '../../evaluate/results.ts';
import { WIDTH } from './lines.ts';

/** Larger ones are for programs. */
const MOST_CONFUSED = 10;
/** Of all that could be listed, so many: the rest is for programs, too. */
const MOST_LISTED = 50;

/** 1234567 as 1,234,567. */
export const counted = (n: number): string => n.toLocaleString('en-US');

/** Six digits: as many as are worth looking at. */
export function number(x: number): string {
  if (!Number.isFinite(x) || Number.isInteger(x)) return Math.abs(x) < 1e15 ? counted(x) : String(x);
  const size = Math.abs(x);
  return size >= 1e-4 && size < 1e6 ? x.toPrecision(6) : x.toExponential(5);
}

type Cell = string | number;
const shown = (cell: Cell): string => (typeof cell === 'number' ? number(cell) : cell);

/** Rows of cells; texts to the left, numbers to the right. */
export function aligned(rows: readonly (readonly Cell[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, shown(cell).length);
    });
  const isText = widths.map((_, i) => rows.slice(1).every((row) => typeof row[i] === 'string'));
  return rows.map((row) =>
    row
      .map((cell, i) => (isText[i] ? shown(cell).padEnd(widths[i]) : shown(cell).padStart(widths[i])))
      .join('  ')
      .trimEnd(),
  );
}

/** Figures that are one number each, by the names that people know. */
function numbersOf(figures: Figures): [name: string, value: number][] {
  const { loss, sum, count, weight, topK, perClass, confusion, groups, key, ...others } =
    figures as Figures & {
      groups?: unknown;
      key?: unknown;
    };
  const ranks = Object.entries(topK ?? {}).map(([k, share]): [string, number] => [`top-${k}`, share]);
  return [...Object.entries(others as Record<string, number>), ...ranks];
}

/** The whole report. */
export function report(loss: string, results: Results): string {
  const { count, weight } = results;
  const all = [
    [loss, results.loss],
    ['rows', count],
    ...(weight === count ? [] : [['weight', weight]]),
    ...numbersOf(results),
  ] as [string, number][];
  const width = Math.max(...all.map(([name]) => name.length));
  const lines = all.map(([name, value]) => `${name.padEnd(width)}  ${number(value)}`);
  return [lines, groupLines(loss, results), classLines(results), confusionLines(results)]
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n');
}

/** A line for each group, with as many figures as there is room for. */
function groupLines(loss: string, { groups = [] }: Results): string[] {
  if (groups.length === 0) return [];
  const listed = groups.slice(0, MOST_LISTED);
  const names = ['group', 'rows', loss, ...numbersOf(groups[0]).map(([name]) => name)];
  const rows = listed.map((group): Cell[] => [
    cut(String(group.key)),
    group.count,
    group.loss,
    ...numbersOf(group).map(([, value]) => value),
  ]);
  let columns = names.length;
  let lines: string[];
  do lines = aligned([names, ...rows].map((row) => row.slice(0, columns)));
  while (columns-- > 3 && lines.some((line) => line.length > WIDTH));
  const isCut = columns + 1 < names.length || listed.length < groups.length;
  const more = `${counted(groups.length)} groups, ${counted(names.length - 3)} figures: --json has all`;
  return isCut ? [...lines, more] : lines;
}

const cut = (text: string): string => (text.length > 30 ? `${text.slice(0, 29)}…` : text);

function classLines({ perClass = [] }: Results): string[] {
  if (perClass.length === 0) return [];
  const rows = perClass
    .slice(0, MOST_LISTED)
    .map(({ count, loss, accuracy }, label): Cell[] => [label, count, loss, accuracy]);
  const lines = aligned([['label', 'rows', 'loss', 'accuracy'], ...rows]);
  return perClass.length > MOST_LISTED
    ? [...lines, `${counted(perClass.length)} labels: --json has all`]
    : lines;
}

function confusionLines({ confusion = [] }: Results): string[] {
  if (confusion.length === 0) return [];
  if (confusion.length > MOST_CONFUSED)
    return [`a confusion matrix of ${confusion.length} labels: --json has it`];
  const head = ['label \\ predicted', ...confusion.map((_, label) => label)];
  return aligned([head, ...confusion.map((row, label): Cell[] => [label, ...row])]);
}

/** The same for programs. JSON has no numbers that are not finite: they are texts. */
export const json = (results: unknown): string =>
  JSON.stringify(
    results,
    (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value),
    2,
  );
