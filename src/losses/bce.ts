import type { FloatDType, FloatInput } from '../types.ts';
import type { Descriptor } from './descriptor.ts';
import { number, oneOf, operand } from './options.ts';

export interface BceOptions {
  /** Weight of each element, broadcast to the input as in NumPy; the mean still divides by the element count. */
  weight?: FloatInput | number;
  /**
   * How far probabilities are kept from 0 and 1, in (0, 0.5); 0 (the default) means PyTorch's way instead: logarithms
   * at least −100, the gradient's denominator at least 1e-12.
   */
  eps?: number;
  /**
   * 'clip' (default): p is clipped to [eps, 1 − eps] and the gradient is 0 where that acted (Keras).
   * 'add': log(p + eps) and log(1 − p + eps) (TensorFlow.js).
   */
  epsMode?: 'clip' | 'add';
}

export const epsOption = number(0, 'from 0 to below 0.5', (x) => x >= 0 && x < 0.5);
export const epsModeOption = oneOf('clip', ['clip', 'add']);

export const bce: Descriptor<Required<BceOptions>> = {
  name: 'bce',
  torch: 'torch.nn.functional.binary_cross_entropy',
  formula: '−(t log x + (1 − t) log(1 − x))',
  family: 'elementwise',
  inputs: ['input', 'target'],
  domain: '[0, 1]; NaN elsewhere',
  options: {
    weight: operand('a number or an array that broadcasts to the input'),
    eps: epsOption,
    epsMode: epsModeOption,
  },
  kernels: [{ name: 'bce', file: 'bce', op: 'Bce', loops: ['any'] }],
  kernel: () => 'bce',
  params: bceParams,
};

/** [least p, greatest p, added in the logs, least logarithm, least denominator] */
function bceParams({ eps, epsMode }: Required<BceOptions>, _dtype: FloatDType): number[] {
  if (eps === 0) return [-Infinity, Infinity, 0, -100, 1e-12];
  // the two floors never act unless 1 − eps rounds to 1 in f32
  const floors = [Math.min(-100, Math.log(eps)), eps / 4];
  return epsMode === 'clip' ? [eps, 1 - eps, 0, ...floors] : [-Infinity, Infinity, eps, ...floors];
}
