import { between } from '../random.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

export const l1: Row = {
  loss: 'l1',
  input: between(0.1, 3),
  target: between(-3, -0.1),
  joint: (x, t) => Math.abs(x - t),
  variants: [...plain, ...weighted],
};
