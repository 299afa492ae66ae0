import { elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { ANY_NUMBER } from '../options/interval.ts';
import type { Descriptor } from './descriptor.ts';
import { type HingeOptions, hingeOptions, hingeParams, labelsOf } from './margin.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

interface HingeValue {
  /**
   * Hinge loss of a score: what is missing to the margin.
   *
   * value max(0, margin − t x); gradient −t where t x < margin, else 0. With `labels: 'binary'`: value max(0, margin − y x),
   * y = 2t − 1; gradient −y where y x < margin, else 0.
   *
   * - `input`: scores, any number
   * - `target`: the same shape, −1 and 1 (with `labels: 'binary'` 0 and 1)
   * - returns, throws as `l1`; at most 4 ULP of margin + |t x|, as the difference cancels by nature
   *
   * Cortes and Vapnik, Support-Vector Networks, 1995.
   * @example F.hinge(Float32Array.of(0.5, 3, -1), Float32Array.of(1, 1, 1), { reduction: 'sum' }) // 2.5
   */
  hinge<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, HingeOptions>,
  ): ValueOf<I, C>;
}
export type Hinge = HingeValue & { readonly hinge: Forms<HingeOptions, FloatInput> };

export const hinge: Descriptor<Required<HingeOptions>> = {
  name: 'hinge',
  like: { keras: 'keras.losses.Hinge', optax: 'optax.losses.hinge_loss' },
  formula: 'max(0, margin − t x)',
  family: elementwise,
  inputs: inputAndTarget(ANY_NUMBER, labelsOf),
  options: hingeOptions(),
  kernels: [
    { name: 'hinge', file: 'hinge', op: 'Hinge', loops: ['any', 'sum', 'grad', 'sumgrad'], hasFinite: true },
  ],
  hessian: ['exact', 'one'],
  hasOwnOne: true,
  kernel: () => 'hinge',
  params: hingeParams,
};
