// Smooth L1, with d = x − t and β = p0 > 0; it is Huber/β:
//   ½ d²/β      where |d| < β
//   |d| − ½ β   elsewhere
// Both are r (d − ½ β r) with r = d/β clipped to [−1, 1], which is the gradient, too. Clipped as in huber.ts.

export { d } from './residual.ts';

export const clipped = (d: number, p0: number) => {
  const ratio = d / p0;
  const above = Number(ratio > 1);
  const below = Number(ratio < -1);
  return Math.abs(ratio) < Infinity
    ? (1 - above - below) * ratio + above - below
    : Math.max(-1, Math.min(ratio, 1));
};

export const value = (d: number, clipped: number, p0: number) => clipped * (d - 0.5 * p0 * clipped);

export const grad = (clipped: number) => clipped;

export const gradTarget = (clipped: number) => -clipped;

export const hess = (d: number, p0: number) => (Number.isNaN(d) ? d : Math.abs(d) < p0 ? 1 / p0 : 0);

export const secant = (d: number, p0: number) => 1 / Math.max(Math.abs(d), p0);
