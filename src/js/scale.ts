// Powers of two for sums of squares, as in assembly/math/scale.ts.

/** Whether a sum of squares is as good without. */
export const isPlain = (sum: number): boolean => sum >= 2 ** -300 && sum <= 2 ** 300;

/** What makes a greatest size a number around 4, as its inverse is to be a number, too; 1 for what is infinite. */
export const scaleOf = (greatest: number): number =>
  greatest === Infinity
    ? 1
    : 2 ** (2 - Math.floor(Math.log2(Math.min(Math.max(greatest, 2 ** -1021), Number.MAX_VALUE))));
