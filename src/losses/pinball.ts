import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { ANY_NUMBER } from '../options/interval.ts';
import type { Descriptor } from './descriptor.ts';
import { quantileOption, quantileParams } from './quantile.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

export interface PinballOptions extends ElementOptions {
  /** The quantile that is predicted, in (0, 1), broadcast to the input as in NumPy: several at once. Default ½. */
  quantile?: FloatInput | number | undefined;
}

interface PinballValue {
  /**
   * Pinball (quantile) loss: what is least where x is the quantile of the target.
   *
   * value max(τ(t − x), (τ − 1)(t − x)) with the quantile τ; gradient 1 − τ where x > t, −τ where x < t, 0 where x = t.
   *
   * Shapes, results, errors as `l1`; at most 4 ULP.
   *
   * Koenker and Bassett, Regression Quantiles, 1978.
   * @example F.pinball(Float32Array.of(1, 2), Float32Array.of(2, 1), { quantile: 0.75, reduction: 'sum' }) // 1
   */
  pinball<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, PinballOptions>,
  ): ValueOf<I, C>;
}
export type Pinball = PinballValue & { readonly pinball: Forms<PinballOptions, FloatInput> };

export const pinball: Descriptor<PinballOptions> = {
  name: 'pinball',
  like: { sklearn: 'sklearn.metrics.mean_pinball_loss' },
  formula: 'max(τ(t − x), (τ − 1)(t − x))',
  family: elementwise,
  inputs: inputAndTarget(ANY_NUMBER, ANY_NUMBER),
  options: { ...elementOptions(), quantile: quantileOption() },
  kernels: [
    {
      name: 'pinball',
      file: 'pinball',
      op: 'Pinball',
      loops: ['any', 'sum', 'grad', 'sumgrad'],
      hasFinite: true,
    },
  ],
  hessian: ['exact', 'one'],
  kernel: () => 'pinball',
  params: quantileParams,
};
