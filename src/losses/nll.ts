import type { FloatInput, IndexInput } from '../types.ts';
import type { Descriptor } from './descriptor.ts';
import { integer, operand } from './options.ts';
import type { Loss } from './signatures.ts';

export interface ClassOptions {
  /** Weight of each class, [classes]; the mean of index targets divides by the sum of the targets' weights. */
  weight?: FloatInput;
  /** Rows with this label are not read and not counted; may be a class or outside the classes. Default −100. */
  ignoreIndex?: number;
  /** The class axis; default 1, or 0 for one row. −1 is channels-last. */
  axis?: number;
}

export const axisOption = integer(Number.NaN, -32, 31);

export const classOptions = {
  weight: operand('an array [classes]'),
  ignoreIndex: integer(-100, -(2 ** 31), 2 ** 31 - 1),
  axis: axisOption,
};

export interface Nll {
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
  readonly nll: Loss<ClassOptions, IndexInput>;
}

export const nll: Descriptor<Required<ClassOptions>> = {
  name: 'nll',
  torch: 'torch.nn.functional.nll_loss',
  formula: '−w_t x_t',
  family: 'classes',
  inputs: ['input', 'target'],
  domain: 'log-probabilities',
  options: classOptions,
  kernels: [{ name: 'nll', file: 'nll', op: 'Nll', loops: ['pick'] }],
  kernel: () => 'nll',
  params: () => [],
};
