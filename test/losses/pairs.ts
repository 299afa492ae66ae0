// What losses of all pairs are held to, each by a test of its own: rows are no terms for themselves, so that the tests of all losses do
// not fit.
import { expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { arrayOf, loaded, matrix, relaxed } from '../instances.ts';
import { random } from '../random.ts';
import { reference } from '../reference/index.ts';
import { magnitude } from '../reference/magnitude.ts';
import type { Row, Variant } from '../rows/row.ts';
import { expectSame } from './bits.ts';
import { type Inputs, inputsOf } from './inputs.ts';

type Any = any;

/** All that has a gradient in a call. */
export const wrtOf = ({ loss }: Row, { options }: Inputs): string[] => [
  'input',
  ...(loss === 'infoNce' ? ['target'] : []),
  ...(options.logitScale !== undefined && typeof options.logitScale === 'object' ? ['logitScale'] : []),
];

const REDUCTIONS = ['mean', 'sum', 'none'] as const;

/** Upstream gradients, different ones where there are many. */
function upstreamOf(
  reduction: (typeof REDUCTIONS)[number],
  rows: readonly number[],
  dtype: 'f32' | 'f64',
): Any {
  if (reduction !== 'none') return -0.5;
  return {
    data: (arrayOf[dtype] as Float32ArrayConstructor).from(
      { length: rows[0] },
      (_, i) => 1 - 0.125 * (i % 16),
    ),
    shape: rows,
  };
}

function within(what: string, got: Any, expected: Any, size: Any, bound: number): void {
  const list = (v: Any): number[] => (typeof v === 'number' ? [v] : [...v.data]);
  const [g, e, s] = [list(got), list(expected), list(size)];
  expect(g.length, what).toBe(e.length);
  // a gradient is a sum, and as far off as the greatest of what its row adds up
  const most = Math.max(...s);
  e.forEach((v, i) => {
    if (Number.isNaN(g[i]) && Number.isNaN(v)) return;
    const allowed = bound * Math.max(s[i], 1e-3 * most) + 1e-37;
    if (!(Math.abs(g[i] - v) <= allowed))
      expect.fail(`${what}[${i}]: ${g[i]} instead of ${v}, which may be ${allowed} off`);
  });
}

/** Value and gradients of each variant against the definition, within what is promised of their sizes. */
export function itAgreesWithTheReference(row: Row): void {
  it.each(matrix)('agrees with the reference: $backend $dtype', ({ backend, dtype }) => {
    const bound = dtype === 'f32' ? 4e-6 : 1e-13;
    for (const variant of row.variants)
      for (const reduction of REDUCTIONS) {
        const inputs = inputsOf(row, variant, dtype);
        const { input, target, options, rows } = inputs;
        const wrt = wrtOf(row, inputs);
        const gradOutput = upstreamOf(reduction, rows, dtype);
        const all: Any = { ...options, reduction, gradOutput };
        const expected: Any = reference(row.loss, { input, target }, all);
        const size: Any = magnitude(row.loss, { input, target }, { ...all, dtype });
        const { value, grad } = (loaded[backend] as Any)[row.loss].valueAndGrad(input, target, {
          ...all,
          wrt,
        });
        const what = `${variant.title}, ${reduction}`;
        within(`${what}: value`, value, expected.value, size.value, bound);
        for (const name of wrt)
          within(`${what}: ${name}`, grad[name], expected.grads[name], size.grads[name], bound);
      }
  });
}

/** The gradients of the reference, which the kernels are held to, against its own values. */
export function itsReferenceHasGradients(row: Row): void {
  it('the gradients of the reference are those of its value', () => {
    for (const variant of row.variants.filter(({ shape = [1, 1] }: Variant) => shape[0] * shape[1] < 60)) {
      const inputs = inputsOf(row, variant, 'f64');
      const { input, target, options } = inputs;
      const lossOf = (): number => reference(row.loss, { input, target }, options as Any).value as number;
      const { grads }: Any = reference(row.loss, { input, target }, options as Any);
      const sources: Any = { input, target, logitScale: options.logitScale };
      for (const name of wrtOf(row, inputs))
        for (let i = 0; i < sources[name].data.length; i++) {
          const { data } = sources[name];
          const own = data[i];
          const shift = 2 ** -17;
          data[i] = own + shift;
          const above = lossOf();
          data[i] = own - shift;
          const slope = (above - lossOf()) / (2 * shift);
          data[i] = own;
          const near = Math.abs(slope - grads[name].data[i]) <= 1e-6 * (1 + Math.abs(slope));
          if (!near) expect.fail(`${variant.title}: ${name}[${i}] ${grads[name].data[i]}, not ${slope}`);
        }
    }
  });
}

/** Value, grad and valueAndGrad, prepared steps, tensors and results over what was there have the same bits. */
export function itHasTheSameBits(row: Row): void {
  it.each(matrix)('each way to call it has the same bits: $backend $dtype', ({ backend, dtype }) => {
    const F = loaded[backend] as Any;
    for (const variant of row.variants)
      for (const reduction of REDUCTIONS) {
        const inputs = inputsOf(row, variant, dtype);
        const { input, target, options } = inputs;
        const all = { ...options, reduction };
        const wrt = wrtOf(row, inputs);
        const what = `${variant.title}, ${reduction}`;
        const same = (got: Any, wanted: Any, of: string): void => {
          if (typeof wanted === 'number') expect(got, `${what}: ${of}`).toBe(wanted);
          else expectSame(got, wanted, `${what}: ${of}`);
        };
        const { value, grad } = F[row.loss].valueAndGrad(input, target, { ...all, wrt });
        same(F[row.loss](input, target, all), value, 'value alone');
        const alone = F[row.loss].grad(input, target, { ...all, wrt });
        for (const name of wrt) {
          same(alone[name], grad[name], `${name}, without the value`);
          same(F[row.loss].grad(input, target, { ...all, wrt: name }), grad[name], `${name} by itself`);
        }
        const x = F.tensor(input.data.slice(), input.shape);
        const t = F.tensor(target.data.slice(), target.shape);
        const step = F[row.loss].prepare(x, t, { ...all, wrt: 'input', out: { grad: x } });
        same(step(), value, 'value of a step');
        same(x, grad.input, 'gradient over the input');
        step.dispose();
        x.dispose();
        t.dispose();
      }
  });
}

/** Any number of threads has the bits of one. */
export function itIsTheSameInThreads(row: Row): void {
  // they have deterministic math
  it.skipIf(relaxed)('has the same bits for any number of threads', async () => {
    const r = random(8);
    const F = (await load({ threads: 2 })) as Any;
    try {
      for (const dtype of ['f32', 'f64'] as const)
        for (const chunkRows of ['auto', 48]) {
          const variant = { title: 'in threads', shape: [131, 70], options: { chunkRows } };
          const inputs = inputsOf(row, variant, dtype, Math.floor(100 * r()));
          const { input, target, options } = inputs;
          for (const wrt of [['input'], wrtOf(row, inputs)]) {
            const wanted = (loaded.wasm as Any)[row.loss].valueAndGrad(input, target, { ...options, wrt });
            const got = F[row.loss].valueAndGrad(input, target, { ...options, wrt });
            expect(got.value).toBe(wanted.value);
            for (const name of wrt) expectSame(got.grad[name], wanted.grad[name], name);
          }
        }
    } finally {
      F.dispose();
    }
  });
}

/** A row of weight 0 is not there, whatever is in it. */
export function itLeavesOutRowsOfNoWeight(row: Row): void {
  it.each(matrix)('a row of weight 0 is not there: $backend $dtype', ({ backend, dtype }) => {
    const loss = (loaded[backend] as Any)[row.loss];
    const inputs = inputsOf(row, { title: '', shape: [9, 4] }, dtype);
    const out = [2, 8];
    const isLabels = row.loss === 'ntxent';
    const without = ({ data, shape }: Any): Any => {
      const per = data.length / 9;
      return {
        data: data.filter((_: number, i: number) => !out.includes(Math.floor(i / per))),
        shape: [7, ...shape.slice(1)],
      };
    };
    const sampleWeight = (arrayOf[dtype] as Float32ArrayConstructor).from({ length: 9 }, (_, i) =>
      out.includes(i) ? 0 : 1,
    );
    const wrt = wrtOf(row, inputs);
    const chunks = { chunkRows: 4, wrt };
    const wanted = loss.valueAndGrad(without(inputs.input), without(inputs.target), chunks);
    const { input, target }: Any = inputs;
    for (const i of out) {
      input.data.fill(Number.NaN, 4 * i, 4 * i + 4);
      if (!isLabels) target.data.fill(Number.POSITIVE_INFINITY, 4 * i, 4 * i + 4);
    }
    const got = loss.valueAndGrad(input, target, { ...chunks, sampleWeight });
    // rows are added up by where they stand
    expect(Math.abs(got.value / wanted.value - 1)).toBeLessThan(dtype === 'f32' ? 1e-6 : 1e-14);
    for (const name of wrt) {
      expectSame(without(got.grad[name]), wanted.grad[name], name);
      for (const i of out) expect([...got.grad[name].data.slice(4 * i, 4 * i + 4)]).toEqual([0, 0, 0, 0]);
    }
    const each = loss(input, target, { sampleWeight, reduction: 'none', chunkRows: 4 });
    const eachWanted = loss(without(inputs.input), without(inputs.target), {
      reduction: 'none',
      chunkRows: 4,
    });
    expectSame({ data: each.data.filter((_: number, i: number) => !out.includes(i)) }, eachWanted, 'values');
    for (const i of out) expect(each.data[i]).toBe(0);
  });
}
