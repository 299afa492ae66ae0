// What the bench prints.
import { idOf, operations } from './cases.ts';
import { columns, digits, jsWins, ratioText, sizeText } from './format.ts';
import type { Goal } from './goals.ts';
import type { CaseResult } from './results.ts';

const header = ['', 'wasm ns/el', 'js ns/el', 'js/wasm', 'p10–p90', ''];

/** The cases of one loss and target, by operation. */
export function lossTable(title: string, results: readonly CaseResult[]): string {
  const rows: string[][] = [header];
  for (const operation of operations) {
    const of = results.filter((result) => result.operation === operation);
    if (of.length > 0) rows.push([operation, '', '', '', '', ''], ...of.map(row));
  }
  return `${title}\n${columns(rows)}\n`;
}

const row = (result: CaseResult): string[] => [
  `  ${sizeText(result.shape)}`,
  digits(result.wasm),
  digits(result.js),
  ratioText(result.ratio),
  `${digits(result.p10)}–${digits(result.p90)}`,
  jsWins(result) ? '← js wins' : '',
];

export const goalTable = (goals: readonly Goal[]): string =>
  columns([
    ['goal', 'wanted', 'measured', ''],
    ...goals.map(({ name, wanted, measured, reached }) => [
      name,
      wanted,
      measured,
      reached ? 'reached' : 'NOT REACHED',
    ]),
  ]);

export function jsWinsList(results: readonly CaseResult[]): string {
  const won = results.filter(jsWins);
  const lines = won.map((result) => `  ${idOf(result)}  ${ratioText(result.ratio)}`);
  return [`js wins ${won.length} of ${results.length} cases`, ...lines].join('\n');
}
