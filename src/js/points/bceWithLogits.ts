// Binary cross entropy of a logit x, target t in [0, 1] and positive weight q:
//   q t softplus(−x) + (1 − t) softplus(x),   softplus(x) = max(x, 0) + log1p(e^−|x|)
// Exact for t = 0 and t = 1 and accurate in both tails, where max(x, 0) − x t + log1p(e^−|x|) cancels.
// A term whose coefficient is 0 contributes 0 even at an infinite logit.

/** e^−|x| */
export const aux = (x: number) => Math.exp(-Math.abs(x));

export const value = (x: number, t: number, q: number, aux: number) => {
  const a = q * t;
  const b = 1 - t;
  const c = x < 0 ? -a : b; // the coefficient of the linear term, which is c x
  return (c === 0 ? 0 : c * x) + (a + b) * Math.log1p(aux);
};

/** (1 − t) sigmoid(x) − q t sigmoid(−x) */
export const grad = (x: number, t: number, q: number, aux: number) =>
  (x < 0 ? (1 - t) * aux - q * t : 1 - t - q * t * aux) / (1 + aux);

/** q softplus(−x) − softplus(x) */
export const gradTarget = (x: number, q: number, aux: number) =>
  (x < 0 ? -q * x : -x) + (q - 1) * Math.log1p(aux);
