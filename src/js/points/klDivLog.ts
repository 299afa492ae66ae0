// Kullback-Leibler divergence with a target t that is a log-probability too: e^t (t − x), 0 where e^t = 0.
// Gradient −e^t, with respect to the target e^t (t − x + 1).
//
// e^t comes as two factors, equal ones where it would be subnormal, and t − x is multiplied in between: a subnormal has few
// digits, and x may be anything.

export const first = (t: number) => Math.exp(t < -700 ? 0.5 * t : t);

export const second = (t: number, first: number) => (t < -700 ? first : 1);

export const value = (x: number, t: number, first: number, second: number) =>
  first === 0 && !Number.isNaN(x) ? 0 : first * (t - x) * second;

export const grad = (first: number, second: number) => -first * second;

export const gradTarget = (x: number, t: number, first: number, second: number) =>
  first === 0 && !Number.isNaN(x) ? 0 : first * (t - x + 1) * second;

export const hess = (x: number, t: number) => (Number.isNaN(x + t) ? x + t : 0);
