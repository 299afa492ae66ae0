import { between } from '../random.ts';
import { ofDifference, type PointLoss } from '../reference/elementwise.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** δ²(√(1 + (d/δ)²) − 1) */
const point: PointLoss = (x, t, { delta = 1 }) => {
  const d = x - t;
  const ratio = d / delta;
  // Math.hypot is off by units in the last place
  const r = Math.sqrt(1 + ratio * ratio);
  if (Math.abs(d) === Number.POSITIVE_INFINITY || r > 1e15)
    return ofDifference(delta * (Math.abs(d) - delta), delta * Math.sign(d));
  return ofDifference(Math.abs(d) * (Math.abs(d) / (1 + r)), d / r);
};

export const pseudoHuber: Row = {
  loss: 'pseudoHuber',
  point,
  input: between(-3, 3),
  target: between(-3, 3),
  variants: [
    ...plain,
    ...weighted,
    { title: 'delta 0.3', options: { delta: 0.3 } },
    { title: 'delta 10', options: { delta: 10 } },
  ],
};
