// Binary cross entropy of a probability x and target t: −(t log p + (1 − t) log(1 − p)).
// Gradient (p − t)/(p (1 − p)), with respect to the target log(1 − p) − log p.
//
// One formula covers the three ways to stay finite at p = 0 and 1:
//   PyTorch        logs at least −100, the gradient's denominator at least 1e-12
//   eps, 'clip'    p = x clipped to [eps, 1 − eps]; gradient 0 where it was clipped (Keras)
//   eps, 'add'     log(p + eps) and log(1 − p + eps) (TensorFlow.js)
// [p0, p1]: range of p; p2: what is added inside the logs; p3: least logarithm; p4: least denominator.
// Outside [0, 1], where nothing clips, everything is NaN. A label 0 or 1 needs one logarithm only.

export const p = (x: number, p0: number, p1: number) => {
  const c = Math.max(p0, Math.min(x, p1));
  return c >= 0 && c <= 1 ? c : Math.sqrt(-1);
};

export const value = (t: number, p: number, p2: number, p3: number) =>
  (t === 0 ? 0 : -t * Math.max(Math.log(p + p2), p3)) -
  (t === 1 ? 0 : (1 - t) * Math.max(Math.log1p(p2 - p), p3));

export const grad = (x: number, t: number, p: number, p0: number, p1: number, p2: number, p4: number) =>
  x < p0 || x > p1 ? 0 : (p - t + p2 * (1 - 2 * t)) / Math.max((p + p2) * (1 - p + p2), p4);

export const gradTarget = (p: number, p2: number, p3: number) =>
  Math.max(Math.log1p(p2 - p), p3) - Math.max(Math.log(p + p2), p3);
