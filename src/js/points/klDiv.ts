// Kullback-Leibler divergence, x a log-probability: t (log t − x), 0 where t = 0.
// Gradient −t, with respect to the target log t + 1 − x.

export const logT = (t: number) => Math.log(t);

export const value = (x: number, t: number, logT: number) =>
  t === 0 && !Number.isNaN(x) ? 0 : t * (logT - x);

export const grad = (t: number) => -t;

export const gradTarget = (x: number, logT: number) => logT - x + 1;

export const hess = (x: number, t: number) => (Number.isNaN(x + t) ? x + t : 0);
