import { describe, expect, it } from 'vitest';
import { registry } from '../../src/losses/registry.ts';
import { backends, loaded } from '../instances.ts';
import { descriptorOf, domainsOf, isUnbounded } from '../intervals.ts';
import { lossNames } from '../rows/names.ts';
import type { LossName } from '../rows/row.ts';
import { describeCase, makeCase, type Reduction } from './case.ts';
import { compare, expectedOf } from './compare.ts';
import { run } from './run.ts';

/** Random cases of each loss × reduction × backend, and the first seed. A longer run: SIMDLOSS_CASES=100000. */
const cases = Number(process.env.SIMDLOSS_CASES ?? 10_000);
const first = Number(process.env.SIMDLOSS_SEED ?? 1);

/** Files are run side by side: one for each family, and three for the losses of elements. */
export const groupOf = (loss: LossName) => {
  if (registry[loss].family.name !== 'elementwise') return registry[loss].family.name;
  const domains = domainsOf(loss);
  if (domains.some(({ what }) => what === 'labels')) return 'labels';
  return domains.every(isUnbounded) ? 'differences' : 'others';
};
export const names = lossNames;

/** Every loss with every reduction against the reference. A failure names the call that makes its case again. */
export function sweep(group: ReturnType<typeof groupOf>): void {
  describe.each(names.filter((name) => groupOf(name) === group))('%s', (loss) => {
    const reductions: Reduction[] = ['mean', 'sum', 'none'];
    if (descriptorOf(loss).batchmean) reductions.push('batchmean');
    it.each(reductions)(
      `${cases} cases, %s`,
      (reduction) => {
        const bad: string[] = [];
        const live = backends.map((backend) => loaded[backend].memory.liveTensors);
        const worst = { wasm: 0, js: 0 };
        for (let seed = first; seed < first + cases; seed++) {
          const c = makeCase(loss, reduction, seed);
          const expected = expectedOf(c);
          for (const backend of backends) {
            let failure: string;
            try {
              const result = compare(c, run(loaded[backend], c), expected);
              failure = result.failure;
              worst[backend] = Math.max(worst[backend], result.worst);
            } catch (error) {
              failure = String(error);
            }
            if (failure && bad.length < 10) bad.push(`${backend}, ${describeCase(c)}: ${failure}`);
          }
        }
        console.log(
          `${loss} ${reduction}: at most ${worst.wasm.toFixed(3)} (wasm), ${worst.js.toFixed(3)} (js) of the bound`,
        );
        expect(bad).toEqual([]);
        expect(backends.map((backend) => loaded[backend].memory.liveTensors)).toEqual(live);
      },
      60_000 + cases * 20,
    );
  });
}
