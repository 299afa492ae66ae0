// Huber, with d = x − t and δ = p0:
//   ½ d²            where |d| ≤ δ
//   δ (|d| − ½ δ)   elsewhere
// Both are c (d − ½ c) with c = d clipped to [−δ, δ], which is the gradient, too.
//
// Clipping by comparisons as numbers instead of Math.min and Math.max, whose branches cost 3 ns per element on
// residuals of either kind.

export { d } from './residual.ts';

export const clipped = (d: number, p0: number) => {
  const above = Number(d > p0);
  const below = Number(d < -p0);
  return Math.abs(d) + p0 < Infinity
    ? (1 - above - below) * d + (above - below) * p0
    : Math.max(-p0, Math.min(d, p0));
};

/** At δ = inf the line's formula would be inf − inf for an infinite d. */
export const value = (d: number, clipped: number, p0: number) =>
  p0 < Infinity ? clipped * (d - 0.5 * clipped) : 0.5 * d * d;

export const grad = (clipped: number) => clipped;

export const gradTarget = (clipped: number) => -clipped;

export const hess = (d: number, p0: number) => (Number.isNaN(d) ? d : Number(Math.abs(d) <= p0));

export const secant = (d: number, p0: number) =>
  Math.abs(d) > p0 ? p0 / Math.abs(d) : Number.isNaN(d) ? d : 1;
