// Jensen–Shannon divergence of log-probabilities, as in assembly/kernels/jsd.ts; β is p0, 1 − β p1.

import { excess } from './excess.ts';

/** 0 where both are the same infinity */
export const d = (x: number, t: number) => (x === t ? 0 : x - t);

export const large = (x: number, t: number) => Math.exp(Math.max(x, t));

export const small = (x: number, t: number) => Math.exp(Math.min(x, t));

/** The weight of the small one. */
export const b = (d: number, p0: number, p1: number) => (d >= 0 ? p0 : p1);

export const c = (d: number, p0: number, p1: number) => (d >= 0 ? p1 : p0);

/** small/large − 1 */
export const fall = (d: number) => Math.expm1(-Math.abs(d));

export const ratio = (d: number) => Math.exp(-Math.abs(d));

/** M/large − 1 */
export const v = (b: number, fall: number) => b * fall;

/** M/large */
export const mixed = (b: number, c: number, ratio: number, v: number) => (v < -0.5 ? c + b * ratio : 1 + v);

export const logDown = (v: number, mixed: number) => (v < -0.5 ? Math.log(mixed) : Math.log1p(v));

/** M/small − 1 */
export const u = (c: number, fall: number, ratio: number) => (-c * fall) / ratio;

export const logUp = (d: number, ratio: number, u: number, logDown: number) =>
  ratio === 0 ? logDown + Math.abs(d) : Math.log1p(u);

/** 0 where small is. */
export const smallLog = (small: number, logUp: number) => (small === 0 ? 0 : small * logUp);

export const value = (
  large: number,
  small: number,
  b: number,
  c: number,
  fall: number,
  v: number,
  u: number,
  logDown: number,
  smallLog: number,
) =>
  b * (u <= 0.5 ? small * excess(u) : -large * c * fall - smallLog) +
  c * large * (v >= -0.25 ? excess(v) : v - logDown);

export const grad = (d: number, large: number, b: number, c: number, logDown: number, smallLog: number) =>
  d >= 0 ? -c * large * logDown : d < 0 ? -b * smallLog : d;

export const gradTarget = (
  d: number,
  large: number,
  b: number,
  c: number,
  logDown: number,
  smallLog: number,
) => (d >= 0 ? -b * smallLog : d < 0 ? -c * large * logDown : d);

export const hess = (small: number, b: number, c: number, mixed: number, grad: number) =>
  grad + b * c * (small / mixed);
