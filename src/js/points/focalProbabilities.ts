// Focal loss of probabilities, as in assembly/kernels/focalProbabilities.ts: p2 is eps, p3 γ, p4 eps, or −inf without one.
import type { KernelCall } from '../../call.ts';

const times = (u: number, v: number) => (u === 0 ? 0 : u * v);

/** 1 − p */
const rest = (x: number, { p4 }: KernelCall) => Math.max(1 - Math.max(x, p4), p4);

/** −log p */
const log = (x: number, { p2, p4 }: KernelCall) =>
  p2 !== 0 && 1 - x < p4 ? -Math.log1p(-p4) : -Math.log(Math.max(x, p4));

/** −log p over 1 − p */
const ratio = (x: number, call: KernelCall) => {
  const q = rest(x, call);
  return q === 0 ? 1 : log(x, call) / q;
};

const isClipped = (x: number, { p4 }: KernelCall) => Math.min(x, 1 - x) < p4;

export const cost = (x: number, call: KernelCall) => times(rest(x, call) ** call.p3, log(x, call));

export const slope = (x: number, a: number, call: KernelCall) => {
  if (isClipped(x, call)) return 0 * a;
  const share = a * rest(x, call) ** call.p3;
  // −0 is 0
  return -(share / (x + 0) + times(share, times(call.p3, ratio(x, call))));
};

export const curve = (x: number, a: number, call: KernelCall) => {
  if (isClipped(x, call)) return 0 * a;
  const gamma = call.p3;
  const q = rest(x, call);
  const bend = a * q ** (gamma - 1) * (2 / x + (gamma - 1) * ratio(x, call));
  return (a * q ** gamma) / x / x + times(gamma, bend);
};
