import { between } from '../random.ts';
import type { PointLoss, PointSize } from '../reference/elementwise.ts';
import { sigmoid, softplus, times } from '../reference/scalar.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** softplus(−t·x) */
const point: PointLoss = (x, t) => {
  const share = sigmoid(-t * x);
  return { value: softplus(-t * x), dInput: -t * share, dTarget: -times(share, x) };
};

/** t·x is rounded, which the exponential feels */
const size: PointSize = (x, t, options, extra) => {
  const { value, dInput, dTarget } = point(x, t, options, extra);
  const grown = 1 + Math.abs(t * x) / 67;
  return { value: grown * value, dInput: grown * Math.abs(dInput), dTarget: grown * Math.abs(dTarget) };
};

export const softMargin: Row = {
  loss: 'softMargin',
  point,
  size,
  isRelative: () => true,
  input: between(-6, 6),
  target: between(-1.5, 1.5),
  variants: [...plain, ...weighted],
};
