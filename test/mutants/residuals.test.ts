// Residuals at the kinks, infinite, and none at all, at every place of a short array, by every way through the elementwise kernels:
// the value alone, the gradient alone, both, one by one, of the target, with weights.
import { describe, expect, it } from 'vitest';
import { floats, loaded, matrix } from '../instances.ts';

type Any = any;
const { POSITIVE_INFINITY: inf, NaN: nan, MAX_VALUE } = Number;

/** Cost and slope of a residual; the numbers below are exact in f32. */
type Point = (d: number, parameter: number) => readonly [number, number];
const huber: Point = (d, delta) =>
  Math.abs(d) <= delta ? [d * d * 0.5, d] : [delta * (Math.abs(d) - delta / 2), Math.sign(d) * delta];
const l1: Point = (d) => [Math.abs(d), Math.sign(d)];
const smoothL1: Point = (d, beta) =>
  Math.abs(d) < beta ? [(d * d * 0.5) / beta, d / beta] : [Math.abs(d) - beta / 2, Math.sign(d)];

const losses: readonly { name: string; option?: string; parameters: readonly number[]; point: Point }[] = [
  { name: 'l1', parameters: [nan], point: l1 },
  { name: 'mse', parameters: [nan], point: (d) => [d * d, 2 * d] },
  { name: 'huber', option: 'delta', parameters: [0.5, 1, inf], point: huber },
  { name: 'smoothL1', option: 'beta', parameters: [0, 0.5, 1], point: smoothL1 },
];

const residuals = [0, -0, 0.5, -0.5, 1, -1, 2, -2, inf, -inf, nan];
const LENGTHS = [1, 2, 3, 4, 5, 8, 9, 19];

const isSame = (a: number, b: number) => a === b || (Number.isNaN(a) && Number.isNaN(b));

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;

  it.each(losses)('$name', ({ name, option, parameters, point }) => {
    const bad: string[] = [];
    const call = F[name];
    for (const parameter of parameters) {
      const own = option === undefined ? {} : { [option]: parameter };
      for (const n of LENGTHS) {
        for (const d of residuals) {
          for (let at = 0; at < n; at++) {
            const all = Array.from({ length: n }, (_, i) => (i === at ? d : (0.25 * (i % 7)) / 2 + 0.125));
            const t = floats(
              dtype,
              all.map((_, i) => (i % 3) - 1),
            );
            const x = floats(
              dtype,
              all.map((e, i) => t[i] + e),
            );
            const points = all.map((e) => point(e, parameter));
            const sum = points.reduce((total, [cost]) => total + cost, 0);
            const check = (what: string, got: ArrayLike<number>, wanted: ArrayLike<number>) => {
              const i = Array.from(wanted).findIndex((value, k) => !isSame(got[k], value));
              if (i < 0 && got.length === wanted.length) return;
              bad.push(`${parameter}: ${d} at ${at} of ${n}, ${what}: ${got[i]} at ${i}, not ${wanted[i]}`);
            };
            const costs = points.map(([cost]) => cost);
            // by a half: twice the greatest number would be as infinite as what it stands for
            const slopes = points.map(([, slope]) => 0.5 * slope);
            const back = slopes.map((slope) => -slope);
            const options = { ...own, reduction: 'sum', gradOutput: 0.5 };
            check('value', [call(x, t, { ...own, reduction: 'sum' })], [sum]);
            check('gradient', call.grad(x, t, options).data, slopes);
            const both = call.valueAndGrad(x, t, options);
            check('value with gradient', [both.value], [sum]);
            check('gradient with value', both.grad.data, slopes);
            const one = { ...own, reduction: 'none', gradOutput: floats(dtype, Array(n).fill(0.5)) };
            const each = call.valueAndGrad(x, t, one);
            check('values', each.value.data, costs);
            check('gradients', each.grad.data, slopes);
            for (const more of [{}, { sampleWeight: floats(dtype, Array(n).fill(1)) }]) {
              const two = call.valueAndGrad(x, t, { ...options, ...more, wrt: ['input', 'target'] });
              check('value of two', [two.value], [sum]);
              check('gradient of two', two.grad.input.data, slopes);
              check('gradient of the target', two.grad.target.data, back);
            }
          }
        }
      }
    }
    expect(bad.slice(0, 5)).toEqual([]);
  });

  it('a residual whose sum with δ is infinite, though neither is', () => {
    const large = dtype === 'f32' ? 2 ** 127 : MAX_VALUE / 2;
    for (const n of LENGTHS) {
      for (const sign of [1, -1]) {
        const x = floats(dtype, Array(n).fill(sign * 1.75 * large));
        const t = floats(dtype, Array(n).fill(0));
        const slopes = floats(dtype, Array(n).fill(sign * large));
        expect(F.huber.grad(x, t, { delta: large, reduction: 'sum' }).data).toEqual(slopes);
        const { grad } = F.huber.valueAndGrad(x, t, { delta: large, reduction: 'sum' });
        expect(grad.data).toEqual(slopes);
      }
    }
  });
});
