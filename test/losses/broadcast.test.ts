// Gradients of an input that was broadcast: the sum of the gradients of all that it was read for, whatever its shape, as exact as
// any sum here; the same bits wherever operands and results are.
import { describe, expect, it } from 'vitest';
import { code } from '../faults/caught.ts';
import { arrayOf, loaded, matrix, roundoff } from '../instances.ts';
import { integer, random } from '../random.ts';
import { sum } from '../reference/scalar.ts';
import { broadcastIndex } from '../reference/tensor.ts';
import { sizeOf } from './inputs.ts';

type Any = any;
const { NaN: nan } = Number;

/** Of the input: around vectors, groups and blocks of the sum, few and many sums, each axis in turn. */
const shapes = [
  [1],
  [7],
  [1023],
  [5000],
  [3, 1],
  [1, 9],
  [37, 41],
  [2, 1500],
  [1500, 2],
  [70, 5, 9],
  [3, 700, 2],
  [2, 3, 4, 5],
];

/** Every choice of axes to be summed, and with the last summed also without it. */
function broadcasts(shape: readonly number[]): number[][] {
  const all = Array.from({ length: 2 ** shape.length }, (_, bits) =>
    shape.map((d, k) => ((bits >> k) & 1 ? 1 : d)),
  );
  return [[], ...all, ...all.filter((s) => s.length > 1 && s.at(-1) === 1).map((s) => s.slice(0, -1))];
}

