import type { PointLoss, PointSize } from '../reference/elementwise.ts';
import { hinge, point as ofHinge } from './hinge.ts';
import type { Row } from './row.ts';

const point: PointLoss = (x, t, options, extra) => {
  const { value, dInput, dTarget } = ofHinge(x, t, options, extra);
  const slope = (g: number) => (value === 0 ? 0 : 2 * value * g);
  return { value: value ** 2, dInput: slope(dInput), dTarget: slope(dTarget) };
};

const size: PointSize = (x, t, options, extra) => {
  const { value, dInput, dTarget } = point(x, t, options, extra);
  const y = options.labels === 'binary' ? 2 * t - 1 : t;
  const terms = (options.margin ?? 1) + Math.abs(y * x);
  const grown = (g: number) => (value === 0 ? 0 : Math.abs(g) * (terms / Math.sqrt(value)));
  return { value: grown(value), dInput: grown(dInput), dTarget: grown(dTarget) };
};

export const squaredHinge: Row = { ...hinge, loss: 'squaredHinge', point, size };
