// Absolute percentage error, as in assembly/kernels/mape.ts: p1 |d| / m with d = x − t and m = max(|t|, p0).

export { sign } from './l1.ts';
export { d } from './residual.ts';

export const m = (t: number, p0: number) => (Math.abs(t) > p0 ? Math.abs(t) : p0);

export const value = (d: number, m: number, p1: number) => (Math.abs(d) / m) * p1;

export const grad = (sign: number, m: number, p1: number) => (sign === 0 ? 0 : sign * (p1 / m));

export const gradTarget = (x: number, t: number, sign: number, m: number, p0: number, p1: number) =>
  sign === 0 ? 0 : -sign * (m > p0 ? ((x / t) * p1) / m : p1 / m);

export const hess = (d: number) => (Number.isNaN(d) ? d : 0);
