import { between } from '../random.ts';
import { fromProbabilities, indices, probabilities, smoothing } from './classes.ts';
import type { Row, Variant } from './row.ts';

/** What has a kernel of its own. */
const shaped: readonly Variant[] = [
  { title: 'temperature', options: { temperature: 0.4 } },
  { title: 'softcap', options: { softcap: 0.5 } },
  { title: 'zLoss', options: { zLoss: 0.3 } },
  { title: 'mask', tensors: { mask: [7, 5] } },
  { title: 'zLoss, class weights', options: { zLoss: 0.3 }, tensors: { weight: [5] } },
  {
    title: 'zLoss, class weights, sampleWeight, ignored rows',
    shape: [3, 5, 7],
    options: { zLoss: 0.3, ignoreIndex: 1 },
    tensors: { weight: [5], sampleWeight: [3, 7] },
  },
  {
    title: 'all, rowwise',
    shape: [5, 131],
    options: { temperature: 0.4, softcap: 2, zLoss: 0.1 },
    tensors: { mask: [5, 131], weight: [131] },
  },
  {
    title: 'all, strided, an odd number of classes',
    shape: [3, 5, 7],
    options: { temperature: 2, softcap: 0.5, zLoss: 0.1 },
    tensors: { mask: [3, 5, 7], sampleWeight: [3, 7] },
  },
  { title: 'temperature, more than one block', shape: [1100, 3], options: { temperature: 3 } },
  {
    title: 'probabilities, temperature, softcap, zLoss, class weights',
    target: 'probabilities',
    options: { temperature: 0.4, softcap: 2, zLoss: 0.1 },
    tensors: { weight: [5] },
  },
  { title: 'smoothing, softcap, zLoss', options: { labelSmoothing: 0.2, softcap: 0.7, zLoss: 0.1 } },
];

export const crossEntropy: Row = {
  loss: 'crossEntropy',
  isRelative: ({ fromLogits }) => fromLogits !== false,
  // in (0, 1), so that the same inputs serve fromLogits: false
  input: between(0.02, 0.98),
  target: between(0.05, 1),
  variants: [
    ...indices,
    ...probabilities,
    ...smoothing,
    ...shaped,
    ...fromProbabilities([...indices, ...probabilities, ...smoothing]),
    { title: 'fromLogits: false, eps clipped', options: { fromLogits: false, eps: 1e-3 } },
    { title: 'fromLogits: false, eps acting', options: { fromLogits: false, eps: 0.3 } },
    { title: 'fromLogits: false, eps added', options: { fromLogits: false, eps: 0.1, epsMode: 'add' } },
    {
      title: 'fromLogits: false, eps acting, probabilities',
      target: 'probabilities',
      options: { fromLogits: false, eps: 0.3 },
    },
  ],
};
