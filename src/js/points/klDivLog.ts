// Kullback-Leibler divergence with a target t that is a log-probability too: p (t − x), p = e^t, 0 where p = 0.
// Gradient −p, with respect to the target p (t − x + 1).

export const p = (t: number) => Math.exp(t);

export const value = (x: number, t: number, p: number) => (p === 0 && !Number.isNaN(x) ? 0 : p * (t - x));

export const grad = (p: number) => -p;

export const gradTarget = (x: number, t: number, p: number) => (p === 0 ? 0 : p * (t - x + 1));

export const hess = (x: number, t: number) => (Number.isNaN(x + t) ? x + t : 0);
