import type { Variant } from './row.ts';

/** What every elementwise loss with weights is called with. */
export const weighted: readonly Variant[] = [
  { title: 'weight of the input’s shape', tensors: { weight: [23] } },
  { title: 'weight [1]', tensors: { weight: [1] } },
  { title: 'weight a number', options: { weight: 0.75 } },
  { title: 'weight per column', shape: [5, 7], tensors: { weight: [7] } },
  { title: 'weight per row', shape: [5, 7], tensors: { weight: [5, 1] } },
  { title: 'weight in the middle', shape: [3, 4, 5], tensors: { weight: [4, 1] } },
  { title: 'weight around the middle', shape: [3, 4, 5], tensors: { weight: [3, 1, 5] } },
  { title: 'weight per plane', shape: [2, 30, 41], tensors: { weight: [2, 1, 1] } },
  { title: 'weight and sampleWeight', shape: [5, 7], tensors: { weight: [7], sampleWeight: [5, 7] } },
];

/** What every elementwise loss is called with. */
export const plain: readonly Variant[] = [
  { title: 'plain' },
  { title: 'rank 0', shape: [] },
  { title: 'rank 3', shape: [3, 1, 5] },
  { title: 'more than one block', shape: [2060] },
  { title: 'sampleWeight', tensors: { sampleWeight: [23] } },
];

/** What losses are called with whose sides a quantile weighs. */
export const quantiles: readonly Variant[] = [
  { title: 'quantile 0.9', options: { quantile: 0.9 } },
  { title: 'quantile per column', shape: [5, 7], tensors: { quantile: [7] } },
  { title: 'quantile per row, weight', shape: [5, 7], tensors: { quantile: [5, 1], weight: [7] } },
];
