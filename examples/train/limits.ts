// What the run has to keep to; main.ts says what does not and fails.
import type { LossName } from './loss.ts';

/** Beyond this a gradient is wrong rather than the difference quotient inexact. */
export const GRADIENT_LIMIT = 1e-6;
/** Backends round differently; in f32 that stays below this. */
export const AGREEMENT_LIMIT = 1e-5;

export function faultsOf(loss: LossName, gradientError: number, disagreement: number): string[] {
  const beyond = (what: string, error: number, limit: number): string[] =>
    // NaN compares as false: it must not pass for small
    error <= limit ? [] : [`${loss}: ${what} ${error.toExponential(1)}, limit ${limit.toExponential()}`];
  return [
    ...beyond('gradient check error', gradientError, GRADIENT_LIMIT),
    ...beyond('the backends differ by', disagreement, AGREEMENT_LIMIT),
  ];
}
