import { between } from '../random.ts';
import { ofDifference, type PointLoss } from '../reference/elementwise.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** ½d² where |d| ≤ δ, δ(|d| − ½δ) beyond */
const point: PointLoss = (x, t, { delta = 1 }) => {
  const d = x - t;
  if (Math.abs(d) > delta) return ofDifference(delta * (Math.abs(d) - delta / 2), delta * Math.sign(d));
  return ofDifference(0.5 * d * d, d);
};

export const huber: Row = {
  loss: 'huber',
  point,
  input: between(-3, 3),
  target: between(-3, 3),
  joint: (x, t, o) => Math.abs(Math.abs(x - t) - ((o.delta as number | undefined) ?? 1)),
  variants: [
    ...plain,
    ...weighted,
    { title: 'delta 0.3', options: { delta: 0.3 } },
    { title: 'delta 10', options: { delta: 10 } },
    { title: 'delta infinite', options: { delta: Number.POSITIVE_INFINITY } },
  ],
};
