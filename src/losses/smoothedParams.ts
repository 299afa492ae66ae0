import type { FloatDType } from '../dtypes.ts';

/** The option of losses over classes. */
export interface SmoothedOptions {
  /** Share of the target probability that is spread evenly over the classes, in [0, 1]. Default 0. */
  labelSmoothing?: number | undefined;
}

/** The least number above 0. */
const LEAST = { f32: 2 ** -149, f64: Number.MIN_VALUE };

/** P0 and P1: 1 − ε and ε/C, which as 0 would say that a class does not count, times a factor. */
export const smoothedParams = (
  smoothing: number,
  dtype: FloatDType,
  classes: number,
  factor = 1,
): [number, number] => [
  (1 - smoothing) * factor,
  smoothing && factor && Math.max((smoothing / classes) * factor, LEAST[dtype]),
];
