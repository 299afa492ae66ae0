// Functions of one number, written so that their tails keep every digit of f64.

/** log(1 + eˣ) */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** 1 / (1 + e⁻ˣ) */
export const sigmoid = (x: number): number => {
  const e = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
};

/** c·x, where 0·±inf is 0 (the limit that every loss here wants) and 0·NaN stays NaN. */
export const times = (c: number, x: number): number =>
  c === 0 && Math.abs(x) === Number.POSITIVE_INFINITY ? 0 : c * x;

/** c·x, where 0·x is 0: what has no weight does not count, whatever it is. */
export const counted = (c: number, x: number): number => (c === 0 ? 0 : c * x);

/** The shares of both outcomes of a binary target, ε of which goes to ½. */
export const smoothed = (t: number, smoothing = 0): [yes: number, no: number] => [
  (1 - smoothing) * t + smoothing / 2,
  (1 - smoothing) * (1 - t) + smoothing / 2,
];

/** Neumaier's compensated sum. */
export function sum(terms: Iterable<number>): number {
  let total = 0;
  let lost = 0;
  for (const term of terms) {
    const next = total + term;
    if (Number.isFinite(next)) {
      lost += Math.abs(total) >= Math.abs(term) ? total - next + term : term - next + total;
    }
    total = next;
  }
  return total + lost;
}

/** For each value the sum of all the others, added up anew where subtracting from the total would cancel. */
export function sumsOfOthers(values: number[]): number[] {
  const total = sum(values);
  const size = sum(values.map(Math.abs));
  return values.map((v, j) => (Math.abs(v) <= size / 2 ? total - v : sum(values.filter((_, k) => k !== j))));
}

/** log(a + b) for a sum that may be close to 1: what it was rounded by counts there. */
export function logOfSum(a: number, b: number): number {
  const [large, small] = Math.abs(a) >= Math.abs(b) ? [a, b] : [b, a];
  const total = large + small;
  const lost = (large - total + small) / total;
  return Math.log(total) + (total === 0 || total === Number.POSITIVE_INFINITY ? 0 : lost);
}
