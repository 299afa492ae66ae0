import { between } from '../random.ts';
import { ofDifference, type PointLoss } from '../reference/elementwise.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** ½d²/β where |d| < β, |d| − ½β beyond; β = 0 is L1 */
const point: PointLoss = (x, t, { beta = 1 }) => {
  const d = x - t;
  if (Math.abs(d) < beta) return ofDifference((0.5 * d * d) / beta, d / beta);
  return ofDifference(Math.abs(d) - beta / 2, Math.sign(d));
};

export const smoothL1: Row = {
  loss: 'smoothL1',
  point,
  input: between(-3, 3),
  target: between(-3, 3),
  joint: (x, t, o) =>
    Math.min(Math.abs(x - t), Math.abs(Math.abs(x - t) - ((o.beta as number | undefined) ?? 1))),
  variants: [
    ...plain,
    ...weighted,
    { title: 'beta 0.3', options: { beta: 0.3 } },
    { title: 'beta 10', options: { beta: 10 } },
    { title: 'beta 0', options: { beta: 0 } },
  ],
};
