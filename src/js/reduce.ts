// The one way in which the JS kernels add up: a loop sums a block's terms, the blocks' sums are added compensated.
import { BLOCK, FLAGS, VALUE } from '../abi.ts';
import type { KernelCall } from '../call.ts';
import type { KernelName } from '../wasm/generated/exports.ts';

/** Runs a call; returns the reduced value, 0 where none is wanted. */
export type Kernel = (call: KernelCall) => number;
export type Kernels = Record<KernelName | 'prepass', Kernel>;

/** Works on the terms from … to − 1 and returns their sum, 0 where no sum is wanted. */
export type RangeLoop = (call: KernelCall, from: number, to: number) => number;

/** The compensated sum of a loop over `count` terms. */
export function total(loop: RangeLoop, call: KernelCall, count: number): number {
  let sum = 0;
  let lost = 0;
  for (let from = 0; from < count; from += BLOCK) {
    const part = loop(call, from, Math.min(from + BLOCK, count));
    const next = sum + part;
    lost += Math.abs(sum) >= Math.abs(part) ? sum - next + part : part - next + sum;
    sum = next;
  }
  // what an infinite sum has lost is NaN
  return sum + (lost || 0);
}

/** Runs a loop over all `count` terms of the call; returns the reduced value. */
export function reduce(loop: RangeLoop, call: KernelCall, count: number): number {
  const sum = total(loop, call, count);
  if ((call.flags & FLAGS.VALUE) === 0 || call.arrays[VALUE] !== null) return 0;
  if ((call.flags & FLAGS.EMPTY_IS_ZERO) !== 0 && call.active === 0) return 0;
  return sum / divisor(call);
}

/** A mean over nothing, or over weights that add up to 0, is NaN, and so are its gradients: 0 becomes NaN. */
const divisor = (call: KernelCall): number =>
  ((call.flags & FLAGS.WEIGHTED_MEAN) !== 0 ? call.weightSum : call.divisor) || Number.NaN;

/** What the gradient of every term is multiplied by. */
export const gradScale = (call: KernelCall): number => call.scale / divisor(call);
