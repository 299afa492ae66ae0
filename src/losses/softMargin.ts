import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { LOGITS } from '../options/interval.ts';
import type { Descriptor } from './descriptor.ts';
import { SIGNS } from './margin.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

interface SoftMarginValue {
  /**
   * Soft margin loss: binary cross entropy of a logit with labels −1 and 1.
   *
   * value softplus(−t x); gradient −t σ(−t x).
   *
   * - `input`: logits, any number
   * - `target`: the same shape, −1 and 1; ±k for logits in units of 1/k
   * - returns, throws as `l1`
   * - relative error of value and gradient at most 4e-6 (f32) of t x as rounded, where PyTorch returns 0 or Infinity
   *
   * PyTorch: nn.functional.soft_margin_loss.
   * @example F.softMargin(Float32Array.of(0, 0), Float32Array.of(-1, 1)) // 0.6931471805599453
   */
  softMargin<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, ElementOptions>,
  ): ValueOf<I, C>;
}
export type SoftMargin = SoftMarginValue & { readonly softMargin: Forms<ElementOptions, FloatInput> };

export const softMargin: Descriptor<ElementOptions> = {
  name: 'softMargin',
  like: { torch: 'torch.nn.functional.soft_margin_loss' },
  formula: 'softplus(−t x)',
  family: elementwise,
  inputs: inputAndTarget(LOGITS, SIGNS),
  options: elementOptions(),
  kernels: [{ name: 'softMargin', file: 'softMargin', op: 'SoftMargin', loops: ['any', 'softplus'] }],
  hessian: ['exact', 'one'],
  kernel: () => 'softMargin',
  params: () => [],
};
