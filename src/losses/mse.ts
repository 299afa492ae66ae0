import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { ANY_NUMBER } from '../options/interval.ts';
import type { Descriptor } from './descriptor.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

interface MseValue {
  /**
   * Mean squared error; no hidden ½.
   *
   * value (x − t)²; gradient 2(x − t). Shapes, results, errors and numerics as `l1`; the loss's unit is the input's squared.
   *
   * PyTorch: nn.functional.mse_loss.
   * @example F.mse(Float32Array.of(1, 2, 3), Float32Array.of(1, 4, 2)) // 1.6666666666666667
   */
  mse<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, ElementOptions>,
  ): ValueOf<I, C>;
}
export type Mse = MseValue & { readonly mse: Forms<ElementOptions, FloatInput> };

export const mse: Descriptor<ElementOptions> = {
  name: 'mse',
  like: { torch: 'torch.nn.functional.mse_loss' },
  formula: '(x − t)²',
  family: elementwise,
  inputs: inputAndTarget(ANY_NUMBER, ANY_NUMBER),
  options: elementOptions(),
  kernels: [{ name: 'mse', file: 'mse', op: 'Mse', loops: ['any', 'sum', 'grad', 'sumgrad'] }],
  hessian: ['exact', 'one', 'secant'],
  kernel: () => 'mse',
  params: () => [],
};
