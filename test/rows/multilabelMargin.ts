import { between, integer } from '../random.ts';
import type { Row } from './row.ts';

export const multilabelMargin: Row = {
  loss: 'multilabelMargin',
  // no two of them are 1 apart, where the loss has its joints
  input: (r) => 0.3 * (integer(r, 21) - 10),
  target: between(0, 1),
  variants: [
    { title: 'plain' },
    { title: 'one row', shape: [5] },
    { title: 'one class', shape: [4, 1] },
    { title: 'two classes', shape: [9, 2] },
    { title: 'many classes', shape: [5, 131] },
    { title: 'two outer axes', shape: [2, 3, 6] },
    { title: 'sampleWeight', tensors: { sampleWeight: [7] } },
    { title: 'sampleWeight, many classes', shape: [5, 131], tensors: { sampleWeight: [5] } },
    { title: 'more than one block', shape: [1100, 3] },
  ],
};
