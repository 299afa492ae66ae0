// Log-cosh, as in assembly/kernels/logCosh.ts.

export { d } from './residual.ts';

export const e = (d: number) => Math.expm1(-Math.abs(d));

export const value = (d: number, e: number) =>
  Math.abs(d) <= 1
    ? Math.log1p((e * e) / (2 + 2 * e))
    : Math.abs(d) - Math.LN2 + Math.log1p((1 + e) * (1 + e));

export const tanh = (d: number, e: number) => Math.sign(d) * ((-e * (2 + e)) / (1 + (1 + e) * (1 + e)));

export const grad = (tanh: number) => tanh;

export const gradTarget = (tanh: number) => -tanh;

export const squared = (d: number) => Math.exp(-2 * Math.abs(d));

export const hess = (squared: number) => (4 * squared) / ((1 + squared) * (1 + squared));

export const secant = (d: number, tanh: number) => (d === 0 ? 1 : tanh / d);
