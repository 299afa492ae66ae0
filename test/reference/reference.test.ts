import { describe, expect, it } from 'vitest';
import { registry } from '../../src/losses/registry.ts';
import { type Case, readCases, tensorOf } from '../golden/case.ts';
import { divergenceOf } from '../golden/divergences.ts';
import { evaluateMagnitude, evaluateReference } from '../golden/evaluate.ts';
import { isPlan, mapCase } from '../golden/map.ts';
import type { Plan } from '../golden/plan.ts';
import { type Options, reference, referenceLosses, type Tensor } from './index.ts';

const fixtures = new URL('../fixtures/', import.meta.url);

/** How far the reference is from a recorded tensor, relative to the magnitudes behind its numbers. */
function worst(
  got: number[],
  magnitudes: number[],
  expected: number[],
  decided: Record<number, number> = {},
): number {
  expect(got.length).toBe(expected.length);
  let most = 0;
  got.forEach((g, i) => {
    const want = decided[i] ?? expected[i];
    if (g === want || (Number.isNaN(g) && Number.isNaN(want))) return;
    // PyTorch's own f64 keeps about 15 digits of 1, so it knows less about a small tail than the reference.
    const error = Math.max(0, Math.abs(g - want) - 1e-15) / Math.abs(magnitudes[i]);
    most = Math.max(most, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
  });
  return most;
}

function errorOf(c: Case, plan: Plan): number {
  const got = evaluateReference(plan.call);
  const magnitudes = evaluateMagnitude(plan.call);
  const divergence = divergenceOf(c);
  const errors = Object.entries(plan.grads).map(([name, { from, convert, bound = convert }]) =>
    Math.max(
      0,
      worst(
        convert(got.grads[from]!),
        bound(magnitudes.grads[from]!),
        tensorOf(c.expected.grads[name]).data,
        divergence?.grads?.[name],
      ) - (plan.precision?.grads?.rtol ?? 0),
    ),
  );
  const value = tensorOf(c.expected.value!).data;
  return Math.max(
    worst(plan.value(got.value), plan.value(magnitudes.value), value, divergence?.value),
    ...errors,
  );
}

describe.each(['torch', 'sklearn'])('against %s', (file) => {
  const cases = readCases(new URL(`${file}.json`, fixtures));

  it.each([...new Set(cases.map((c) => c.loss))])('%s agrees to 1e-12', (loss) => {
    const mine = cases.filter((c) => c.loss === loss);
    for (const c of mine) {
      const plan = mapCase(c);
      if (!isPlan(plan)) throw new Error(`${c.id}: ${plan.notApplicable}`);
      expect(errorOf(c, plan), c.id).toBeLessThanOrEqual(1e-12);
    }
  });
});

const row = (...data: number[]): Tensor => ({ data, shape: [data.length] });
const rows = (...data: number[][]): Tensor => ({ data: data.flat(), shape: [data.length, data[0].length] });
const run = (loss: string, input: Tensor, target: Tensor, options: Options = {}) => {
  const { value, grads } = reference(loss, { input, target }, options);
  return {
    value: typeof value === 'number' ? value : [...value.data],
    input: [...grads.input.data],
    target: grads.target && [...grads.target.data],
  };
};

describe('what PyTorch does not say', () => {
  it('knows every loss of this version', () => {
    expect([...referenceLosses].sort()).toEqual(Object.keys(registry).sort());
  });

  it('never reads an ignored row or one of sample weight 0', () => {
    const x = rows([NaN, NaN], [1, 1], [NaN, Infinity]);
    const got = run('crossEntropy', x, row(-100, 0, 1), { sampleWeight: row(1, 2, 0) });
    expect(got.value).toBeCloseTo(Math.LN2, 15);
    expect(got.input).toEqual([0, 0, -0.5, 0.5, 0, 0]);
    expect(run('mse', row(NaN, 3), row(1, 1), { sampleWeight: row(0, 0.25) })).toEqual({
      value: 4,
      input: [0, 4],
      target: [0, -4],
    });
  });

  it('makes the mean of nothing NaN, or 0 on request, with a zero gradient', () => {
    for (const loss of ['nll', 'crossEntropy']) {
      const nan = run(loss, rows([-1, -2]), row(-100));
      expect(nan).toMatchObject({ value: NaN, input: [0, 0] });
      const zero = run(loss, rows([-1, -2]), row(7), { ignoreIndex: 7, allIgnored: 'zero' });
      expect(zero).toMatchObject({ value: 0, input: [0, 0] });
    }
  });

  it('refuses a label outside the classes', () => {
    expect(() => run('nll', rows([-1, -2]), row(2))).toThrow(/label 2 of row 0/);
  });

  it('clips or adds eps', () => {
    const options: Options = { eps: 0.25, reduction: 'none' };
    expect(run('bce', row(0, 0.5, 1), row(1, 1, 0), options)).toMatchObject({
      value: [Math.log(4), Math.LN2, Math.log(4)],
      input: [0, -2, 0],
    });
    expect(run('bce', row(0, 1), row(1, 0), { ...options, epsMode: 'add' })).toMatchObject({
      value: [Math.log(4), Math.log(4)],
      input: [-4, 4],
    });
    expect(run('crossEntropy', rows([0, 1]), row(0), { ...options, fromLogits: false })).toMatchObject({
      value: [Math.log(4)],
      input: [0, 0],
    });
    expect(
      run('crossEntropy', rows([0, 1]), row(0), { ...options, fromLogits: false, epsMode: 'add' }),
    ).toMatchObject({ value: [Math.log(4)], input: [-4, 0] });
  });

  it('makes BCE outside [0, 1] NaN in that element alone', () => {
    const got = run('bce', row(-0.1, 0.5, NaN), row(1, 1, 1), { reduction: 'none' });
    expect(got).toMatchObject({ value: [NaN, Math.LN2, NaN], input: [NaN, -2, NaN] });
  });

  it('takes 0·inf as 0', () => {
    const masked = run('crossEntropy', rows([-Infinity, 0, 0]), rows([0, 1, 0]), { reduction: 'none' });
    expect(masked).toMatchObject({ value: [Math.LN2], input: [0, -0.5, 0.5] });
    expect(run('bceWithLogits', row(Infinity, -Infinity), row(1, 0), { reduction: 'none' }).value).toEqual([
      0, 0,
    ]);
    expect(run('klDiv', row(-Infinity), row(0), { reduction: 'none' }).value).toEqual([0]);
    expect(run('crossEntropy', rows([-Infinity, -Infinity]), rows([0, 1])).value).toBeNaN();
    expect(run('crossEntropy', rows([Infinity, 0]), row(0)).value).toBeNaN();
  });

  it('makes the mean NaN where the weights sum to 0', () => {
    const got = run('nll', rows([-1, -2]), row(0), { weight: row(0, 1) });
    expect(got.value).toBeNaN();
    expect(got.input[0]).toBeNaN();
  });
});
