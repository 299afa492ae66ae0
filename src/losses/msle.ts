import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import type { Interval } from '../options/interval.ts';
import { number } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import { rounded } from './rounded.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

export interface MsleOptions extends ElementOptions {
  /** The least that input and target count as, above −1 and finite; what is below has no gradient. Default: none. Keras has 1e-7. */
  eps?: number | undefined;
}

interface MsleValue {
  /**
   * Mean squared logarithmic error: the squared difference of log(1 + x) and log(1 + t), for what counts by its ratio.
   *
   * value (log(1 + x) − log(1 + t))²; gradient 2D/(1 + x), D = log(1 + x) − log(1 + t). With `eps`: value D² of max(x, eps) and max(t, eps); gradient
   * 2D/(1 + x) where x ≥ eps, else 0.
   *
   * - `input`, `target`: equal shapes, numbers of at least −1, usually at least 0; NaN below
   * - returns, throws as `l1`; at most 8 ULP, the gradient 5 (4.2 found), also where x is close to t
   *
   * Keras: MeanSquaredLogarithmicError.
   * @example F.msle(Float32Array.of(1, 3), Float32Array.of(0, 3), { reduction: 'sum' }) // 0.4804530143737793
   */
  msle<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, MsleOptions>,
  ): ValueOf<I, C>;
}
export type Msle = MsleValue & { readonly msle: Forms<MsleOptions, FloatInput> };

const ABOVE_MINUS_ONE: Interval = { low: -1, high: Infinity, shown: [0, 4] };

export const msle: Descriptor<Required<MsleOptions>> = {
  name: 'msle',
  like: {
    keras: 'keras.losses.MeanSquaredLogarithmicError',
    sklearn: 'sklearn.metrics.mean_squared_log_error',
  },
  formula: '(log(1 + x) − log(1 + t))²',
  family: elementwise,
  inputs: inputAndTarget(ABOVE_MINUS_ONE, ABOVE_MINUS_ONE),
  options: {
    eps: number(Number.NaN, { low: -1, high: Infinity, isLowOpen: true, isHighOpen: true, shown: [0, 1] }),
    ...elementOptions(),
  },
  kernels: [{ name: 'msle', file: 'msle', op: 'Msle', loops: ['any', 'terms'], hasFinite: true }],
  hessian: ['exact', 'one'],
  kernel: () => 'msle',
  params: ({ eps }, dtype) => [Number.isNaN(eps) ? -Infinity : rounded(eps, dtype)],
};
