import { type ClassOptions, classes, classOptions, rowsAndTarget } from '../families/classes.ts';
import type { FloatInput, IndexInput } from '../memory/inputs.ts';
import { LOG_PROBABILITIES } from '../options/interval.ts';
import type { Descriptor } from './descriptor.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

interface NllValue {
  /**
   * Negative log likelihood of log-probabilities.
   *
   * value −w_t x_t at each row's target t; gradient −w_t there and 0 elsewhere.
   *
   * - `input`: log-probabilities, shape (C), (N, C) or (N, C, d1 … dk); `axis` moves the class axis
   * - `target`: class indices of any integer type in the shape without the class axis
   * - returns the mean divided by Σ w_t over the rows that count; with 'none' an array in the target's shape
   * - throws ERR_LABEL for an index outside [0, C) that is not ignoreIndex, before anything is written
   * - ignored rows are not read; all ignored: NaN and a zero gradient
   *
   * PyTorch: nn.functional.nll_loss.
   * @example F.nll({ data: Float32Array.of(-1, -2, -3, -4), shape: [2, 2] }, Int32Array.of(0, 1)) // 2.5
   */
  nll<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: IndexInput,
    options?: Given<C, ClassOptions>,
  ): ValueOf<I, C>;
}
export type Nll = NllValue & { readonly nll: Forms<ClassOptions, IndexInput> };

export const nll: Descriptor<Required<ClassOptions>> = {
  name: 'nll',
  like: { torch: 'torch.nn.functional.nll_loss' },
  formula: '−w_t x_t',
  family: classes,
  inputs: rowsAndTarget('indices', LOG_PROBABILITIES),
  options: classOptions(),
  kernels: [{ name: 'nll', file: 'nll', op: 'Nll', loops: ['pick'] }],
  hessian: ['exact', 'one'],
  kernel: () => 'nll',
  // as of other losses that read classes one by one: what weights are multiplied by
  params: () => [1],
};
