import { between } from '../random.ts';
import type { PointLoss, PointSize } from '../reference/elementwise.ts';
import { sigmoid, smoothed, softplus, times } from '../reference/scalar.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** w·z·s with 0·inf = 0; the greatest and the least factor first, so that no product on the way is subnormal. */
function product(w: number, z: number, s: number): number {
  if (Number.isNaN(w + z + s)) return Number.NaN;
  const [a, b, c] = [w, z, s].sort((x, y) => Math.abs(x) - Math.abs(y));
  return a === 0 ? 0 : a * c * b;
}

/** w₊·z·softplus(−x) + (1 − z)·softplus(x), with 0·inf = 0 */
const point: PointLoss = (x, z, { labelSmoothing = 0 }, posWeight) => {
  const [yes, no] = smoothed(z, labelSmoothing);
  return {
    value: product(posWeight, yes, softplus(-x)) + times(no, softplus(x)),
    dInput: no * sigmoid(x) - posWeight * yes * sigmoid(-x),
    dTarget: (1 - labelSmoothing) * (times(posWeight, softplus(-x)) - softplus(x)),
  };
};

const size: PointSize = (x, z, { labelSmoothing = 0 }, posWeight) => {
  const [yes, no] = smoothed(z, labelSmoothing);
  return {
    dInput: Math.abs(no) * sigmoid(x) + posWeight * Math.abs(yes) * sigmoid(-x),
    dTarget: (1 - labelSmoothing) * (posWeight * softplus(-x) + softplus(x)),
  };
};

export const bceWithLogits: Row = {
  loss: 'bceWithLogits',
  point,
  size,
  isRelative: () => true,
  input: between(-6, 6),
  target: between(0, 1),
  variants: [
    ...plain,
    ...weighted,
    { title: 'posWeight per column', shape: [5, 7], tensors: { posWeight: [7] } },
    { title: 'posWeight a number', options: { posWeight: 3 } },
    { title: 'posWeight and weight', shape: [5, 7], tensors: { posWeight: [7], weight: [5, 1] } },
    { title: 'smoothed', options: { labelSmoothing: 0.1 } },
    { title: 'smoothed to ½, posWeight', options: { labelSmoothing: 1, posWeight: 3 } },
  ],
};
