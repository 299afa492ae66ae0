import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { ANY_NUMBER } from '../options/interval.ts';
import type { Descriptor } from './descriptor.ts';
import { l1Kernel } from './kernels.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

interface L1Value {
  /**
   * Mean absolute error.
   *
   * value |x − t|; gradient sign(x − t), 0 at the kink; NaN propagates.
   *
   * - `input`, `target`: equal shapes, f32 or f64, any unit (the loss has the same)
   * - returns the mean (or sum) as a number added in f64, or with reduction 'none' an array of the input's shape
   * - throws ERR_SHAPE, ERR_DTYPE, ERR_OPTION, ERR_MEMORY
   * - exact up to one rounding per element; sums within 2e-7 Σ|terms|; the mean of nothing is NaN
   *
   * PyTorch: nn.functional.l1_loss.
   * @example F.l1(Float32Array.of(1, 2, 3), Float32Array.of(1, 4, 2)) // 1
   */
  l1<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, ElementOptions>,
  ): ValueOf<I, C>;
}
export type L1 = L1Value & { readonly l1: Forms<ElementOptions, FloatInput> };

export const l1: Descriptor<ElementOptions> = {
  name: 'l1',
  like: { torch: 'torch.nn.functional.l1_loss' },
  formula: '|x − t|',
  family: elementwise,
  inputs: inputAndTarget(ANY_NUMBER, ANY_NUMBER),
  options: elementOptions(),
  kernels: [l1Kernel],
  hessian: ['exact', 'one', 'secant'],
  kernel: () => 'l1',
  params: () => [],
};