/** As NumPy sees it: one of an axis less lacks the last. */
const seen = (small: readonly number[], rank: number): readonly number[] =>
  small.length > 0 && small.length === rank - 1 ? [...small, 1] : small;

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const array = arrayOf[dtype] as Float32ArrayConstructor;
  const fill = (shape: readonly number[], draw: (i: number) => number): Any => ({
    data: array.from({ length: sizeOf(shape) }, (_, i) => draw(i)),
    shape,
  });

  it.each(shapes.map((shape) => [shape.join(), shape] as const))('[%s]', (_, shape) => {
    const r = random(3);
    const x = fill(shape, () => 4 * r() - 2);
    const t = fill(shape, () => 4 * r() - 2);
    for (const small of broadcasts(shape)) {
      const variance = fill(small, () => 0.5 + r());
      const place = broadcastIndex(seen(small, shape.length), shape);
      const full = fill(shape, (i) => variance.data[place(i)]);
      for (const options of [{ reduction: 'sum' }, { reduction: 'mean', weight: 0.75 }]) {
        const each = F.gaussianNll.grad(x, t, full, { ...options, wrt: 'var' }).data;
        const terms: number[][] = Array.from(variance.data, () => []);
        each.forEach((g: number, i: number) => {
          terms[place(i)].push(g);
        });
        const { value, grad } = F.gaussianNll.valueAndGrad(x, t, variance, {
          ...options,
          wrt: ['var', 'input'],
        });
        expect(grad.var.shape).toEqual(small);
        expect(value).toBe(F.gaussianNll(x, t, full, options));
        expect(grad.input.data).toEqual(F.gaussianNll.grad(x, t, full, options).data);
        terms.forEach((list, j) => {
          const bound = (dtype === 'f32' ? 4 : 16) * roundoff[dtype] * sum(list.map(Math.abs));
          expect(Math.abs(grad.var.data[j] - sum(list)), `[${small}] ${j}`).toBeLessThanOrEqual(bound);
        });
        F.scope(() => {
          const tensors = [x, t, variance].map(({ data, shape: dims }) => F.tensor(data, dims));
          const out = fill(small, () => nan);
          F.gaussianNll.grad(...tensors, { ...options, wrt: 'var', out });
          expect(out.data).toEqual(grad.var.data);
          const step = F.gaussianNll.prepare(...tensors, { ...options, compute: 'grad', wrt: ['var'] });
          // a step's growth must not matter to the next run
          for (let run = 0; run < 2; run++) {
            expect(step().var.data).toEqual(grad.var.data);
            F.zeros([1000]);
          }
        });
      }
    }
  });

  it('sums that are finite are, where f32 overflows on the way', () => {
    const n = 2048;
    const x = array.from({ length: n }, () => 3e16);
    const zero = new array(n);
    const variance = array.of(1);
    // −4.5e32 each, times an upstream number of either sign
    const gradOutput = array.from({ length: n }, (_, i) => (i % 32 < 16 ? 3e5 : -3e5));
    const grad = F.gaussianNll.grad(x, zero, variance, { reduction: 'none', gradOutput, wrt: 'var' });
    expect(grad.data[0]).toBe(0);
  });

  it('NaN reaches the sum that it is in, and no other; what has no sample weight is in none', () => {
    const x = fill([2, 3], () => 1);
    const t = fill([2, 3], (i) => (i === 4 ? nan : 0));
    const variance = fill([2], () => 1);
    const sampleWeight = fill([2, 3], (i) => (i === 4 ? 0 : 1));
    const sums = (options: object) => [
      ...F.gaussianNll.grad(x, t, variance, { reduction: 'sum', wrt: 'var', ...options }).data,
    ];
    expect(sums({})).toEqual([0, nan]);
    expect(sums({ sampleWeight })).toEqual([0, 0]);
  });

  it('nothing is summed to 0', () => {
    const none = fill([0, 3], () => 0);
    for (const small of [[1, 3], [1, 1], [0], []]) {
      const options = { wrt: 'var', allIgnored: 'zero' };
      const grad = F.gaussianNll.grad(
        none,
        none,
        fill(small, () => 1),
        options,
      );
      expect([...grad.data]).toEqual(new Array(sizeOf(small)).fill(0));
    }
  });

  it('a number is a variance without a gradient; other shapes are refused', () => {
    const x = fill([2, 3], (i) => i);
    const t = fill([2, 3], () => 1);
    expect(F.gaussianNll(x, t, 0.5)).toBe(
      F.gaussianNll(
        x,
        t,
        fill([2, 3], () => 0.5),
      ),
    );
    expect(code(() => F.gaussianNll.grad(x, t, 0.5, { wrt: 'var' }))).toBe('ERR_OPTION');
    expect(code(() => F.gaussianNll.grad(x, t, 0.5, { wrt: ['input', 'var'] }))).toBe('ERR_OPTION');
    for (const small of [[3], [3, 2], [2, 3, 1], [1, 2, 3], [2, 2]])
      expect(
        code(() =>
          F.gaussianNll(
            x,
            t,
            fill(small, () => 1),
          ),
        ),
      ).toBe('ERR_SHAPE');
    const variance = fill([2], () => 1);
    const wrong = { wrt: 'var', out: fill([2, 3], () => 0) };
    expect(code(() => F.gaussianNll.grad(x, t, variance, wrong))).toBe('ERR_SHAPE');
    expect(code(() => F.gaussianNll.grad(x, t, variance, { wrt: 'var', out: variance }))).toBe('ERR_OPTION');
    expect(code(() => F.marginRanking(x, t, 1))).toBe('ERR_TYPE');
  });
});

it.each(matrix)('random calls, in turn with others: $backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const array = arrayOf[dtype] as Float32ArrayConstructor;
  const r = random(9);
  for (let round = 0; round < 200; round++) {
    const [n, m] = [1 + integer(r, 40), 1 + integer(r, 40)];
    const x = { data: array.from({ length: n * m }, () => r()), shape: [n, m] };
    const small = r() < 0.5 ? [n, 1] : [1, m];
    const variance = { data: array.from({ length: small[0] * small[1] }, () => 0.5 + r()), shape: small };
    const both = F.gaussianNll.grad(x, x, variance, { wrt: ['var', 'target'], reduction: 'sum' });
    // the inputs agree: 1/(2v) for each element of a sum
    const count = (n * m) / variance.data.length;
    both.var.data.forEach((g: number, j: number) => {
      const want = count / (2 * variance.data[j]);
      expect(Math.abs(g - want)).toBeLessThanOrEqual(8 * roundoff[dtype] * want);
    });
    expect(both.target.data.every((g: number) => g === 0)).toBe(true);
    F.mse.grad(x, x);
  }
});
