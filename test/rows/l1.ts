import { between } from '../random.ts';
import { ofDifference, type PointLoss } from '../reference/elementwise.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** |x − t| */
const point: PointLoss = (x, t) => ofDifference(Math.abs(x - t), Math.sign(x - t));

export const l1: Row = {
  loss: 'l1',
  point,
  input: between(0.1, 3),
  target: between(-3, -0.1),
  joint: (x, t) => Math.abs(x - t),
  variants: [...plain, ...weighted],
};
