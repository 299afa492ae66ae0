import { between } from '../random.ts';
import type { Row } from './row.ts';

export const dice: Row = {
  loss: 'dice',
  isRelative: () => true,
  input: between(0.05, 0.95),
  target: between(0, 1),
  variants: [
    { title: 'plain', shape: [2, 7, 3], options: { fromLogits: false } },
    { title: 'softmax', shape: [2, 7, 3], options: { fromLogits: 'softmax' } },
    { title: 'sigmoid', shape: [2, 7, 3], options: { fromLogits: 'sigmoid' } },
    { title: 'one class', shape: [3, 40, 1], options: { fromLogits: 'sigmoid' } },
    { title: 'one sample', shape: [5], options: { fromLogits: 'softmax' } },
    { title: 'channels first', shape: [2, 4, 9, 3], options: { fromLogits: 'softmax', axis: 1 } },
    { title: 'the classes first', shape: [4, 20], options: { fromLogits: 'softmax', axis: 0 } },
    { title: 'many classes', shape: [1, 3, 131], options: { fromLogits: 'softmax' } },
    {
      title: 'without background',
      shape: [2, 9, 3],
      options: { fromLogits: 'softmax', ignoreBackground: true },
    },
    {
      title: 'Tversky',
      shape: [2, 9, 2],
      options: { fromLogits: false, alpha: 0.3, beta: 0.7, smooth: 0.5 },
    },
    {
      title: 'generalized',
      shape: [2, 9, 2],
      options: { fromLogits: false, classWeight: 'generalized' },
      constant: ['target'],
    },
    {
      title: 'class weights',
      shape: [2, 9, 2],
      options: { fromLogits: false },
      tensors: { classWeight: [2] },
    },
    {
      title: 'sampleWeight',
      shape: [3, 9, 2],
      options: { fromLogits: 'softmax' },
      tensors: { sampleWeight: [3, 2] },
    },
    { title: 'more than a block of positions', shape: [1, 4100, 2], options: { fromLogits: 'sigmoid' } },
  ],
};
