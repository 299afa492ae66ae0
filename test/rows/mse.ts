import { between } from '../random.ts';
import { ofDifference, type PointLoss } from '../reference/elementwise.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** (x − t)² */
const point: PointLoss = (x, t) => ofDifference((x - t) ** 2, 2 * (x - t));

export const mse: Row = {
  loss: 'mse',
  point,
  input: between(-3, 3),
  target: between(-3, 3),
  variants: [...plain, ...weighted],
};
