import type { FloatInput } from '../types.ts';
import type { Descriptor } from './descriptor.ts';
import { number, operand } from './options.ts';

export interface HuberOptions {
  /** Where the parabola becomes a line, in the unit of the input; > 0, default 1. */
  delta?: number;
  /** Weight of each element, broadcast to the input as in NumPy; the mean still divides by the element count. */
  weight?: FloatInput | number;
}

export const huber: Descriptor<Required<HuberOptions>> = {
  name: 'huber',
  torch: 'torch.nn.functional.huber_loss',
  formula: '½(x − t)² where |x − t| ≤ δ, else δ(|x − t| − ½δ)',
  family: 'elementwise',
  inputs: ['input', 'target'],
  domain: 'any number',
  options: {
    delta: number(1, 'greater than 0', (x) => x > 0),
    weight: operand('a number or an array that broadcasts to the input'),
  },
  kernels: [{ name: 'huber', file: 'huber', op: 'Huber', loops: ['any', 'sum', 'grad', 'sumgrad'] }],
  kernel: () => 'huber',
  params: (options) => [options.delta],
};
