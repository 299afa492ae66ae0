// How good a model is on rows that it never saw, in terms that need no loss function to be understood.
import type { LossFunctions } from 'simdloss';
import type { Dataset } from './data.ts';
import { forward, type Linear } from './model.ts';

export interface Score {
  readonly kind: 'mean absolute error' | 'accuracy';
  /** Error in the target's own unit, or the share of rows that were right. */
  readonly value: number;
}

export function score(F: LossFunctions, model: Linear, data: Dataset): Score {
  const { x, y, rows } = data.heldOut;
  const outputs = new Float32Array(rows * data.outputs);
  forward(model, x, outputs);
  if (data.name === 'diabetes') {
    return { kind: 'mean absolute error', value: F.l1(outputs, y as Float32Array) * data.unit };
  }
  let right = 0;
  for (let row = 0; row < rows; row++) {
    const guess =
      data.outputs === 1 ? Number(outputs[row] > 0) : largest(outputs, row * data.outputs, data.outputs);
    if (guess === y[row]) right++;
  }
  return { kind: 'accuracy', value: right / rows };
}

/** What a guess that ignores the features scores: the training mean (0 after standardising), or the most common class. */
export function baseline(data: Dataset): Score {
  const { y, rows } = data.heldOut;
  if (data.name === 'diabetes') {
    let sum = 0;
    for (const target of y) sum += Math.abs(target);
    return { kind: 'mean absolute error', value: (sum / rows) * data.unit };
  }
  const counts = new Float64Array(Math.max(2, data.outputs));
  for (const target of data.train.y) counts[target]++;
  const common = largest(counts, 0, counts.length);
  return { kind: 'accuracy', value: Array.from(y).filter((target) => target === common).length / rows };
}

/** How often a held-out row of each class (first index) was taken for each class (second index). */
export function confusion(model: Linear, { heldOut: { x, y, rows }, outputs: classes }: Dataset): number[][] {
  const outputs = new Float32Array(rows * classes);
  forward(model, x, outputs);
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  y.forEach((label, row) => {
    counts[label][largest(outputs, row * classes, classes)]++;
  });
  return counts;
}

export const showScore = ({ kind, value }: Score): string =>
  kind === 'accuracy' ? `accuracy ${(value * 100).toFixed(1)} %` : `MAE ${value.toFixed(1)} points`;

/** Index of the largest of `count` numbers from `from` on. */
function largest(numbers: ArrayLike<number>, from: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) if (numbers[from + i] > numbers[from + best]) best = i;
  return best;
}
