import { between } from '../random.ts';
import type { RowLoss } from '../reference/features.ts';
import { counted, sigmoid, softplus, times } from '../reference/scalar.ts';
import type { Row } from './row.ts';

/** The mean of t softplus(−x) + (1 − t) softplus(x), each times its weight. */
const vectors: RowLoss = ([x, t], _, __, weights) => {
  const share = 1 / x.length;
  const losses = x.map((v, c) => times(t[c], softplus(-v)) + times(1 - t[c], softplus(v)));
  return {
    value: losses.reduce((sum, loss, c) => sum + weights[c] * loss, 0) * share,
    grads: [
      x.map((v, c) => weights[c] * share * (counted(1 - t[c], sigmoid(v)) - counted(t[c], sigmoid(-v)))),
      x.map((v, c) => -weights[c] * share * v),
    ],
  };
};

/** A gradient is a difference. */
const vectorSizes: RowLoss = ([x, t], options, label, weights) => {
  const positive = weights.map(Math.abs);
  const { value, grads } = vectors([x, t], options, label, positive);
  const share = 1 / x.length;
  const slopes = x.map(
    (v, c) => positive[c] * share * (Math.abs(1 - t[c]) * sigmoid(v) + Math.abs(t[c]) * sigmoid(-v)),
  );
  return { value, grads: [slopes, grads[1].map(Math.abs)] };
};

export const multilabelSoftMargin: Row = {
  loss: 'multilabelSoftMargin',
  vectors,
  vectorSizes,
  isRelative: () => true,
  input: between(-6, 6),
  target: between(0, 1),
  variants: [
    { title: 'plain' },
    { title: 'one row', shape: [5] },
    { title: 'one class', shape: [4, 1] },
    { title: 'two classes', shape: [9, 2] },
    { title: 'many classes', shape: [5, 131] },
    { title: 'rows longer than a block', shape: [3, 1030] },
    { title: 'two outer axes', shape: [2, 3, 6] },
    { title: 'weights of classes', tensors: { weight: [5] } },
    { title: 'weights of rows', tensors: { weight: [7, 1] } },
    { title: 'weights of elements, long rows', shape: [3, 1030], tensors: { weight: [3, 1030] } },
    { title: 'weights of classes, long rows', shape: [3, 1030], tensors: { weight: [1030] } },
    { title: 'sampleWeight', tensors: { sampleWeight: [7] } },
    { title: 'sampleWeight, weights', shape: [5, 131], tensors: { sampleWeight: [5], weight: [131] } },
    { title: 'more than one block', shape: [1100, 3] },
  ],
};
