import type { FloatInput } from '../types.ts';
import type { Descriptor } from './descriptor.ts';
import { operand } from './options.ts';

export interface MseOptions {
  /** Weight of each element, broadcast to the input as in NumPy; the mean still divides by the element count. */
  weight?: FloatInput | number;
}

export const mse: Descriptor<MseOptions> = {
  name: 'mse',
  torch: 'torch.nn.functional.mse_loss',
  formula: '(x − t)²',
  family: 'elementwise',
  inputs: ['input', 'target'],
  domain: 'any number',
  options: { weight: operand('a number or an array that broadcasts to the input') },
  kernels: [{ name: 'mse', file: 'mse', op: 'Mse', loops: ['any', 'sum', 'grad', 'sumgrad'] }],
  kernel: () => 'mse',
  params: () => [],
};
