import { between } from '../random.ts';
import { ofDifference, type PointLoss } from '../reference/elementwise.ts';
import { plain, quantiles, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** w·(x − t)², w = q where x < t, 1 − q elsewhere */
const point: PointLoss = (x, t, { quantile }, extra) => {
  const q = quantile === undefined ? 0.5 : extra;
  const w = x < t ? q : 1 - q;
  return ofDifference(w * (x - t) ** 2, 2 * w * (x - t));
};

export const expectile: Row = {
  loss: 'expectile',
  point,
  input: between(-3, 3),
  target: between(-3, 3),
  joint: (x, t) => Math.abs(x - t),
  variants: [...plain, ...weighted, ...quantiles],
};
