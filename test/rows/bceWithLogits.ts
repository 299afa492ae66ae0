import { between } from '../random.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

export const bceWithLogits: Row = {
  loss: 'bceWithLogits',
  input: between(-6, 6),
  target: between(0, 1),
  variants: [
    ...plain,
    ...weighted,
    { title: 'posWeight per column', shape: [5, 7], tensors: { posWeight: [7] } },
    { title: 'posWeight a number', options: { posWeight: 3 } },
    { title: 'posWeight and weight', shape: [5, 7], tensors: { posWeight: [7], weight: [5, 1] } },
  ],
};
