// Binary cross entropy of a logit x, target t in [0, 1] and positive weight q:
//   q t softplus(−x) + (1 − t) softplus(x),   softplus(x) = max(x, 0) + log1p(e^−|x|)
// Exact for t = 0 and t = 1 and accurate in both tails, where max(x, 0) − x t + log1p(e^−|x|) cancels for t near 1.
// Comparisons as numbers instead of branches on the sign of x and on t, which nothing predicts: 7 ns per element.

export { no, yes } from './smoothing.ts';

/** e^−|x| */
export const e = (x: number) => Math.exp(-Math.abs(x));

/**
 * q yes max(−x, 0) + no max(x, 0), yes and no being t and 1 − t, smoothed; 0 where the coefficient is 0, even at an infinite logit.
 * q yes may be subnormal, and so may yes |x|: where that could show, the greater of q and |x| is multiplied first.
 */
export const linear = (x: number, q: number, no: number, yes: number) =>
  Math.abs(x) < 1e5
    ? (Number(x > 0) * no - Number(x < 0) * q * yes) * x
    : x > 0
      ? no === 0
        ? 0
        : no * x
      : (yes === 0 || Math.abs(q) <= 0) && x < 0
        ? 0
        : yes * Math.max(q, -x) * Math.min(q, -x);

/** Without a weight linear + log(1 + e). */
export const value = (q: number, e: number, no: number, yes: number, linear: number) =>
  linear + (q * yes + no) * Math.log1p(e);

/** no sigmoid(x) − q yes sigmoid(−x), where one of the sigmoids is 1/(1 + e) and the other e/(1 + e). */
export const grad = (x: number, q: number, e: number, no: number, yes: number) => {
  const above = Number(x > 0);
  const below = 1 - above;
  return (no * (above + below * e) - q * yes * (below + above * e)) / (1 + e);
};

/** q softplus(−x) − softplus(x), where a q of 0 counts for nothing at x = −Infinity either; what is left of it by smoothing. */
export const gradTarget = (x: number, q: number, e: number, p5: number) =>
  ((x < 0 ? (q === 0 ? 0 : -q * x) : -x) + (q - 1) * Math.log1p(e)) * p5;

/** (q yes + no) sigmoid(x) sigmoid(−x) */
export const hess = (q: number, e: number, no: number, yes: number) =>
  ((q * yes + no) * (e / (1 + e))) / (1 + e);
