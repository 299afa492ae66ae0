import { between } from '../random.ts';
import type { PointLoss, PointSize } from '../reference/elementwise.ts';
import { plain, weighted } from './elementwise.ts';
import type { Row } from './row.ts';

/** (log(1 + x) − log(1 + t))², x and t being at least eps, as one logarithm of what 1 is nothing beside */
const point: PointLoss = (x, t, { eps = Number.NaN }) => {
  const [a, b] = [x, t].map((v) => (v < eps ? eps : v));
  const isLegal = a >= -1 && b >= -1;
  const size = Math.log1p(Math.abs(a - b) / (1 + Math.min(a, b)));
  const log = isLegal ? Math.sign(a - b) * size : Number.NaN;
  const slope = (v: number): number =>
    Number.isNaN(log) ? log : v < eps || v === Number.POSITIVE_INFINITY ? 0 : (2 * log) / (1 + v);
  return { value: log * log, dInput: slope(x), dTarget: -slope(t) };
};

/** A square has twice the error of what is squared: 8 ULP are 4 of this. */
const size: PointSize = (x, t, options) => ({ value: 2 * point(x, t, options, 1).value });

export const msle: Row = {
  loss: 'msle',
  point,
  size,
  // the reference has rounding of its own
  isRelative: ({ dtype }) => dtype === 'f64',
  input: between(0, 4),
  target: between(0, 4),
  joint: (x, t, { eps = Number.NaN }) =>
    Number.isNaN(eps as number)
      ? Number.POSITIVE_INFINITY
      : Math.min(...[x, t].map((v) => Math.abs(v - (eps as number)))),
  variants: [
    ...plain,
    ...weighted,
    { title: 'eps 1e-7', options: { eps: 1e-7 } },
    { title: 'eps 0.5', options: { eps: 0.5 } },
  ],
};
