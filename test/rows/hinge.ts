import { between } from '../random.ts';
import type { PointLoss, PointSize } from '../reference/elementwise.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** max(0, z) for z = margin − y·x, and its derivatives where z > 0 */
export const point: PointLoss = (x, t, { margin = 1, labels }) => {
  const [scale, shift] = labels === 'binary' ? [2, 1] : [1, 0];
  const y = scale * t - shift;
  const z = margin - y * x;
  if (z <= 0) return { value: 0, dInput: 0, dTarget: 0 };
  return { value: z, dInput: z > 0 ? -y : NaN, dTarget: z > 0 ? -scale * x : NaN };
};

const size: PointSize = (x, t, { margin = 1, labels }) => ({
  value: margin + Math.abs((labels === 'binary' ? 2 * t - 1 : t) * x),
});

export const hinge: Row = {
  loss: 'hinge',
  point,
  size,
  input: between(-3, 3),
  target: between(-1.5, 1.5),
  joint: (x, t, { margin = 1, labels }) => {
    const y = labels === 'binary' ? 2 * t - 1 : t;
    return Math.abs((margin as number) - y * x) / (1 + Math.abs(y) + 2 * Math.abs(x));
  },
  variants: [
    ...plain,
    ...weighted,
    { title: 'margin 0.3', options: { margin: 0.3 } },
    { title: 'binary labels', options: { labels: 'binary' } },
    { title: 'perceptron, binary labels', options: { labels: 'binary', margin: 0 } },
  ],
};
