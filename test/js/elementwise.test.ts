import { describe, expect, test } from 'vitest';
import { FLAGS } from '../../src/abi.ts';
import { KernelCall } from '../../src/call.ts';
import { jsKernels } from '../../src/js/kernels.ts';
import { registry } from '../../src/losses/registry.ts';
import { shownOf } from '../../src/options/interval.ts';
import { domainsOf, isUnbounded, notable, operandsOf } from '../intervals.ts';
import type { Inputs, Options } from '../reference/index.ts';
import { separateRows } from '../rows/index.ts';
import type { Row } from '../rows/row.ts';
import { agree } from './agree.ts';
import { normals, uniforms } from './random.ts';
import { arrayOf, give, run, tensor } from './run.ts';

const dtypes = ['f32', 'f64'] as const;
const losses = separateRows.filter((row) => registry[row.loss].family.name === 'elementwise');

/** Inputs in a loss's domain, some of them at its edges. */
function inputOf({ loss, ...row }: Row, options: Options, at: 0 | 1): (i: number) => number {
  const interval = domainsOf(loss, options)[at];
  if (isUnbounded(interval)) return normals(1 + at, shownOf(interval)[1] / 2);
  const edges = notable(interval).filter((x) => Math.abs(x) < 1e3);
  const draw = at === 0 ? row.input : row.target;
  return uniforms(1 + at, (u, i) =>
    i % (at === 0 ? 9 : 3) === 0 ? edges[Math.floor(u * edges.length)] : draw(() => u),
  );
}

/** What a row's variants say of options that are values, each once. */
function optionsOf({ loss, variants }: Row): Options[] {
  const arrays = ['reduction', ...operandsOf(loss).map(({ name }) => name)];
  const own = variants
    .map(({ options = {} }) => options)
    .filter((options) => !arrays.some((name) => name in options));
  const texts = own.map((options) => JSON.stringify(Object.values(options).map(String)));
  return own.filter((_, i) => texts.indexOf(texts[i]) === i);
}

const cases = dtypes.flatMap((dtype) => losses.map((row) => ({ dtype, loss: row.loss, row })));

describe.each(cases)('$loss $dtype', ({ dtype, loss, row }) => {
  const variants = optionsOf(row);
  const inputs = (shape: number[], options: Options = {}): Inputs => ({
    input: tensor(dtype, shape, inputOf(row, options, 0)),
    target: tensor(dtype, shape, inputOf(row, options, 1)),
  });

  test.each([0, 1, 5, 1023, 1024, 1025, 3000])('%i elements as the reference', (n) => {
    for (const options of variants) {
      for (const reduction of ['mean', 'sum', 'none'] as const) {
        agree(loss, dtype, inputs([n], options), { ...options, reduction });
      }
    }
  });

  test('weights, broadcast and not', () => {
    const shape = [3, 40, 11];
    const weight = uniforms(3);
    const factors = [...operandsOf(loss).map(({ name }) => name), ...(row.third ? ['third'] : [])];
    for (const options of variants) {
      for (const from of [[3, 40, 11], [11], [40, 1], [3, 1, 1], [1], []]) {
        for (const name of factors) {
          // a third input of an axis less lacks the last
          if (name === 'third' && from.length === shape.length - 1) continue;
          agree(loss, dtype, inputs(shape, options), { ...options, [name]: tensor(dtype, from, weight) });
        }
      }
    }
  });

  test('sample weights; elements of weight 0 are not read', () => {
    const shape = [1500];
    for (const options of variants) {
      for (const reduction of ['mean', 'none'] as const) {
        const read = inputs(shape, options);
        const sampleWeight = tensor(
          dtype,
          shape,
          uniforms(3, (u, i) => (i % 5 === 0 ? 0 : u)),
        );
        agree(loss, dtype, read, { ...options, reduction, sampleWeight });
        const spoilt = (x: Inputs['input']) =>
          tensor(dtype, shape, (i) => (i % 5 === 0 ? Number.NaN : x.data[i]));
        const hidden = { input: spoilt(read.input), target: spoilt(read.target) };
        const all = { gradTarget: true };
        expect(run(loss, dtype, hidden, { ...options, reduction, sampleWeight }, all)).toEqual(
          run(loss, dtype, read, { ...options, reduction, sampleWeight }, all),
        );
      }
    }
  });

  test('upstream gradients', () => {
    for (const options of variants) {
      agree(loss, dtype, inputs([700], options), { ...options, gradOutput: -2.5 });
      const gradOutput = tensor(dtype, [700], normals(5));
      agree(loss, dtype, inputs([700], options), { ...options, reduction: 'none', gradOutput });
    }
  });

  test('in place', () => {
    for (const options of variants) {
      for (const gradTarget of [false, true]) {
        const apart = run(loss, dtype, inputs([1300], options), options, { gradTarget });
        for (const [a, b] of [
          ['input', 'target'],
          ['target', 'input'],
        ] as const) {
          const own = inputs([1300], options);
          const at = (name: 'input' | 'target') => own[name].data as Float32Array;
          const got = run(loss, dtype, own, options, { grad: at(a), gradTarget: gradTarget && at(b) });
          expect(got).toEqual(apart);
        }
      }
    }
  });

  test('mean is the sum divided, bitwise', () => {
    const all = inputs([3001]);
    const sum = run(loss, dtype, all, { reduction: 'sum' }).value as number;
    expect(run(loss, dtype, all).value).toBe(sum / 3001);
  });

  test('NaN stays NaN', () => {
    const one = (x: number, t: number): Inputs => ({
      input: tensor(dtype, [1], () => x),
      target: tensor(dtype, [1], () => t),
    });
    for (const options of variants) {
      for (const pair of [one(Number.NaN, 1), one(Number.NaN, 0), one(0.5, Number.NaN)]) {
        expect(run(loss, dtype, pair, options).value).toBeNaN();
      }
    }
  });
});

