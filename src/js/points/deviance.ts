// What Tweedie deviances are made of, as in assembly/kernels/halfTweedie.ts; p0 is 1 − p, p1 2 − p, p4 whether p is 0 for the variance's power p.

import { excess } from './excess.ts';

/** base ψ(y)/c with y = c λ and ψ(y) = e^y − 1 − y, where base e^y is `all`; 0 where c is. */
const part = (c: number, lambda: number, all: number, base: number): number => {
  const y = c * lambda;
  return c === 0 ? 0 : Math.abs(y) > 16 ? (all - base * (1 + y)) / c : (base * excess(Math.expm1(y), y)) / c;
};

/** Half of the deviance of powers of the mean and λ = log(mean/t). */
export const deviance = (
  t: number,
  lambda: number,
  whole: number,
  power: number,
  p0: number,
  p1: number,
): number => {
  if (t === 0) return whole / p1;
  const base = t ** p1;
  return part(p1, lambda, whole, base) - part(p0, lambda, t * power, base);
};

/** (t^(1−p) − mean^(1−p))/(1 − p), and −λ where p is 1 */
export const deviancePerTarget = (t: number, lambda: number, power: number, p0: number): number => {
  if (p0 === 0) return -lambda;
  const y = p0 * lambda;
  return (Math.abs(y) < 1 ? -(t ** p0) * Math.expm1(y) : t ** p0 - power) / p0;
};

/** v, its limit where that is a difference of infinities; NaN where x or t is, or t is not a target of this p. */
export const settled = (v: number, limit: number, x: number, t: number, p1: number, p4: number): number =>
  Number.isNaN(x) || Number.isNaN(t) || (t < 0 && p4 === 0) || (t === 0 && p1 <= 0)
    ? Number.NaN
    : Number.isNaN(v)
      ? limit
      : v;

/** Infinity with the sign of x */
export const endOf = (x: number): number => (x < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
