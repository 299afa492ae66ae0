// Residuals at the kinks, infinite, and none at all, at every place of a short array, by every way through the elementwise kernels:
// the value alone, the gradient alone, both, one by one, of the target, with weights.
import { describe, expect, it } from 'vitest';
import { contains } from '../../src/options/interval.ts';
import { floats, loaded, matrix } from '../instances.ts';
import { descriptorOf, domainsOf, isUnbounded } from '../intervals.ts';
import { allRows } from '../rows/index.ts';
import type { LossName } from '../rows/row.ts';

type Any = any;
const { POSITIVE_INFINITY: inf, NaN: nan, MAX_VALUE } = Number;

/** Those of two inputs of any numbers. */
const losses = allRows.filter(
  ({ loss, point }) =>
    point !== undefined && domainsOf(loss).length === 2 && domainsOf(loss).every(isUnbounded),
);

/** Its own number, if it has one, at its ends and at the residuals below. */
function optionsOf(loss: LossName): Record<string, number>[] {
  const numbers = Object.entries(descriptorOf(loss).options).flatMap(([name, { interval, operand }]) => {
    const of = interval ?? (name === 'weight' ? undefined : operand?.interval);
    if (of === undefined) return [];
    const values = [of.low, 0.5, 1, of.high].filter((x) => contains(of, x));
    return [...new Set(values)].map((value) => ({ [name]: value }));
  });
  return numbers.length > 0 ? numbers : [{}];
}

const residuals = [0, -0, 0.5, -0.5, 1, -1, 2, -2, inf, -inf, nan];
const LENGTHS = [1, 2, 3, 4, 5, 8, 9, 19];

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const bound = dtype === 'f32' ? 1e-6 : 1e-13;
  // exactly, where it is no finite number or 0
  const isSame = (a: number, b: number) =>
    Object.is(a, b) || a === b || Math.abs(a - b) <= bound * Math.abs(b);

  it.each(losses)('$loss', ({ loss, point }) => {
    const bad: string[] = [];
    const call = F[loss];
    for (const own of optionsOf(loss)) {
      // a quantile is an element's own number
      const [extra] = Object.values(own);
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
            const points = all.map((_, i) => point!(x[i], t[i], { ...own, dtype }, extra));
            const costs = points.map(({ value }) => value);
            const sum = costs.reduce((total, cost) => total + cost, 0);
            const check = (what: string, got: ArrayLike<number>, wanted: ArrayLike<number>) => {
              const i = Array.from(wanted).findIndex((value, k) => !isSame(got[k], value));
              if (i < 0 && got.length === wanted.length) return;
              const given = JSON.stringify(Object.entries(own));
              bad.push(`${given}: ${d} at ${at} of ${n}, ${what}: ${got[i]} at ${i}, not ${wanted[i]}`);
            };
            // by a half: twice the greatest number would be as infinite as what it stands for
            const slopes = points.map(({ dInput }) => 0.5 * dInput);
            const back = points.map(({ dTarget }) => 0.5 * dTarget);
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

  const ofDelta = losses.filter(({ loss }) => 'delta' in descriptorOf(loss).options);

  it.each(ofDelta)('$loss: a residual whose sum with δ is infinite, though neither is', ({ loss, point }) => {
    const delta = dtype === 'f32' ? 2 ** 127 : MAX_VALUE / 2;
    for (const n of LENGTHS) {
      for (const sign of [1, -1]) {
        const x = floats(dtype, Array(n).fill(sign * 1.75 * delta));
        const t = floats(dtype, Array(n).fill(0));
        const { dInput } = point!(x[0], 0, { delta, dtype }, Number.NaN);
        const options = { delta, reduction: 'sum' };
        for (const { data } of [F[loss].grad(x, t, options), F[loss].valueAndGrad(x, t, options).grad])
          expect(Array.from(data, (slope: number) => isSame(slope, dInput))).toEqual(Array(n).fill(true));
      }
    }
  });
});
