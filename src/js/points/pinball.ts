// Pinball (quantile) loss, with d = x − t and q the quantile: (1 − q) d where d > 0, −q d elsewhere.

export { d } from './residual.ts';

/** The quantile where it is no array. */
export const absent = (p0: number) => p0;

export const value = (q: number, d: number) => (d > 0 ? (1 - q) * d : q * -d);

export const grad = (q: number, d: number) => (d > 0 ? 1 - q : d < 0 ? -q : d);

export const gradTarget = (q: number, d: number) => (d > 0 ? q - 1 : d < 0 ? q : d);

export const hess = (d: number) => (Number.isNaN(d) ? d : 0);
