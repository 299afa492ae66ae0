// L1: |d|, d = x − t. Gradient sign(d), 0 at the kink; NaN stays NaN.

export const aux = (x: number, t: number) => x - t;

export const value = (aux: number) => Math.abs(aux);

export const grad = (aux: number) => Math.sign(aux);

export const gradTarget = (aux: number) => -Math.sign(aux);
