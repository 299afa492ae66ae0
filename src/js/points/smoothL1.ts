// Smooth L1, with d = x − t and β = p0 > 0; it is Huber/β:
//   ½ d²/β      where |d| < β
//   |d| − ½ β   elsewhere
// Both are r (d − ½ β r) with r = d/β clipped to [−1, 1], which is the gradient, too.

export const aux = (x: number, t: number) => x - t;

export const value = (aux: number, p0: number) => {
  const r = Math.max(-1, Math.min(aux / p0, 1));
  return r * (aux - 0.5 * p0 * r);
};

export const grad = (aux: number, p0: number) => Math.max(-1, Math.min(aux / p0, 1));

export const gradTarget = (aux: number, p0: number) => Math.max(-1, Math.min(-aux / p0, 1));
