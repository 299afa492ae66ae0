// Squared error: d², d = x − t. Gradient 2d; no hidden ½.

export const d = (x: number, t: number) => x - t;

export const value = (d: number) => d * d;

export const grad = (d: number) => 2 * d;

export const gradTarget = (d: number) => -2 * d;
