import { between } from '../random.ts';
import type { PointLoss, PointSize } from '../reference/elementwise.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** max(0, z) for z = margin − u·(x − t), and its derivatives where z ≥ 0 */
const point: PointLoss = (x, t, { margin = 0 }, u) => {
  const z = margin - u * (x - t);
  if (z < 0) return { value: 0, dInput: 0, dTarget: 0, dThird: 0 };
  const valid = Number.isNaN(z) ? NaN : 1;
  return { value: z, dInput: -u * valid, dTarget: u * valid, dThird: (t - x) * valid };
};

const size: PointSize = (x, t, { margin = 0 }, u) => ({ value: Math.abs(margin) + Math.abs(u * (x - t)) });

export const marginRanking: Row = {
  loss: 'marginRanking',
  point,
  size,
  input: between(-3, 3),
  target: between(-3, 3),
  third: between(-1.5, 1.5),
  joint: (x, t, { margin = 0 }, u) =>
    Math.abs((margin as number) - u * (x - t)) / (1 + Math.abs(u) + Math.abs(x) + Math.abs(t)),
  variants: [...plain, ...weighted, { title: 'margin 0.5', options: { margin: 0.5 } }],
};
