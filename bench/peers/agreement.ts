import type { Result } from './peer.ts';

/** f32 libraries with sums of their own; what is wrong is wrong by more. */
export const TOLERANCE = 2e-5;

/** The largest differences from simdloss. */
export interface Difference {
  /** Relative. */
  readonly value: number;
  /** |a − b| / (|b| + mean |b|): of elements that are differences that cancel, only the absolute error is fair. */
  readonly grad: number;
}

export function differenceOf(of: Result, from: Result): Difference {
  let sum = 0;
  for (let i = 0; i < from.grad.length; i++) sum += Math.abs(from.grad[i]);
  const mean = sum / from.grad.length;
  let grad = 0;
  for (let i = 0; i < from.grad.length; i++) {
    const difference = relative(of.grad[i], from.grad[i], Math.abs(from.grad[i]) + mean);
    if (!(difference <= grad)) grad = difference; // NaN, too, and it stays
    if (Number.isNaN(grad)) break;
  }
  return { value: relative(of.value, from.value, Math.abs(from.value)), grad };
}

/** Equal is equal, beside 0 too. */
const relative = (a: number, b: number, size: number): number => (a === b ? 0 : Math.abs(a - b) / size);

export const agree = ({ value, grad }: Difference): boolean => value <= TOLERANCE && grad <= TOLERANCE;
