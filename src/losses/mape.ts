import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { ABOVE_ZERO, ANY_NUMBER } from '../options/interval.ts';
import { number } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import { positive } from './positive.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

export interface MapeOptions extends ElementOptions {
  /** The least that a distance is divided by; above 0 and finite, default 1e-7. LightGBM has 1. */
  eps?: number | undefined;
  /** What a distance as large as the target costs; above 0 and finite, default 100: percent. */
  scale?: number | undefined;
}

interface MapeValue {
  /**
   * Mean absolute percentage error.
   *
   * value scale |x − t|/max(|t|, eps); gradient scale sign(x − t)/max(|t|, eps), 0 where x = t.
   *
   * - `input`, `target`: equal shapes, f32 or f64, any unit
   * - the gradient to the target is −scale sign(x − t) x/(t |t|), where |t| ≤ eps −scale sign(x − t)/eps
   * - returns, throws as `l1`; at most 4 ULP
   *
   * Keras: MeanAbsolutePercentageError.
   * @example F.mape(Float32Array.of(1, 3), Float32Array.of(2, 2)) // 50
   */
  mape<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, MapeOptions>,
  ): ValueOf<I, C>;
}
export type Mape = MapeValue & { readonly mape: Forms<MapeOptions, FloatInput> };

export const mape: Descriptor<Required<MapeOptions>> = {
  name: 'mape',
  like: {
    keras: 'keras.losses.MeanAbsolutePercentageError',
    sklearn: 'sklearn.metrics.mean_absolute_percentage_error',
  },
  formula: 'scale |x − t|/max(|t|, eps)',
  family: elementwise,
  // a share of 0 is no figure to look at
  inputs: inputAndTarget(ANY_NUMBER, { ...ANY_NUMBER, shown: [0.5, 4] }),
  options: {
    eps: number(1e-7, { ...ABOVE_ZERO, shown: [1e-7, 1] }),
    scale: number(100, { ...ABOVE_ZERO, shown: [1, 100] }),
    ...elementOptions(),
  },
  kernels: [{ name: 'mape', file: 'mape', op: 'Mape', loops: ['any', 'sum', 'grad', 'sumgrad'] }],
  hessian: ['exact', 'one'],
  kernel: () => 'mape',
  params: ({ eps, scale }, dtype) => [positive(eps, dtype), positive(scale, dtype)],
};
