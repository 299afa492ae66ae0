import type { FloatInput } from '../types.ts';
import type { Descriptor } from './descriptor.ts';
import { operand } from './options.ts';

export interface L1Options {
  /** Weight of each element, broadcast to the input as in NumPy; the mean still divides by the element count. */
  weight?: FloatInput | number;
}

export const l1: Descriptor<L1Options> = {
  name: 'l1',
  torch: 'torch.nn.functional.l1_loss',
  formula: '|x − t|',
  family: 'elementwise',
  inputs: ['input', 'target'],
  domain: 'any number',
  options: { weight: operand('a number or an array that broadcasts to the input') },
  kernels: [{ name: 'l1', file: 'l1', op: 'L1', loops: ['any', 'sum', 'grad', 'sumgrad'] }],
  kernel: () => 'l1',
  params: () => [],
};
