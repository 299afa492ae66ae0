// Pseudo-Huber, with d = x − t, δ = p0 and r = √(1 + (d/δ)²): δ² (r − 1) = |d| (|d| / (1 + r)), gradient d/r.
// From |d| = 2²⁷ δ on r is |d|/δ, and (d/δ)² may overflow: there δ (|d| − δ) and ±δ.

export { d } from './residual.ts';

export const ratio = (d: number, p0: number) => Math.abs(d) / p0;

export const r = (ratio: number) => (ratio > 2 ** 27 ? ratio : Math.sqrt(1 + ratio * ratio));

export const value = (d: number, ratio: number, r: number, p0: number) =>
  ratio > 2 ** 27 ? p0 * (Math.abs(d) - p0) : Math.abs(d) * (Math.abs(d) / (1 + r));

export const grad = (d: number, ratio: number, r: number, p0: number) =>
  ratio > 2 ** 27 ? (d > 0 ? p0 : -p0) : d / r;

export const gradTarget = (d: number, ratio: number, r: number, p0: number) =>
  ratio > 2 ** 27 ? (d > 0 ? -p0 : p0) : -d / r;

export const hess = (r: number) => 1 / r / r / r;

export const secant = (r: number) => 1 / r;
