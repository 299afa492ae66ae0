import type { Variant } from './row.ts';

/** Shapes and options that every class loss with index targets is called with. */
export const indices: readonly Variant[] = [
  { title: 'plain' },
  { title: 'one row', shape: [5] },
  { title: 'one class', shape: [4, 1] },
  { title: 'two classes', shape: [9, 2] },
  { title: 'three classes', shape: [18, 3] },
  { title: 'rowwise', shape: [5, 131] },
  { title: 'strided', shape: [3, 5, 7] },
  { title: 'strided, a short inner axis', shape: [9, 4, 2] },
  { title: 'strided, wide', shape: [2, 3, 37] },
  { title: 'two inner axes', shape: [2, 5, 3, 4] },
  { title: 'channels last', shape: [2, 3, 4, 5], options: { axis: -1 } },
  { title: 'class axis first', shape: [5, 6], options: { axis: 0 } },
  { title: 'class weights', tensors: { weight: [5] } },
  { title: 'class weights, rowwise', shape: [5, 131], tensors: { weight: [131] } },
  { title: 'class weights, strided', shape: [3, 5, 7], tensors: { weight: [5] } },
  { title: 'sampleWeight', tensors: { sampleWeight: [7] } },
  { title: 'sampleWeight, strided', shape: [3, 5, 7], tensors: { sampleWeight: [3, 7] } },
  { title: 'sampleWeight, rowwise', shape: [5, 131], tensors: { sampleWeight: [5] } },
  { title: 'ignored rows', options: { ignoreIndex: 2 } },
  {
    title: 'ignored rows, strided, weights',
    shape: [3, 5, 7],
    options: { ignoreIndex: 1 },
    tensors: { weight: [5] },
  },
  { title: 'more than one block', shape: [1100, 3] },
  { title: 'more than one block, rowwise', shape: [1030, 66] },
];

export const probabilities: readonly Variant[] = [
  { title: 'probabilities', target: 'probabilities' },
  { title: 'probabilities, one row', shape: [5], target: 'probabilities' },
  { title: 'probabilities, rowwise', shape: [5, 131], target: 'probabilities' },
  { title: 'probabilities, strided', shape: [3, 5, 7], target: 'probabilities' },
  { title: 'probabilities, channels last', shape: [2, 3, 4], target: 'probabilities', options: { axis: -1 } },
  { title: 'probabilities, class weights', target: 'probabilities', tensors: { weight: [5] } },
  {
    title: 'probabilities, class weights, rowwise',
    shape: [5, 131],
    target: 'probabilities',
    tensors: { weight: [131] },
  },
  { title: 'probabilities, sampleWeight', target: 'probabilities', tensors: { sampleWeight: [7] } },
  { title: 'probabilities, smoothing', target: 'probabilities', options: { labelSmoothing: 0.2 } },
];

export const smoothing: readonly Variant[] = [
  { title: 'smoothing', options: { labelSmoothing: 0.1 } },
  { title: 'smoothing, rowwise', shape: [5, 131], options: { labelSmoothing: 0.1 } },
  { title: 'smoothing, strided', shape: [3, 5, 7], options: { labelSmoothing: 0.1 } },
  { title: 'smoothing of 1', options: { labelSmoothing: 1 } },
  {
    title: 'smoothing, weights, ignored rows',
    options: { labelSmoothing: 0.3, ignoreIndex: 1 },
    tensors: { weight: [5] },
  },
  {
    title: 'smoothing, weights, rowwise',
    shape: [5, 131],
    options: { labelSmoothing: 0.3 },
    tensors: { weight: [131] },
  },
];

/** The same calls on probabilities. */
export const fromProbabilities = (variants: readonly Variant[]): Variant[] =>
  variants.map((v) => ({
    ...v,
    title: `fromLogits: false, ${v.title}`,
    options: { ...v.options, fromLogits: false },
  }));
