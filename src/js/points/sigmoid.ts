// sigmoid(x) = 1/(1 + e^−x) as an elementwise map, and its backward from the output x: x (1 − x).

export const value = (x: number) => 1 / (1 + Math.exp(-x));

export const grad = (x: number) => x * (1 - x);
