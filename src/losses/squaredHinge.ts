import { elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { ANY_NUMBER } from '../options/interval.ts';
import type { Descriptor } from './descriptor.ts';
import { type HingeOptions, hingeOptions, hingeParams, labelsOf } from './margin.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

interface SquaredHingeValue {
  /**
   * Squared hinge loss of a score: the square of what is missing to the margin.
   *
   * value max(0, margin − t x)²; gradient −2t(margin − t x) where t x < margin, else 0. With `labels: 'binary'`:
   * value max(0, margin − y x)², y = 2t − 1; gradient −2y(margin − y x) where y x < margin, else 0.
   *
   * Inputs, options, results, errors as `hinge`; at most 4 ULP where the difference does not cancel.
   * @example F.squaredHinge(Float32Array.of(0.5, 3, -1), Float32Array.of(1, 1, 1), { reduction: 'sum' }) // 4.25
   */
  squaredHinge<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, HingeOptions>,
  ): ValueOf<I, C>;
}
export type SquaredHinge = SquaredHingeValue & { readonly squaredHinge: Forms<HingeOptions, FloatInput> };

export const squaredHinge: Descriptor<Required<HingeOptions>> = {
  name: 'squaredHinge',
  like: { keras: 'keras.losses.SquaredHinge' },
  formula: 'max(0, margin − t x)²',
  family: elementwise,
  inputs: inputAndTarget(ANY_NUMBER, labelsOf),
  options: hingeOptions(),
  kernels: [
    {
      name: 'squaredHinge',
      file: 'squaredHinge',
      op: 'SquaredHinge',
      loops: ['any', 'sum', 'grad', 'sumgrad'],
    },
  ],
  hessian: ['exact', 'one'],
  hasOwnOne: true,
  kernel: () => 'squaredHinge',
  params: hingeParams,
};
