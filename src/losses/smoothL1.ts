import type { FloatInput } from '../types.ts';
import type { Descriptor } from './descriptor.ts';
import { number, operand } from './options.ts';

export interface SmoothL1Options {
  /** Where the parabola becomes a line, in the unit of the input; ≥ 0, default 1. With 0 the loss is L1. */
  beta?: number;
  /** Weight of each element, broadcast to the input as in NumPy; the mean still divides by the element count. */
  weight?: FloatInput | number;
}

/** Below this |x − t|/β overflows or β is no normal number of the dtype: the parabola is narrower than any step. */
const leastBeta = { f32: 2 ** -126, f64: 2 ** -1022 };

export const smoothL1: Descriptor<Required<SmoothL1Options>> = {
  name: 'smoothL1',
  torch: 'torch.nn.functional.smooth_l1_loss',
  formula: '½(x − t)²/β where |x − t| < β, else |x − t| − ½β',
  family: 'elementwise',
  inputs: ['input', 'target'],
  domain: 'any number',
  options: {
    beta: number(1, 'of at least 0', (x) => x >= 0 && x < Number.POSITIVE_INFINITY),
    weight: operand('a number or an array that broadcasts to the input'),
  },
  kernels: [{ name: 'smoothL1', file: 'smoothL1', op: 'SmoothL1', loops: ['any', 'sum', 'grad', 'sumgrad'] }],
  kernel: (options, dtype) => (options.beta < leastBeta[dtype] ? 'l1' : 'smoothL1'),
  params: (options) => [options.beta],
};
