import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { ANY_NUMBER } from '../options/interval.ts';
import { number } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

export interface HuberOptions extends ElementOptions {
  /** Where the parabola becomes a line, in the unit of the input; > 0, default 1. */
  delta?: number | undefined;
}

interface HuberValue {
  /**
   * Huber loss: a parabola up to `delta`, a line beyond.
   *
   * value ½d² where |d| ≤ δ, else δ(|d| − ½δ), with d = x − t; gradient d clipped to [−δ, δ]. Shapes, results, errors as `l1`;
   * at most 4 ULP.
   *
   * Huber, Robust Estimation of a Location Parameter, 1964. PyTorch: nn.functional.huber_loss.
   * @example F.huber(Float32Array.of(1, 2, 5), Float32Array.of(1, 1.5, 2), { reduction: 'sum' }) // 2.625
   */
  huber<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, HuberOptions>,
  ): ValueOf<I, C>;
}
export type Huber = HuberValue & { readonly huber: Forms<HuberOptions, FloatInput> };

const LARGEST_F32 = 2 ** 128 - 2 ** 104;

export const huber: Descriptor<Required<HuberOptions>> = {
  name: 'huber',
  like: { torch: 'torch.nn.functional.huber_loss' },
  formula: '½(x − t)² where |x − t| ≤ δ, else δ(|x − t| − ½δ)',
  family: elementwise,
  inputs: inputAndTarget(ANY_NUMBER, ANY_NUMBER),
  options: {
    delta: number(1, { low: 0, high: Infinity, isLowOpen: true, shown: [0.05, 4] }),
    ...elementOptions(),
  },
  kernels: [
    { name: 'huber', file: 'huber', op: 'Huber', loops: ['any', 'sum', 'grad', 'sumgrad'], hasFinite: true },
  ],
  hessian: ['exact', 'one', 'secant'],
  kernel: () => 'huber',
  params: ({ delta }, dtype) => [delta, Math.min(delta, dtype === 'f32' ? LARGEST_F32 : Number.MAX_VALUE)],
};
