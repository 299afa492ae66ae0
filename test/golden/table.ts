import type { NotApplicable } from './plan.ts';

/** Rows of figures under their names, the first column to the left. */
export function tableOf(rows: Record<string, string | number>[]): string {
  const names = Object.keys(rows[0]);
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name])))];
  const widths = names.map((_, k) => Math.max(...lines.map((line) => line[k].length)));
  return lines
    .map((line) => line.map((cell, k) => (k ? cell.padStart(widths[k]) : cell.padEnd(widths[k]))).join('  '))
    .join('\n');
}

/** How often each reason was given. */
export function tallyOf(reasons: NotApplicable[]): string {
  const counts = new Map<string, number>();
  for (const { notApplicable } of reasons) counts.set(notApplicable, (counts.get(notApplicable) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([reason, count]) => `${String(count).padStart(4)}  ${reason}`)
    .join('\n');
}
