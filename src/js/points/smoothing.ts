// Label smoothing of a binary target: p5 is 1 − ε, p6 ½ε. Without smoothing these are t and 1 − t to the bit.

export const yes = (t: number, p5: number, p6: number) => t * p5 + p6;

export const no = (t: number, p5: number, p6: number) => (1 - t) * p5 + p6;
