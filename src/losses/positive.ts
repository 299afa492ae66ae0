import type { FloatDType } from '../dtypes.ts';

/** A number above 0 as the kernels have it: above 0 and finite in the dtype, too. */
export const positive = (x: number, dtype: FloatDType): number =>
  dtype === 'f32' ? Math.max(2 ** -149, Math.min(x, 2 ** 128 - 2 ** 104)) : Math.min(x, Number.MAX_VALUE);
