// docs/coming-from.md: every call of its tables runs and is finite, no loss is missing, and what is called a difference is one.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { comingFromSource, isHere, lossOf, translations } from '../../scripts/generate/comingFrom.ts';
import { load } from '../../src/index.ts';
import { descriptors } from '../../src/losses/registry.ts';

const text = readFileSync(new URL('../../docs/coming-from.md', import.meta.url), 'utf8');
const F = await load();
afterAll(() => F.dispose());

const matrix = (data: readonly number[]) => ({ data: Float64Array.from(data), shape: [2, 3] });
const probabilities = [0.2, 0.5, 0.3, 0.6, 0.1, 0.3];
const inputs = {
  x: matrix([0.5, -1, 2, 0.1, 3, -0.4]),
  t: matrix([1, -1.5, 0, 0.3, 2, 0.2]),
  p: matrix(probabilities),
  probs: matrix([0.1, 0.6, 0.3, 0.2, 0.2, 0.6]),
  logProbs: matrix(probabilities.map(Math.log)),
  y: matrix([0, 1, 1, 0, 1, 0]),
  sign: matrix([-1, 1, 1, -1, 1, -1]),
  rowSign: Float64Array.of(-1, 1),
  logits: matrix([0.5, -1, 2, 0.1, 3, -0.4]),
  labels: Int32Array.of(2, 1),
  groups: Int32Array.of(3, 3),
  frames: 2,
  counts: 2,
  labelLists: { data: Int32Array.of(2, -1, -1, 1, 0, -1), shape: [2, 3] },
  variance: matrix([1, 2, 0.5, 1, 0.25, 4]),
  a: matrix([1, 2, 3, -1, 0.5, 2]),
  b: matrix([1, 1, 3, -2, 0.5, 1]),
  c: matrix([0, 2, -3, 1, 0.5, 1]),
  weights: { data: Float64Array.of(1, 0, -1, 0.5, 2, 1, -1, 0, 0.5), shape: [3, 3] },
  linearBias: Float64Array.of(0.5, -1, 0),
  nearDistance: Float64Array.of(0.5, 2),
  farDistance: Float64Array.of(0.75, 5),
  ones: Float64Array.of(1, 1),
  mask: { data: Uint8Array.of(1, 1, 0, 1, 1, 1), shape: [2, 3] },
  relevances: matrix([2, 1, 0, 0, 3, 1]),
};

const run = (call: string) =>
  new Function('F', ...Object.keys(inputs), `'use strict';return ${call};`)(F, ...Object.values(inputs));

describe.each(Object.keys(translations))('%s', (library) => {
  const rows = translations[library].filter(isHere);

  it.each(rows)('$theirs: $call', ({ theirs, call }) => {
    expect(text).toContain(`| \`${theirs}\` | \`${call}\` |`);
    const result = run(call);
    const numbers: number[] = typeof result === 'number' ? [result] : [...result.data];
    expect(numbers.length).toBeGreaterThan(0);
    for (const value of numbers) expect(Number.isFinite(value), `${value}`).toBe(true);
  });
});

it('the page is generated, and has every loss', () => {
  expect(text).toBe(comingFromSource());
  for (const { name } of descriptors) expect(text).toContain(`| [\`${name}\`](losses.md#`);
});

it('every function of PyTorch that a loss names has a row', () => {
  for (const { name, like } of descriptors) {
    const { torch } = like;
    if (!torch) continue;
    const rows = translations.torch.filter(({ theirs }) => torch.endsWith(`.${theirs}`));
    expect(
      rows.map(({ call }) => lossOf(call)),
      torch,
    ).toEqual([name]);
  }
});

describe('differences', () => {
  const { x, t, p, y } = inputs;
  const w = [1, 2, 0.5, 1, 3, 0];
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const squares = w.map((_, i) => (x.data[i] - t.data[i]) ** 2);
  const weighted = sum(squares.map((v, i) => w[i] * v));

  it("torch's weighted mean of mse is sampleWeight", () => {
    expect(F.mse(x, t, { sampleWeight: matrix(w) })).toBeCloseTo(weighted / sum(w), 12);
    expect(F.mse(x, t, { weight: matrix(w) })).toBeCloseTo(weighted / w.length, 12);
  });

  it("TensorFlow.js's sum over the weights that are not 0", () => {
    const nonZero = w.filter(Boolean).length;
    const options = { sampleWeight: matrix(w), reduction: 'sum', gradOutput: 1 / nonZero } as const;
    const { value, grad } = F.mse.valueAndGrad(x, t, options);
    expect(value / nonZero).toBeCloseTo(weighted / nonZero, 12);
    expect(grad.data[1]).toBeCloseTo((2 * 2 * (x.data[1] - t.data[1])) / nonZero, 12);
  });

  it('a triplet with distances of its own', () => {
    const { nearDistance: near, farDistance: far, ones } = inputs;
    const terms = [...near].map((d, i) => Math.max(0, d - far[i] + 1));
    expect(F.marginRanking(far, near, ones, { margin: 1 })).toBeCloseTo(sum(terms) / 2, 12);
  });

  it('listNet leaves masked items out', () => {
    const { logits: z, relevances: r, mask } = inputs;
    const row = (from: number, to: number): number => {
      const logits = [...z.data.subarray(from, to)];
      const lse = Math.log(sum(logits.map(Math.exp)));
      return sum(logits.map((logit, i) => (r.data[from + i] ? r.data[from + i] * (lse - logit) : 0)));
    };
    expect(F.crossEntropy(z, r, { axis: -1, mask })).toBeCloseTo((row(0, 2) + row(3, 6)) / 2, 12);
  });

  it('label smoothing of binary targets goes towards ½', () => {
    const smoothed = matrix([...y.data].map((v) => v * 0.8 + 0.1));
    const terms = [...p.data].map((q, i) => {
      const s = smoothed.data[i];
      return -(s * Math.log(q) + (1 - s) * Math.log(1 - q));
    });
    expect(F.bce(p, smoothed)).toBeCloseTo(sum(terms) / 6, 12);
  });
});
