import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { ABOVE_ZERO, ANY_NUMBER } from '../options/interval.ts';
import { number } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import { positive } from './positive.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

export interface PseudoHuberOptions extends ElementOptions {
  /** Where the parabola goes over into a line, in the unit of the input; > 0, default 1. */
  delta?: number | undefined;
}

interface PseudoHuberValue {
  /**
   * Pseudo-Huber loss (Charbonnier): Huber's with all its derivatives.
   *
   * value δ²(√(1 + (d/δ)²) − 1) with d = x − t; gradient d/√(1 + (d/δ)²). Shapes, results, errors as `l1`; at most 4 ULP.
   *
   * Charbonnier et al., Two Deterministic Half-Quadratic Regularization Algorithms for Computed Imaging, 1994.
   * @example F.pseudoHuber(Float32Array.of(0.75), Float32Array.of(0)) // 0.25
   */
  pseudoHuber<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, PseudoHuberOptions>,
  ): ValueOf<I, C>;
}
export type PseudoHuber = PseudoHuberValue & { readonly pseudoHuber: Forms<PseudoHuberOptions, FloatInput> };

export const pseudoHuber: Descriptor<Required<PseudoHuberOptions>> = {
  name: 'pseudoHuber',
  like: {},
  formula: 'δ²(√(1 + ((x − t)/δ)²) − 1)',
  family: elementwise,
  inputs: inputAndTarget(ANY_NUMBER, ANY_NUMBER),
  options: { delta: number(1, { ...ABOVE_ZERO, shown: [0.05, 4] }), ...elementOptions() },
  kernels: [
    {
      name: 'pseudoHuber',
      file: 'pseudoHuber',
      op: 'PseudoHuber',
      loops: ['any', 'sum', 'grad', 'sumgrad'],
      hasFinite: true,
    },
  ],
  hessian: ['exact', 'one', 'secant'],
  kernel: () => 'pseudoHuber',
  params: ({ delta }, dtype) => [positive(delta, dtype), positive(1 / delta, dtype)],
};
