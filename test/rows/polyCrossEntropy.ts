import { between } from '../random.ts';
import { indices, probabilities, smoothing } from './classes.ts';
import type { Row } from './row.ts';

export const polyCrossEntropy: Row = {
  loss: 'polyCrossEntropy',
  isRelative: () => true,
  input: between(-2, 2),
  target: between(0.05, 1),
  variants: [
    ...indices,
    ...probabilities,
    ...smoothing,
    { title: 'mask', tensors: { mask: [7, 5] } },
    { title: 'mask, strided, class weights', shape: [3, 5, 7], tensors: { mask: [3, 5, 7], weight: [5] } },
    { title: 'epsilon 0', options: { epsilon: 0 } },
    { title: 'epsilon −0.5, rowwise', shape: [5, 131], options: { epsilon: -0.5 } },
    { title: 'epsilon 5, strided', shape: [3, 5, 7], options: { epsilon: 5 } },
    {
      title: 'epsilon −1, probabilities, class weights',
      target: 'probabilities',
      options: { epsilon: -1 },
      tensors: { weight: [5] },
    },
  ],
};
