// Binary cross entropy of a probability x and target t: −(t log p + (1 − t) log(1 − p)).
// Gradient (p − t)/(p (1 − p)), with respect to the target log(1 − p) − log p.
//
// One formula covers the three ways to stay finite at p = 0 and 1:
//   PyTorch        logs at least −100, the gradient's denominator at least 1e-12
//   eps, 'clip'    p = x clipped to [eps, 1 − eps]; gradient 0 where it was clipped (Keras)
//   eps, 'add'     log(p + eps) and log(1 − p + eps) (TensorFlow.js)
// [p0, p1]: range of p; p2: what is added inside the logs; p3: least logarithm; p4: least denominator.
// Outside [0, 1], where nothing clips, everything is NaN.

/** p */
export const aux = (x: number, p0: number, p1: number) => {
  const p = Math.max(p0, Math.min(x, p1));
  return p >= 0 && p <= 1 ? p : Number.NaN;
};

export const value = (t: number, aux: number, p2: number, p3: number) =>
  -t * Math.max(Math.log(aux + p2), p3) - (1 - t) * Math.max(Math.log1p(p2 - aux), p3);

export const grad = (x: number, t: number, aux: number, p0: number, p1: number, p2: number, p4: number) =>
  x < p0 || x > p1 ? 0 : (aux - t + p2 * (1 - 2 * t)) / Math.max((aux + p2) * (1 - aux + p2), p4);

export const gradTarget = (aux: number, p2: number, p3: number) =>
  Math.max(Math.log1p(p2 - aux), p3) - Math.max(Math.log(aux + p2), p3);
