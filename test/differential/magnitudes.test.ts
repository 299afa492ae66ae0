// Rows of features of every magnitude that f64 has, each its own, also infinite ones and NaN: squares neither overflow nor lose digits.
import { describe, expect, it } from 'vitest';
import { registry } from '../../src/losses/registry.ts';
import { backends, loaded } from '../instances.ts';
import { rolesOf } from '../losses/roles.ts';
import { integer, type Random, random } from '../random.ts';
import type { Tensor } from '../reference/index.ts';
import { rows } from '../rows/index.ts';
import type { LossName } from '../rows/row.ts';
import { isKink } from '../rows/tripletMargin.ts';
import { type Case, describeCase } from './case.ts';
import { compare, expectedOf } from './compare.ts';
import { power } from './domains.ts';
import { run } from './run.ts';

const cases = Number(process.env.SIMDLOSS_CASES ?? 300);
const first = Number(process.env.SIMDLOSS_SEED ?? 1);
const losses = Object.values(rows).flatMap(({ loss }) =>
  registry[loss].family.name === 'features' ? loss : [],
);
const pick = <T>(r: Random, list: readonly T[]): T => list[integer(r, list.length)];

function makeCase(loss: LossName, seed: number): Case {
  const r = random(seed);
  const count = 1 + integer(r, 5);
  const features = pick(r, [1, 2, 3, 5, 8, 31, 32, 33, 64, 131]);
  const isStrided = r() < 0.3;
  const shape = isStrided ? [features, count] : [count, features];
  const kinds = [() => power(r, -300, 307.5), () => power(r, -165, -145), () => power(r, 145, 160)];
  const odd = r() < 0.2 ? [Infinity, -Infinity, NaN, 0] : [0];
  // of all rows of a case, so that distances may be of rows of one size
  const common = pick(r, kinds)();
  const numbers = (): Tensor => {
    const scales = Array.from({ length: count }, () => (r() < 0.5 ? common : pick(r, kinds)()));
    const draw = (row: number) => (r() < 0.03 ? pick(r, odd) : scales[row] * (2 * r() - 1));
    const of = isStrided ? (i: number) => i % count : (i: number) => Math.floor(i / features);
    return { data: Array.from({ length: count * features }, (_, i) => draw(of(i))), shape };
  };
  const labels = () => ({
    data: Array.from({ length: count }, () => pick(r, [1, 1, -1, 0])),
    shape: [count],
  });
  const has = (name: string) => name in registry[loss].options && r() < 0.5;
  const third = registry[loss].inputs[2]?.shape;
  return {
    domain: 'all magnitudes',
    seed,
    loss,
    reduction: 'none',
    dtype: 'f64',
    input: numbers(),
    target: numbers(),
    terms: [count],
    options: {
      reduction: 'none',
      ...(isStrided && { axis: 0 }),
      ...(third && { third: third === 'terms' ? labels() : numbers() }),
      ...(has('normalize') && { normalize: false }),
      ...(has('swap') && { swap: true }),
      ...(has('p') && { p: pick(r, [1, 2, 2.5, 3, Infinity]) }),
      ...(has('eps') && { eps: pick(r, [0, 1e-6, power(r, -300, 300)]) }),
      ...(r() < 0.3 && { gradOutput: 2 * r() - 1 }),
    },
    wrt: rolesOf(loss),
    call: 'valueAndGrad',
    operands: pick(r, ['tensors', 'arrays']),
    out: 'new',
  };
}

/** Whether any row's gradient hangs on how its distances are rounded. */
function hasKink({ input, target, options, dtype, terms: [count] }: Case): boolean {
  const inputs = [input, target, options.third as Tensor];
  const features = input.data.length / count;
  const [ofRow, step] = options.axis === 0 ? [1, count] : [features, 1];
  return Array.from({ length: count }, (_, row) =>
    inputs.map(({ data }) => Array.from({ length: features }, (_, j) => data[row * ofRow + j * step])),
  ).some((vectors) => isKink(vectors, { ...options, dtype }));
}

describe.each(backends)('%s', (backend) => {
  it.each(losses)('%s', (loss) => {
    const bad: string[] = [];
    let kinks = 0;
    for (let seed = first; seed < first + cases; seed++) {
      const c = makeCase(loss, seed);
      const expected = expectedOf(c);
      let { failure } = compare(c, run(loaded[backend], c), expected);
      if (failure && loss === 'tripletMargin' && hasKink(c)) {
        kinks++;
        const ofValue: Case = { ...c, call: 'value', wrt: [] };
        failure = compare(ofValue, run(loaded[backend], ofValue), expected).failure;
      }
      if (failure) bad.push(`${describeCase(c)}: ${failure}`);
    }
    expect(kinks).toBeLessThan(1 + cases / 100);
    expect(bad.length, bad.slice(0, 8).join('\n')).toBe(0);
  });
});
