// Binary cross entropy of a probability x and target t: −(t log p + (1 − t) log(1 − p)).
// Gradient (p − t)/(p (1 − p)), with respect to the target log(1 − p) − log p.
//
// Three ways to stay finite at p = 0 and 1:
//   PyTorch        p = x; logs at least −100 (p3), the gradient's denominator at least 1e-12 (p4)
//   eps, 'clip'    p = x clipped to [eps, 1 − eps]; gradient 0 where it was clipped (Keras); p0 = eps
//   eps, 'add'     log(x + eps) and log(1 − x + eps) (TensorFlow.js); p1 = eps
// p2 is eps. Outside [0, 1], where nothing clips, everything is NaN. A label 0 or 1 needs one logarithm only.
//
// 1 − eps is rounded, and so is 1 − x below ½. So with an eps everything is said of the rarer of the two outcomes: its
// probability r = min(x, 1 − x) is exact, clipping is a maximum with eps, and the two logarithms are
//   log(r + p1)   and   log(1 − r + p1) = log1p(p1 − r)

export { no, yes } from './smoothing.ts';

/** x, or with an eps the rarer outcome's probability, clipped; NaN where it is none. */
export const p = (x: number, p0: number, p2: number) => {
  const r = p2 === 0 ? x : Math.max(p0, Math.min(x, 1 - x));
  return r >= 0 && r <= 1 ? r : Math.sqrt(-1);
};

/** With an eps the outcomes change places above ½, and r + p1 near 1 is a sum of exact differences from 1. */
export const value = (x: number, p: number, no: number, yes: number, p1: number, p2: number, p3: number) =>
  p2 === 0
    ? (yes === 0 ? 0 : -yes * Math.max(Math.log(p), p3)) - (no === 0 ? 0 : no * Math.max(Math.log1p(-p), p3))
    : ((x > 0.5 ? no : yes) === 0
        ? 0
        : (x > 0.5 ? -no : -yes) * (p + p1 < 0.5 ? Math.log(p + p1) : Math.log1p(p - 0.5 + (p1 - 0.5)))) -
      ((x > 0.5 ? yes : no) === 0 ? 0 : (x > 0.5 ? yes : no) * Math.log1p(p1 - p));

/** The numerator: what is smoothed would be rounded beside x. */
export const rise = (x: number, t: number, no: number, yes: number, p1: number, p6: number) =>
  p6 === 0 ? x - t + p1 * (1 - 2 * t) : no * (x + p1) - yes * (1 - x + p1);

export const grad = (x: number, p: number, rise: number, p0: number, p1: number, p4: number) =>
  x < p0 || 1 - x < p0 ? 0 : rise / Math.max((p + p1) * (1 - p + p1), p4);

export const gradTarget = (x: number, p: number, p1: number, p2: number, p3: number, p5: number) =>
  (p2 !== 0 && x > 0.5 ? -p5 : p5) *
  (Math.max(Math.log1p(p1 - p), p3) -
    Math.max(p2 === 0 || p + p1 < 0.5 ? Math.log(p + p1) : Math.log1p(p - 0.5 + (p1 - 0.5)), p3));

/** t/p² + (1 − t)/(1 − p)², 0 where x was clipped; a part whose coefficient is 0 counts for nothing. */
export const hess = (x: number, p: number, no: number, yes: number, p0: number, p1: number, p2: number) => {
  const isSwapped = p2 !== 0 && x > 0.5;
  const first = isSwapped ? no : yes;
  const second = isSwapped ? yes : no;
  const sum = (first === 0 ? 0 : first / (p + p1) ** 2) + (second === 0 ? 0 : second / (1 - p + p1) ** 2);
  return Number.isNaN(p) ? p : Math.min(x, 1 - x) < p0 ? 0 : sum;
};
