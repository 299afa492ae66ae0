import type { FloatInput } from '../types.ts';
import type { Descriptor } from './descriptor.ts';
import { operand } from './options.ts';

export interface BceWithLogitsOptions {
  /** Weight of each element, broadcast to the input as in NumPy; the mean still divides by the element count. */
  weight?: FloatInput | number;
  /** Weight of the positive term, broadcast to the input as in NumPy (usually [classes]). */
  posWeight?: FloatInput | number;
}

export const bceWithLogits: Descriptor<BceWithLogitsOptions> = {
  name: 'bceWithLogits',
  torch: 'torch.nn.functional.binary_cross_entropy_with_logits',
  formula: 'q t softplus(−x) + (1 − t) softplus(x)',
  family: 'elementwise',
  inputs: ['input', 'target'],
  domain: 'any number; ±inf is allowed where it agrees with its label',
  options: {
    weight: operand('a number or an array that broadcasts to the input'),
    posWeight: operand('a number or an array that broadcasts to the input'),
  },
  kernels: [
    { name: 'bceWithLogits', file: 'bceWithLogits', op: 'BceWithLogits', loops: ['any', 'softplus'] },
  ],
  kernel: () => 'bceWithLogits',
  params: () => [],
};
