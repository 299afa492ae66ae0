// Kullback-Leibler divergence, x a log-probability: t (log t − x), 0 where t = 0.
// Gradient −t, with respect to the target log t + 1 − x.

/** log t */
export const aux = (t: number) => Math.log(t);

export const value = (x: number, t: number, aux: number) => (t === 0 && !Number.isNaN(x) ? 0 : t * (aux - x));

export const grad = (t: number) => -t;

export const gradTarget = (x: number, aux: number) => aux - x + 1;
