import type { FloatInput } from '../types.ts';
import type { Descriptor } from './descriptor.ts';
import { type ElementOptions, elementOptions } from './elementwise.ts';
import { number } from './options.ts';
import type { Loss } from './signatures.ts';

export interface HuberOptions extends ElementOptions {
  /** Where the parabola becomes a line, in the unit of the input; > 0, default 1. */
  delta?: number;
}

export interface Huber {
  /**
   * Huber loss: a parabola up to `delta`, a line beyond.
   *
   * value ½d² where |d| ≤ δ, else δ(|d| − ½δ), with d = x − t; gradient d clipped to [−δ, δ]. Shapes, results, errors as `l1`;
   * at most 4 ULP.
   *
   * Huber, Robust Estimation of a Location Parameter, 1964. PyTorch: nn.functional.huber_loss.
   * @example F.huber(Float32Array.of(1, 2, 5), Float32Array.of(1, 1.5, 2), { reduction: 'sum' }) // 2.625
   */
  readonly huber: Loss<HuberOptions, FloatInput>;
}

const LARGEST_F32 = 2 ** 128 - 2 ** 104;

export const huber: Descriptor<Required<HuberOptions>> = {
  name: 'huber',
  torch: 'torch.nn.functional.huber_loss',
  formula: '½(x − t)² where |x − t| ≤ δ, else δ(|x − t| − ½δ)',
  family: 'elementwise',
  inputs: ['input', 'target'],
  domain: 'any number',
  options: {
    delta: number(1, 'greater than 0', (x) => x > 0),
    ...elementOptions,
  },
  kernels: [{ name: 'huber', file: 'huber', op: 'Huber', loops: ['any', 'sum', 'grad', 'sumgrad'] }],
  kernel: () => 'huber',
  params: ({ delta }, dtype) => [delta, Math.min(delta, dtype === 'f32' ? LARGEST_F32 : Number.MAX_VALUE)],
};
