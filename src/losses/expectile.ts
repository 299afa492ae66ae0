import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { ANY_NUMBER } from '../options/interval.ts';
import type { Descriptor } from './descriptor.ts';
import { quantileOption, quantileParams } from './quantile.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

export interface ExpectileOptions extends ElementOptions {
  /** How much of the weight is below the target, in (0, 1), broadcast to the input as in NumPy: several at once. Default ½. */
  quantile?: FloatInput | number | undefined;
}

interface ExpectileValue {
  /**
   * Expectile loss: a squared error that weighs one side more than the other.
   *
   * value w (x − t)², w = τ where x < t, else 1 − τ; gradient 2w (x − t). τ is the quantile.
   *
   * Shapes, results, errors as `l1`; at most 4 ULP.
   *
   * Newey and Powell, Asymmetric Least Squares Estimation and Testing, 1987.
   * @example F.expectile(Float32Array.of(1, 3), Float32Array.of(2, 1), { quantile: 0.75, reduction: 'sum' }) // 1.75
   */
  expectile<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, ExpectileOptions>,
  ): ValueOf<I, C>;
}
export type Expectile = ExpectileValue & { readonly expectile: Forms<ExpectileOptions, FloatInput> };

export const expectile: Descriptor<ExpectileOptions> = {
  name: 'expectile',
  like: {},
  formula: 'w (x − t)², w = τ where x < t, else 1 − τ',
  family: elementwise,
  inputs: inputAndTarget(ANY_NUMBER, ANY_NUMBER),
  options: { ...elementOptions(), quantile: quantileOption() },
  kernels: [
    { name: 'expectile', file: 'expectile', op: 'Expectile', loops: ['any', 'sum', 'grad', 'sumgrad'] },
  ],
  hessian: ['exact', 'one'],
  kernel: () => 'expectile',
  params: quantileParams,
};
