import type { FloatInput } from '../types.ts';
import type { Descriptor } from './descriptor.ts';
import { integer, oneOf, operand } from './options.ts';

export interface ClassOptions {
  /** Weight of each class, [classes]; the mean of index targets divides by the sum of the targets' weights. */
  weight?: FloatInput;
  /** Rows with this label are not read and not counted; may be a class or outside the classes. Default −100. */
  ignoreIndex?: number;
  /** The mean over no row at all: 'nan' (default, as PyTorch) or 'zero'. */
  allIgnored?: 'nan' | 'zero';
  /** The class axis; default 1, or 0 for one row. −1 is channels-last. */
  axis?: number;
}

export const axisOption = integer(Number.NaN, -32, 31);

export const classOptions = {
  weight: operand('an array [classes]'),
  ignoreIndex: integer(-100, -(2 ** 31), 2 ** 31 - 1),
  allIgnored: oneOf('nan', ['nan', 'zero']),
  axis: axisOption,
};

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
