// Cross entropy of probabilities: a class costs −log p.
//   'clip'   p = x clipped to [eps, 1 − eps]; gradient 0 where it was clipped; p4 = eps
//   'add'    log(x + eps); p3 = eps
// p2 is eps; without it p4 is −inf. 1 − eps is rounded, and so is x + eps, which near 1 loses the logarithm; 1 − x is exact
// where it can be below eps.
import type { KernelCall } from '../../call.ts';

export const cost = (x: number, { p2, p3, p4 }: KernelCall) => {
  if (p2 === 0) return -Math.log(x);
  return 1 - x < p4 ? -Math.log1p(-p4) : -logOfSum(Math.max(x, p4), p3);
};

/** log(a + b) */
function logOfSum(a: number, b: number): number {
  const sum = a + b;
  if (!(sum > 0.5 && sum < 2)) return Math.log(sum);
  const c = sum - a;
  const error = a - (sum - c) + (b - c);
  return Math.log1p(sum - 1 + error);
}

/** −p; infinite where x was clipped, so that what is divided by it is 0, and NaN where it is NaN. */
const divisor = (x: number, { p3, p4 }: KernelCall) => (Math.min(x, 1 - x) < p4 ? Infinity : -(x + p3));

export const slope = (x: number, a: number, call: KernelCall) => a / divisor(x, call);

export const curve = (x: number, a: number, call: KernelCall) => a / divisor(x, call) / divisor(x, call);
