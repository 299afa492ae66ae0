// What main.ts prints and README.md holds.
import type { LossFunctions } from 'simdloss';
import { compare } from './compare.ts';
import { objectives } from './objectives.ts';

/** A line for each objective, in Markdown. */
export function table(F: LossFunctions): string {
  const lines = objectives.map((objective) => {
    const { constant, linear, boosted } = compare(F, objective);
    // two digits of what is in points, three of what is below 1
    const [c, l, b] = [constant, linear, boosted].map((value) => value.toFixed(constant < 1 ? 3 : 1));
    return `| ${objective.name} | ${objective.dataset} | ${objective.measure} | ${c} | ${l} | ${b} |`;
  });
  return [
    '| loss | data | held-out figure | constant | linear | boosted |',
    '|---|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
}
