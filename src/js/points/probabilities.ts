// Cross entropy of probabilities: a class costs −log p.
//   'clip'   p = x clipped to [p2, p3]; gradient 0 where it was clipped
//   'add'    log(x + p4)
import type { KernelCall } from '../../call.ts';

export const cost = (x: number, { p2, p3, p4 }: KernelCall) => -Math.log(Math.max(p2, Math.min(x, p3)) + p4);

export const slope = (x: number, { p2, p3, p4 }: KernelCall) => (x < p2 || x > p3 ? 0 : -1 / (x + p4));

export const curve = (x: number, { p2, p3, p4 }: KernelCall) => (x < p2 || x > p3 ? 0 : 1 / (x + p4) ** 2);
