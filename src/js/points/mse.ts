// Squared error: d², d = x − t. Gradient 2d; no hidden ½.

export const aux = (x: number, t: number) => x - t;

export const value = (aux: number) => aux * aux;

export const grad = (aux: number) => 2 * aux;

export const gradTarget = (aux: number) => -2 * aux;
