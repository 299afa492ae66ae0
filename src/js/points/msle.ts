// Squared logarithmic error, as in assembly/kernels/msle.ts: log², log = log(1 + x) − log(1 + t), x and t being p0 where below.

export const a = (x: number, p0: number) => (x < p0 ? p0 : x);

export const b = (t: number, p0: number) => (t < p0 ? p0 : t);

/** One logarithm, of a number of at least 1; NaN where a or b is below −1. */
export const log = (a: number, b: number) =>
  a < -1 || b < -1 ? Math.sqrt(-1) : a < b ? -Math.log1p((b - a) / (1 + a)) : Math.log1p((a - b) / (1 + b));

export const value = (log: number) => log * log;

/** 0 where x does not count, or is infinite; NaN where the logarithm is. */
export const grad = (x: number, log: number, p0: number) =>
  (x < p0 || x === Infinity) && !Number.isNaN(log) ? 0 : (2 * log) / (1 + x);

export const gradTarget = (t: number, log: number, p0: number) =>
  (t < p0 || t === Infinity) && !Number.isNaN(log) ? 0 : (-2 * log) / (1 + t);

export const hess = (x: number, log: number, p0: number) =>
  (x < p0 || x === Infinity) && !Number.isNaN(log) ? 0 : (2 * (1 - log)) / (1 + x) / (1 + x);
