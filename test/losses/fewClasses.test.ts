// Two and three classes have a loop of their own, whose bits are those of the loop for any number. A weight of 1 for each class leads to
// that one.
import { describe, expect, it } from 'vitest';
import { arrayOf, dtypes, loaded } from '../instances.ts';
import { integer, random } from '../random.ts';
import { difference } from './bits.ts';

type Any = any;

const SEED = 20261130;
const ROUNDS = 300;
/** Beside ordinary logits: ties, gaps whose exponential is subnormal or nothing, what is no finite number. */
const SPECIALS = [0, -0, 1, 1, 1e-40, -87.3, -88, 103, 1e30, 3e38, -3e38, Infinity, -Infinity, Number.NaN];
/** With what they are multiplied by, no infinity, no −0 and nothing subnormal: of those the loops make different zeros, infinities and NaN. */
const OUTPUTS = [0, 1, -3, 1e-3, 1e3, Number.NaN];

describe.each(dtypes)('%s', (dtype) => {
  const F = loaded.wasm as Any;
  const Floats = arrayOf[dtype];

  it.each([2, 3])('%i classes', (classes) => {
    const r = random(SEED + classes);
    const pick = <T>(all: readonly T[]): T => all[integer(r, all.length)];
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - r())) * Math.cos(2 * Math.PI * r());
    const weight = { data: new Floats(classes).fill(1), shape: [classes] };
    for (let round = 0; round < ROUNDS; round++) {
      const rows = pick([1, 2, 3, 4, 5, 7, 16, 33, 1023, 1025, 2049]);
      const rare = pick([0, 0.01, 0.5]);
      const of = (length: number, ordinary: () => number, specials: readonly number[]) =>
        Floats.from(Array.from({ length }, () => (r() < rare ? pick(specials) : ordinary())));
      const scale = pick([1, 10, 60]);
      const logits = of(rows * classes, () => scale * normal(), SPECIALS);
      const ignoreIndex = pick([-100, 0, classes - 1, undefined]);
      const labels = Int32Array.from({ length: rows }, () =>
        ignoreIndex !== undefined && r() < 0.1 ? ignoreIndex : integer(r, classes),
      );
      const input = { data: logits, shape: [rows, classes] };
      const target = { data: labels, shape: [rows] };
      const reduction = pick(['mean', 'sum', 'none']);
      const options: Any = { reduction, ...(ignoreIndex !== undefined && { ignoreIndex }) };
      if (r() < 0.5) options.sampleWeight = { data: of(rows, r, [0, 1e-30, 1e30]), shape: [rows] };
      if (reduction === 'none' && r() < 0.7)
        options.gradOutput = { data: of(rows, () => normal(), OUTPUTS), shape: [rows] };
      const few = F.crossEntropy.valueAndGrad(input, target, options);
      const any = F.crossEntropy.valueAndGrad(input, target, { ...options, weight });
      const what = `round ${round}, ${rows} rows, ${reduction}`;
      const values = (value: Any) => (typeof value === 'number' ? [value] : value.data);
      expect(`${what}: ${difference(few.grad.data, any.grad.data)}`).toBe(`${what}: `);
      expect(`${what}: ${difference(values(few.value), values(any.value))}`).toBe(`${what}: `);
    }
  });
});
