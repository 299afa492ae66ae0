// Huber, with d = x − t and δ = p0:
//   ½ d²            where |d| ≤ δ
//   δ (|d| − ½ δ)   elsewhere
// Both are c (d − ½ c) with c = d clipped to [−δ, δ], which is the gradient, too.

export const aux = (x: number, t: number) => x - t;

export const value = (aux: number, p0: number) => {
  const c = Math.max(-p0, Math.min(aux, p0));
  return c * (aux - 0.5 * c);
};

export const grad = (aux: number, p0: number) => Math.max(-p0, Math.min(aux, p0));

export const gradTarget = (aux: number, p0: number) => Math.max(-p0, Math.min(-aux, p0));
