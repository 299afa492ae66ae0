/** u^k: a product for a k of 0, 1, 2, 3 or 4, as in assembly/kernels/sigmoidFocal.ts. */
export const power = (u: number, k: number): number =>
  k < 2 ? (k < 1 ? 1 : u) : k < 3 ? u * u : k < 4 ? u * u * u : u * u * (u * u);
