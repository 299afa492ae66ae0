import type { FloatDType } from '../dtypes.ts';
import { number, oneOf } from '../options/specs.ts';

/** Options of losses that take logarithms of probabilities. */
export const epsOptions = () => ({
  eps: number(0, { low: 0, high: 0.5, isHighOpen: true }),
  epsMode: oneOf('clip', ['clip', 'add']),
});

/** eps as the kernels have it: of the dtype. One that the dtype has no number for is 0. */
export const roundedEps = (eps: number, dtype: FloatDType): number =>
  dtype === 'f32' ? Math.fround(eps) : eps;