describe.each(dtypes)('%s', (dtype) => {
  const one = (x: number, t: number): Inputs => ({
    input: tensor(dtype, [1], () => x),
    target: tensor(dtype, [1], () => t),
  });

  test('bceWithLogits(x, 1) = bceWithLogits(−x, 0) bitwise', () => {
    const x = tensor(dtype, [2000], normals(7, 30));
    const minus = tensor(dtype, [2000], (i) => -x.data[i]);
    const all = (t: number) => tensor(dtype, [2000], () => t);
    const yes = run('bceWithLogits', dtype, { input: x, target: all(1) });
    const no = run('bceWithLogits', dtype, { input: minus, target: all(0) });
    expect(no.value).toBe(yes.value);
    expect(no.grad).toEqual(yes.grad!.map((g) => -g));
  });

  test('bceWithLogits keeps both tails and its limits', () => {
    const bound = { f32: 4e-6, f64: 1e-13 }[dtype];
    for (const x of [-69, -30, -17, 17, 30, 69]) {
      const tail = Math.exp(-Math.abs(x));
      const { value, grad } = run('bceWithLogits', dtype, one(x, x > 0 ? 1 : 0));
      expect(Math.abs((value as number) / Math.log1p(tail) - 1)).toBeLessThan(bound);
      expect(Math.abs(Math.abs(grad![0]) / (tail / (1 + tail)) - 1)).toBeLessThan(bound);
    }
    const infinity = Number.POSITIVE_INFINITY;
    expect(run('bceWithLogits', dtype, one(infinity, 1))).toMatchObject({ value: 0 });
    expect(run('bceWithLogits', dtype, one(-infinity, 0))).toMatchObject({ value: 0 });
    expect(run('bceWithLogits', dtype, one(infinity, 0)).value).toBe(infinity);
  });

  test('the mean of bceWithLogits over undecided and over confident samples', () => {
    const n = 5000;
    const ones = tensor(dtype, [n], () => 1);
    const none = run('bceWithLogits', dtype, { input: tensor(dtype, [n], () => 0), target: ones });
    expect(Math.abs((none.value as number) / Math.LN2 - 1)).toBeLessThan(1e-13);
    // on both sides of e = 2⁻²⁵ and far beyond
    for (const low of [10, 16, 20, 60]) {
      const input = tensor(
        dtype,
        [n],
        uniforms(3, (u) => low + 3 * u),
      );
      let sum = 0;
      for (let i = 0; i < n; i++) sum += Math.log1p(Math.exp(-input.data[i]));
      const got = run('bceWithLogits', dtype, { input, target: ones }).value as number;
      expect(Math.abs((got * n) / sum - 1)).toBeLessThan({ f32: 1e-7, f64: 1e-13 }[dtype]);
    }
  });

  test('bce outside [0, 1] is NaN unless it is clipped', () => {
    for (const options of [{}, { eps: 0.1, epsMode: 'add' }] as const) {
      for (const p of [-0.01, 1.01, -Infinity, Infinity]) {
        const got = run('bce', dtype, one(p, 1), options, { gradTarget: true });
        expect([got.value, got.grad![0], got.gradTarget![0]]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
      }
    }
    const clipped = run('bce', dtype, one(-1, 1), { eps: 0.125 });
    expect(clipped.grad![0]).toBe(0);
    expect(clipped.value).toBeCloseTo(-Math.log(0.125), 6);
  });

  test('huber and smoothL1 at infinity', () => {
    for (const loss of ['l1', 'huber', 'smoothL1'] as const) {
      const got = run(loss, dtype, one(Number.NEGATIVE_INFINITY, 0));
      expect(got.value).toBe(Number.POSITIVE_INFINITY);
      expect(got.grad![0]).toBe(-1);
    }
  });

  test('huber with infinite delta and extreme differences', () => {
    const all = { delta: Number.POSITIVE_INFINITY };
    expect(run('huber', dtype, one(3, 0), all)).toMatchObject({ value: 4.5 });
    expect(run('huber', dtype, one(3, 0), all).grad![0]).toBe(3);
    const least = dtype === 'f32' ? 2 ** -149 : 2 ** -1074;
    const most = dtype === 'f32' ? 2 ** 127 : 2 ** 1023;
    for (const loss of ['huber', 'smoothL1'] as const) {
      expect(run(loss, dtype, one(-least, 0)).grad![0]).toBe(-least);
      expect(run(loss, dtype, one(most, 0)).grad![0]).toBe(1);
      expect(run(loss, dtype, one(most, 0)).value).toBe(most);
    }
  });

  test('l1 at the smallest difference', () => {
    const least = dtype === 'f32' ? 2 ** -149 : 2 ** -1074;
    expect(run('l1', dtype, one(-least, 0)).grad![0]).toBe(-1);
    expect(run('l1', dtype, one(0, 0)).grad![0]).toBe(0);
  });

  test('an infinite sum is infinite, a constant one exact', () => {
    const n = 5000;
    const zeros = tensor(dtype, [n], () => 0);
    const some = tensor(dtype, [n], (i) => (i === 1700 ? Number.POSITIVE_INFINITY : 1));
    expect(run('l1', dtype, { input: some, target: zeros }).value).toBe(Number.POSITIVE_INFINITY);
    const tenth = tensor(dtype, [n], () => 0.1);
    const mean = run('l1', dtype, { input: tenth, target: zeros }).value as number;
    expect(Math.abs(mean / tenth.data[0] - 1)).toBeLessThan(1e-13);
  });

  test('sigmoid and its backward', () => {
    const x = arrayOf[dtype].of(-100, -1, 0, 1, 40, Number.NaN);
    const call = Object.assign(new KernelCall(), { inner: 6, flags: FLAGS.VALUE });
    const value = new arrayOf[dtype](6);
    give(call, { in0: x, value });
    jsKernels[dtype].sigmoid_any(call);
    const wanted = x.map((v) => 1 / (1 + Math.exp(-v)));
    expect(value).toEqual(wanted);
    const up = arrayOf[dtype].of(1, 2, 3, 4, 5, 6);
    const back = Object.assign(new KernelCall(), { inner: 6 });
    give(back, { in0: wanted, gradOutput: up, grad0: up }); // in place over the upstream gradient
    jsKernels[dtype].sigmoid_any(back);
    expect(up[2]).toBe(0.75);
  });
});
