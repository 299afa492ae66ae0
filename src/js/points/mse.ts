// Squared error: d², d = x − t. Gradient 2d; no hidden ½.

export { d } from './residual.ts';

export const value = (d: number) => d * d;

export const grad = (d: number) => 2 * d;

export const gradTarget = (d: number) => -2 * d;

export const hess = (d: number) => (Number.isNaN(d) ? d : 2);

export const secant = (d: number) => (Number.isNaN(d) ? d : 2);
