/** v u^k for a k of 0, 1, 2, 3 or 4: v first, because u^k may underflow where that does not, as in assembly/kernels/sigmoidFocal.ts. */
export const timesPower = (v: number, u: number, k: number): number =>
  k < 2 ? (k < 1 ? v : v * u) : k < 3 ? v * u * u : k < 4 ? v * u * u * u : v * u * u * u * u;

/** a b c, where b c may be beyond the numbers for a small a. */
export const product = (a: number, b: number, c: number): number =>
  Math.abs(b * c) === Number.POSITIVE_INFINITY ? b * (a * c) : a * (b * c);
