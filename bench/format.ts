// How numbers and sizes are written in the tables.
import type { CaseResult, Environment } from './results.ts';

/** `64 Ki` for one axis, `64×1024` for more. */
export const sizeText = (shape: readonly number[]): string =>
  shape.length > 1 ? shape.join('×') : count(shape[0]);

function count(n: number): string {
  if (n >= 2 ** 20 && n % 2 ** 20 === 0) return `${n / 2 ** 20} Mi`;
  if (n >= 2 ** 12 && n % 2 ** 10 === 0) return `${n / 2 ** 10} Ki`;
  return String(n);
}

/** Three digits, without exponents. */
export const digits = (x: number): string =>
  x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x >= 0.1 ? x.toFixed(2) : x.toFixed(4);

export const ratioText = (ratio: number): string => `${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(1)}×`;

export const jsWins = ({ ratio }: CaseResult): boolean => ratio < 1;

export const environmentText = ({ cpu, node, date, dtype }: Environment): string =>
  `${cpu} · Node ${node.slice(1)} · ${dtype} · ${date}`;

/** Columns padded to their width: the first to the left, the others to the right. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
