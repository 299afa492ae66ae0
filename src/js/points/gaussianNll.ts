// Gaussian negative log likelihood, with v = max(q, p0), p0 = eps and p1 the constant of `full`, or 0:
//   ½ (log v + d²/v) + p1
// Gradient d/v, with respect to the variance q (1 − d²/v)/(2v), which takes no notice of the maximum.

export { d } from './residual.ts';

/** NaN where q is below 0 or NaN. */
export const v = (q: number, p0: number) => (q >= 0 ? Math.max(q, p0) : Math.sqrt(-1));

export const ratio = (d: number, v: number) => d / v;

export const value = (d: number, v: number, ratio: number, p1: number) =>
  0.5 * (Math.log(v) + d * ratio) + p1;

export const grad = (ratio: number) => ratio;

export const gradTarget = (ratio: number) => -ratio;

export const gradThird = (d: number, v: number, ratio: number) => (0.5 - 0.5 * d * ratio) / v;

export const hess = (v: number, ratio: number) => (Number.isNaN(ratio) ? ratio : 1 / v);
