import type { FloatDType } from '../dtypes.ts';

/** A number as the kernels have it: of the dtype. One that the dtype has no number for is 0. */
export const rounded = (x: number, dtype: FloatDType): number => (dtype === 'f32' ? Math.fround(x) : x);
