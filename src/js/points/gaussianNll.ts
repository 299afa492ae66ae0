// Gaussian negative log likelihood, with v = max(q, p0), p0 = eps and p1 the constant of `full`, or 0:
//   ½ (log v + d²/v) + p1
// Gradient d/v, with respect to the variance q (1 − d²/v)/(2v), which takes no notice of the maximum: where d²/v overflows,
// (d/v)²/2 may not, beside which 1/(2v) is nothing.

export { d } from './residual.ts';

/** NaN where q is below 0 or NaN. */
export const v = (q: number, p0: number) => (q >= 0 ? Math.max(q, p0) : Math.sqrt(-1));

export const ratio = (d: number, v: number) => d / v;

/** ½d²/v */
export const square = (d: number, ratio: number) => 0.5 * d * ratio;

export const value = (v: number, square: number, p1: number) => 0.5 * Math.log(v) + square + p1;

export const grad = (ratio: number) => ratio;

export const gradTarget = (ratio: number) => -ratio;

export const gradThird = (v: number, ratio: number, square: number) =>
  square === Infinity ? -0.5 * ratio * ratio : (0.5 - square) / v;

export const hess = (v: number, ratio: number) => (Number.isNaN(ratio) ? ratio : 1 / v);
