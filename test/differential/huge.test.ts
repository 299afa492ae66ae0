// A sum of finite f32 terms is finite, however large: against the reference, and with the same bits for any number of threads.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LossFunctions } from '../../src/index.ts';
import { backends, loaded } from '../instances.ts';
import { difference } from '../losses/bits.ts';
import { isProjection } from '../losses/roles.ts';
import { rows } from '../rows/index.ts';
import { lossNames } from '../rows/names.ts';
import { eager } from '../threads/eager.ts';
import { type Case, describeCase, type Reduction } from './case.ts';
import { type Expected, expectedOf } from './compare.ts';
import { makeHugeCase } from './huge.ts';
import { type Got, run } from './run.ts';

const cases = Number(process.env.SIMDLOSS_CASES ?? 200);
const first = Number(process.env.SIMDLOSS_SEED ?? 1);
const reductions: readonly Reduction[] = ['sum', 'mean'];

/** Of the terms' magnitudes: what an element may be off by (README), and a sum, which gradients have as a divisor. */
const bound = {
  f32: ({ loss, options }: Case) => (rows[loss].isRelative?.(options) ? 4e-6 : 6 * 2 ** -23) + 2e-7,
  f64: () => 2e-13,
};
/** Results below the smallest normal number have fewer digits; of a sum of products each term is left out that is below it. */
const least = { f32: 2 ** -126, f64: 2 ** -1022 };
const leastOf = ({ loss, dtype }: Case): number => least[dtype] * (isProjection(loss) ? 64 : 1);

/** What of a result is wrong, as text. */
function wrong(c: Case, got: Got, { want, size }: Expected): string {
  const { dtype } = c;
  const of = (
    name: string,
    a: ArrayLike<number> | undefined,
    b: ArrayLike<number>,
    m: ArrayLike<number>,
  ): string => {
    if (a === undefined) return '';
    for (let i = 0; i < b.length; i++) {
      const most = Math.max(bound[dtype](c) * m[i], leastOf(c));
      // a gradient may be more than f32 has, and so may what it is off by, where huge terms are divided by small norms
      const round = dtype === 'f32' ? Math.fround : (x: number): number => x;
      const isBeyond = Math.abs(a[i]) === Infinity && round(Math.abs(b[i]) + most) === Infinity;
      if (!Object.is(a[i], round(b[i])) && !isBeyond && !(Math.abs(a[i] - b[i]) <= most))
        return `${name}[${i}]: ${a[i]}, not ${b[i]}. `;
    }
    return '';
  };
  return (
    of('value', got.value, [want.value as number], [size.value as number]) +
    of('gradient', got.input, want.grads.input.data, size.grads.input.data) +
    of('target’s gradient', got.target, want.grads.target?.data ?? [], size.grads.target?.data ?? [])
  );
}

const bitDifference = (a: Got, b: Got): string =>
  (['value', 'input', 'target'] as const).map((part) => difference(a[part] ?? [], b[part] ?? [])).join('');

let shared: LossFunctions;
beforeAll(async () => {
  ({ F: shared } = await eager(2, 5));
});
afterAll(() => shared.dispose());

describe.each(lossNames)('%s', (loss) => {
  it.each(reductions)('%s', (reduction) => {
    const bad: string[] = [];
    let beyond = 0;
    for (let seed = first; seed < first + cases; seed++) {
      const c = makeHugeCase(loss, reduction, seed);
      const expected = expectedOf(c);
      // what this is about: the sum is more than f32 has
      if (Math.abs((expected.want.value as number) * expected.want.divisor) > 2 ** 128) beyond++;
      for (const backend of backends) {
        const got = run(loaded[backend], c);
        const error = wrong(c, got, expected);
        if (error) bad.push(`${backend}, ${describeCase(c)}: ${error}`);
        if (backend === 'js') continue;
        const different = bitDifference(run(shared, c), got);
        if (different) bad.push(`two threads, ${describeCase(c)}: ${different}`);
      }
    }
    expect(bad.slice(0, 10)).toEqual([]);
    expect(beyond).toBeGreaterThan(cases / 10);
  });
});
