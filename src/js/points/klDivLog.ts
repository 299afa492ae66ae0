// Kullback-Leibler divergence with a target t that is a log-probability too: e^t (t − x), 0 where e^t = 0.
// Gradient −e^t, with respect to the target e^t (t − x + 1).

/** e^t */
export const aux = (t: number) => Math.exp(t);

export const value = (x: number, t: number, aux: number) =>
  aux === 0 && !Number.isNaN(x) ? 0 : aux * (t - x);

export const grad = (aux: number) => -aux;

export const gradTarget = (x: number, t: number, aux: number) => (aux === 0 ? 0 : aux * (t - x + 1));
