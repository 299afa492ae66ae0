import { between } from '../random.ts';
import { ofDifference, type PointLoss } from '../reference/elementwise.ts';
import { plain, quantiles, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** max(q·(t − x), (q − 1)·(t − x)) */
const point: PointLoss = (x, t, { quantile }, extra) => {
  const q = quantile === undefined ? 0.5 : extra;
  const d = x - t;
  return ofDifference(d > 0 ? (1 - q) * d : -q * d, d > 0 ? 1 - q : d < 0 ? -q : d);
};

export const pinball: Row = {
  loss: 'pinball',
  point,
  input: between(-3, 3),
  target: between(-3, 3),
  joint: (x, t) => Math.abs(x - t),
  variants: [...plain, ...weighted, ...quantiles],
};
