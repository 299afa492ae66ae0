import { between } from '../random.ts';
import type { PointLoss, PointSize } from '../reference/elementwise.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** x where t ≠ −1, and max(0, margin − x) where t ≠ 1; the slope inside counts at the joint */
const point: PointLoss = (x, t, { margin = 1 }) => {
  if (Number.isNaN(x + t)) return { value: NaN, dInput: NaN, dTarget: NaN };
  const [isNear, isFar] = [t !== -1, t !== 1];
  return {
    value: (isNear ? x : 0) + (isFar ? Math.max(0, margin - x) : 0),
    dInput: Number(isNear) - Number(isFar && x <= margin),
    dTarget: 0,
  };
};

const size: PointSize = (x, t, { margin = 1 }) => ({
  value: (t === -1 ? 0 : Math.abs(x)) + (t === 1 ? 0 : Math.max(0, margin - x)),
});

export const hingeEmbedding: Row = {
  loss: 'hingeEmbedding',
  point,
  size,
  input: between(0, 3),
  target: (r) => (r() < 0.5 ? -1 : 1),
  // a label is nowhere smooth
  joint: (x, t, { margin = 1 }) => (t === 1 ? Number.POSITIVE_INFINITY : Math.abs((margin as number) - x)),
  variants: [
    ...plain,
    ...weighted,
    { title: 'margin 0.3', options: { margin: 0.3 } },
    { title: 'no margin', options: { margin: 0 } },
  ],
};
