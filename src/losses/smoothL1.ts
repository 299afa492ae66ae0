import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { ANY_NUMBER } from '../options/interval.ts';
import { number } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import { l1Kernel } from './kernels.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

export interface SmoothL1Options extends ElementOptions {
  /** Where the parabola becomes a line, in the unit of the input; ≥ 0, default 1. With 0 the loss is L1. */
  beta?: number | undefined;
}

/** Below this |x − t|/β overflows or β is no normal number of the dtype: the parabola is narrower than any step. */
const leastBeta = { f32: 2 ** -126, f64: 2 ** -1022 };

interface SmoothL1Value {
  /**
   * Smooth L1: Huber divided by its threshold, so that the line has slope 1.
   *
   * value ½d²/β where |d| < β, else |d| − ½β, with d = x − t; gradient d/β clipped to [−1, 1]. With `beta: 0`: value |x − t|;
   * gradient sign(x − t). Shapes, results, errors as `l1`; at most 4 ULP.
   *
   * Girshick, Fast R-CNN, 2015. PyTorch: nn.functional.smooth_l1_loss.
   * @example F.smoothL1(Float32Array.of(1, 2, 5), Float32Array.of(1, 1.5, 2), { reduction: 'sum' }) // 2.625
   */
  smoothL1<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, SmoothL1Options>,
  ): ValueOf<I, C>;
}
export type SmoothL1 = SmoothL1Value & { readonly smoothL1: Forms<SmoothL1Options, FloatInput> };

export const smoothL1: Descriptor<Required<SmoothL1Options>> = {
  name: 'smoothL1',
  like: { torch: 'torch.nn.functional.smooth_l1_loss' },
  formula: '½(x − t)²/β where |x − t| < β, else |x − t| − ½β',
  family: elementwise,
  inputs: inputAndTarget(ANY_NUMBER, ANY_NUMBER),
  options: {
    beta: number(1, { low: 0, high: Infinity, isHighOpen: true, shown: [0, 4] }),
    ...elementOptions(),
  },
  kernels: [
    { name: 'smoothL1', file: 'smoothL1', op: 'SmoothL1', loops: ['any', 'sum', 'grad', 'sumgrad'] },
    l1Kernel,
  ],
  hessian: ['exact', 'one', 'secant'],
  kernel: (options, dtype) => (options.beta < leastBeta[dtype] ? 'l1' : 'smoothL1'),
  params: (options) => [options.beta],
};
