// Kullback-Leibler divergence with a target t that is a log-probability too: p (t − x), p = e^t, 0 where p = 0.
// Gradient −p, with respect to the target p (t − x + 1).
//
// A subnormal p has few digits, and x may be anything: there p comes as two factors, and what it is multiplied with in between.

export const p = (t: number) => Math.exp(t);

export const value = (x: number, t: number, p: number) =>
  p > 1e-300
    ? p * (t - x)
    : Math.exp(t / 2) === 0 && !Number.isNaN(x)
      ? 0
      : Math.exp(t / 2) * (t - x) * Math.exp(t / 2);

export const grad = (p: number) => -p;

export const gradTarget = (x: number, t: number, p: number) =>
  p > 1e-300
    ? p * (t - x + 1)
    : Math.exp(t / 2) === 0 && !Number.isNaN(x)
      ? 0
      : Math.exp(t / 2) * (t - x + 1) * Math.exp(t / 2);

export const hess = (x: number, t: number) => (Number.isNaN(x + t) ? x + t : 0);
