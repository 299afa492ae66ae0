import { between } from '../random.ts';
import type { Row } from './row.ts';

export const ctc: Row = {
  loss: 'ctc',
  isRelative: () => true,
  input: between(-3, 0),
  // lengths and labels are drawn by the family
  target: between(0, 1),
  variants: [
    { title: 'plain', shape: [6, 3, 4] },
    { title: 'logits', shape: [6, 3, 4], options: { fromLogits: true } },
    { title: 'one sequence', shape: [9, 5], options: { fromLogits: true } },
    { title: 'another blank', shape: [7, 2, 3], options: { blank: 2 } },
    { title: 'infinite ones left out', shape: [5, 6, 3], options: { zeroInfinity: true } },
    { title: 'many frames', shape: [70, 2, 9], options: { fromLogits: true } },
    { title: 'many classes', shape: [9, 2, 131] },
    { title: 'sampleWeight', shape: [8, 5, 4], tensors: { sampleWeight: [5] } },
  ],
};
