// Expectile loss, with d = x − t and q the quantile: w d², w = q where d < 0, 1 − q elsewhere.

export { d } from './residual.ts';

/** The quantile where it is no array. */
export const absent = (p0: number) => p0;

export const w = (q: number, d: number) => (d < 0 ? q : 1 - q);

export const value = (w: number, d: number) => w * d * d;

export const grad = (w: number, d: number) => 2 * w * d;

export const gradTarget = (w: number, d: number) => -2 * w * d;

export const hess = (w: number, d: number) => (Number.isNaN(d) ? d : 2 * w);
