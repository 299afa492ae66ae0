import type { FloatDType } from '../dtypes.ts';
import type { Interval } from '../options/interval.ts';

export const ABOVE_ZERO: Interval = {
  low: 0,
  high: Number.POSITIVE_INFINITY,
  isLowOpen: true,
  isHighOpen: true,
};

/** The least number of f32 above 0, and the greatest. */
const LEAST_F32 = 2 ** -149;
const LARGEST_F32 = 2 ** 128 - 2 ** 104;

/** A number above 0 as the kernels have it: above 0 and finite in the dtype, too. */
export const positive = (x: number, dtype: FloatDType): number =>
  dtype === 'f32' ? Math.max(LEAST_F32, Math.min(x, LARGEST_F32)) : x;
