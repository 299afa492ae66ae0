import {
  type ClassOptions,
  classes,
  classOptions,
  type MaskOption,
  maskOption,
  rowsAndTarget,
} from '../families/classes.ts';
import type { FloatInput, IndexInput } from '../memory/inputs.ts';
import { LOGITS, UNIT } from '../options/interval.ts';
import { number } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import { curvedKernel } from './kernels.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';
import { type SmoothedOptions, smoothedParams } from './smoothedParams.ts';

export interface PolyCrossEntropyOptions extends ClassOptions, MaskOption, SmoothedOptions {
  /** What 1 − p is multiplied by, from −1000 to 1000. Default 2; 0 is cross entropy. */
  epsilon?: number | undefined;
}

interface PolyCrossEntropyValue {
  /**
   * Poly-1 cross entropy of logits: cross entropy whose first term of a series in 1 − p counts more, or less.
   *
   * value Σ_c a_c (ℓ_c + ε (1 − p_c)), p = softmax(x), ℓ = −log p, a_c = w_c t_c as `crossEntropy` has it; gradient
   * p_c Σ f − f_c with f_c = a_c (1 + ε p_c).
   *
   * - `input`: logits, shape (C), (N, C) or (N, C, d1 … dk); `axis` moves the class axis
   * - `target`: class indices (any integer type, the shape without the class axis) or probabilities (the input's shape; f32 or f64)
   * - returns, throws as `crossEntropy`
   * - error with index targets at most 8e-6 + 2.5e-7 ℓ (f32) of what it is with |ε| for ε, down to 1e-30; with probabilities 1e-6 of the
   *   terms
   *
   * Leng et al., PolyLoss, 2022. optax: losses.poly_loss_cross_entropy.
   * @example F.polyCrossEntropy({ data: Float32Array.of(0, 0), shape: [1, 2] }, Int32Array.of(0)) // 1.6931471824645996
   */
  polyCrossEntropy<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput | IndexInput,
    options?: Given<C, PolyCrossEntropyOptions>,
  ): ValueOf<I, C>;
}
export type PolyCrossEntropy = PolyCrossEntropyValue & {
  readonly polyCrossEntropy: Forms<PolyCrossEntropyOptions, FloatInput | IndexInput>;
};

export const polyCrossEntropy: Descriptor<Required<PolyCrossEntropyOptions>> = {
  name: 'polyCrossEntropy',
  like: { optax: 'optax.losses.poly_loss_cross_entropy' },
  formula: 'Σ w_c t_c (ℓ_c + ε (1 − p_c)), ℓ = −log p',
  family: classes,
  inputs: rowsAndTarget('either', LOGITS),
  options: {
    ...classOptions(),
    epsilon: number(2, { low: -1000, high: 1000, shown: [-1, 5] }),
    labelSmoothing: number(0, UNIT),
    ...maskOption(),
  },
  kernels: [curvedKernel],
  hessian: ['exact', 'one'],
  kernel: () => 'curved',
  // [1 − ε, ε/C of the smoothing, temperature, softcap, zLoss, γ, ε]
  params: ({ labelSmoothing, epsilon }, dtype, classes) => [
    ...smoothedParams(labelSmoothing, dtype, classes),
    1,
    0,
    0,
    0,
    epsilon,
  ],
  soft: ({ labelSmoothing }) => labelSmoothing > 0,
};
