import { between } from '../random.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

export const mse: Row = {
  loss: 'mse',
  input: between(-3, 3),
  target: between(-3, 3),
  variants: [...plain, ...weighted],
};
