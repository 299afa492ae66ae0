// examples/head: the head's gradient, what it learns, and what is said of its calibration.
import type { LossFunctions } from 'simdloss';
import { afterAll, describe, expect, it } from 'vitest';
import { BINS, Head, predicted, type Rows } from '../../../examples/head/page/head.ts';
import { load } from '../../../src/index.ts';
import { sentences } from './built.ts';

const F = (await load()) as unknown as LossFunctions;
afterAll(() => F.dispose());

const CLASSES = 3;
const FEATURES = 6;

/** Rows around a point for each class, not far from each other. */
function rowsFrom(seed: number, count: number): Rows {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const labels = Int32Array.from({ length: count }, (_, row) => row % CLASSES);
  const embeddings = Float32Array.from(
    { length: count * FEATURES },
    (_, i) => random() + (i % FEATURES === labels[Math.floor(i / FEATURES)] ? 0.6 : 0),
  );
  return { embeddings, labels };
}

it('the sentences are 40 of each class, each once', () => {
  const { classes, training, heldOut } = sentences;
  expect(classes).toHaveLength(4);
  for (const c of classes.keys()) expect(training[c].length + heldOut[c].length).toBe(40);
  const all = [...training, ...heldOut].flat();
  expect(new Set(all).size).toBe(160);
});

describe('the head', () => {
  const [training, heldOut] = [rowsFrom(1, 60), rowsFrom(2, 45)];

  it('knows nothing at first, and learns', () => {
    const head = new Head(F, training, CLASSES);
    expect(head.objective()).toBeCloseTo(Math.log(CLASSES), 6);
    const losses = Array.from({ length: 100 }, () => {
      head.step();
      return head.objective();
    });
    expect(losses.at(-1)).toBeLessThan(0.6);
    expect(head.judge(heldOut).accuracy).toBeGreaterThan(0.7);
    head.reset();
    expect(head.objective()).toBeCloseTo(Math.log(CLASSES), 6);
    head.step();
    expect(head.objective()).toBe(losses[0]);
  });

  it.each([0, 0.1, 0.5])('its objective is cross entropy with smoothing %d', (smoothing) => {
    const head = new Head(F, training, CLASSES);
    head.smooth(smoothing);
    for (let i = 0; i < 20; i++) head.step();
    const logits = { data: head.logits(training.embeddings), shape: [60, CLASSES] };
    const wanted = F.crossEntropy(logits, training.labels, { labelSmoothing: smoothing });
    expect(head.objective()).toBeCloseTo(wanted, 5);
    expect(head.judge(training).loss).toBeCloseTo(F.crossEntropy(logits, training.labels), 5);
  });

  it('smoothing makes it less sure', () => {
    const sure = [0, 0.2, 0.4].map((smoothing) => {
      const head = new Head(F, training, CLASSES);
      head.smooth(smoothing);
      for (let i = 0; i < 300; i++) head.step();
      const { probabilities } = head.judge(heldOut);
      const taken = predicted(probabilities, CLASSES);
      return taken.reduce((sum, c, row) => sum + probabilities[row * CLASSES + c], 0);
    });
    expect(sure).toEqual([...sure].sort((a, b) => b - a));
  });

  it.each([0, 3, 30, 300])('after %i steps its bins are those of the calibration error', (steps) => {
    const head = new Head(F, training, CLASSES);
    for (let i = 0; i < steps; i++) head.step();
    const { accuracy, bins, confusion, ece, probabilities } = head.judge(heldOut);
    expect(bins).toHaveLength(BINS);
    for (const [i, bin] of bins.entries()) {
      if (bin === undefined) continue;
      expect(bin.confidence).toBeGreaterThan(i / BINS);
      expect(bin.confidence).toBeLessThanOrEqual((i + 1) / BINS);
    }
    const counted = bins.reduce((sum, bin) => sum + (bin?.count ?? 0), 0);
    expect(counted).toBe(45);
    const gaps = bins.map((bin) =>
      bin === undefined ? 0 : bin.count * Math.abs(bin.accuracy - bin.confidence),
    );
    expect(ece).toBeCloseTo(gaps.reduce((sum, gap) => sum + gap, 0) / 45, 5);
    const right = predicted(probabilities, CLASSES).filter((c, row) => c === heldOut.labels[row]).length;
    expect(accuracy).toBe(right / 45);
    expect(confusion.reduce((sum, counts, label) => sum + counts[label], 0)).toBe(right);
  });
});
