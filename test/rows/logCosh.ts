import { between } from '../random.ts';
import { ofDifference, type PointLoss } from '../reference/elementwise.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** log cosh d = log(1 + 2 sinh² (d/2)), in which nothing cancels; |d| − log 2 where e^−2|d| is nothing beside it */
const point: PointLoss = (x, t) => {
  const d = x - t;
  const value = Math.abs(d) < 20 ? Math.log1p(2 * Math.sinh(d / 2) ** 2) : Math.abs(d) - Math.LN2;
  return ofDifference(value, Math.tanh(d));
};

export const logCosh: Row = {
  loss: 'logCosh',
  point,
  isRelative: () => true,
  input: between(-3, 3),
  target: between(-3, 3),
  variants: [...plain, ...weighted],
};
