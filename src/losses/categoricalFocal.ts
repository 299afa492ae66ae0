import type { FloatDType } from '../dtypes.ts';
import { expected } from '../errors.ts';
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
import { boolean, number } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import { curvedKernel } from './kernels.ts';
import { rounded } from './rounded.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';
import { type SmoothedOptions, smoothedParams } from './smoothedParams.ts';

export interface CategoricalFocalOptions extends ClassOptions, MaskOption, SmoothedOptions {
  /** How much less a row counts the better it is predicted; ≥ 0 and finite, default 2. 0 is cross entropy. */
  gamma?: number | undefined;
  /** What every class is multiplied by, from 0 to 1000; one for each class is a `weight`. Default 1; Keras has 0.25. */
  alpha?: number | undefined;
  /** Whether the input is logits (default true) or probabilities. */
  fromLogits?: boolean | undefined;
  /** With fromLogits: false, p is clipped to [eps, 1 − eps], gradient 0 outside; in [0, 0.5). Default 0: not at all; Keras has 1e-7. */
  eps?: number | undefined;
}

interface CategoricalFocalValue {
  /**
   * Focal loss of several classes: cross entropy in which rows that are predicted well count for little.
   *
   * value α Σ_c a_c (1 − p_c)ᵞ ℓ_c, p = softmax(x), or x with `fromLogits: false`, ℓ = −log p, a_c = w_c t_c as `crossEntropy` has it;
   * gradient α (p_c Σ f − f_c) with f_c = a_c (1 − p_c)ᵞ (1 + γ p_c ℓ_c/(1 − p_c)).
   *
   * - `input`: logits, or probabilities, shape (C), (N, C) or (N, C, d1 … dk); `axis` moves the class axis. Probabilities are taken as
   *   they are: Keras divides them by their sum
   * - `target`: class indices (any integer type, the shape without the class axis) or probabilities (the input's shape; f32 or f64)
   * - returns, throws as `crossEntropy`
   * - relative error of value and gradient with index targets at most (2 + γ) 4e-6 (f32) down to 1e-30, where 1 − p has no digit from a
   *   logit gap of 17 on; a γ other than 0, 1, 2, 3, 4 has 1.5e-7 γ |log(1 − p)| more. With probabilities as targets of
   *   logits 1e-6 of the terms
   *
   * Lin et al., Focal Loss for Dense Object Detection, 2017. Keras: losses.CategoricalFocalCrossentropy.
   * @example F.categoricalFocal({ data: Float32Array.of(0, 0), shape: [1, 2] }, Int32Array.of(0)) // 0.1732867956161499
   */
  categoricalFocal<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput | IndexInput,
    options?: Given<C, CategoricalFocalOptions>,
  ): ValueOf<I, C>;
}
export type CategoricalFocal = CategoricalFocalValue & {
  readonly categoricalFocal: Forms<CategoricalFocalOptions, FloatInput | IndexInput>;
};

export const categoricalFocal: Descriptor<Required<CategoricalFocalOptions>> = {
  name: 'categoricalFocal',
  like: { keras: 'keras.losses.CategoricalFocalCrossentropy' },
  formula: 'α Σ w_c t_c (1 − p_c)ᵞ ℓ_c, ℓ = −log p',
  family: classes,
  inputs: rowsAndTarget('either', ({ fromLogits }) => (fromLogits ? LOGITS : UNIT)),
  options: {
    ...classOptions(),
    gamma: number(2, { low: 0, high: Infinity, isHighOpen: true, shown: [0, 5] }),
    alpha: number(1, { low: 0, high: 1000, shown: [0, 1] }),
    labelSmoothing: number(0, UNIT),
    fromLogits: boolean(true),
    eps: number(0, { low: 0, high: 0.5, isHighOpen: true }),
    ...maskOption(),
  },
  kernels: [
    curvedKernel,
    {
      name: 'focalProbabilities',
      file: 'focalProbabilities',
      op: 'FocalProbabilities',
      loops: ['pick', 'lanes'],
      column: 'ClassColumn',
    },
  ],
  hessian: ['exact', 'one'],
  kernel: ({ fromLogits, mask }) => {
    if (fromLogits) return 'curved';
    return mask ? expected('ERR_OPTION', 'fromLogits', 'true with mask', 'false') : 'focalProbabilities';
  },
  params: focalParams,
  soft: ({ labelSmoothing }) => labelSmoothing > 0,
};

/** [α (1 − ε), α ε/C], then of logits [temperature, softcap, zLoss, γ, 0], of probabilities [eps, γ, least p and 1 − p] */
function focalParams(
  options: Required<CategoricalFocalOptions>,
  dtype: FloatDType,
  classes: number,
): number[] {
  const { labelSmoothing, fromLogits, eps, alpha } = options;
  const smoothed = smoothedParams(labelSmoothing, dtype, classes, alpha);
  // beyond that a power is 0 or 1, and the square of γ is to be a number
  const gamma = rounded(Math.min(options.gamma, 1e18), dtype);
  const e = rounded(eps, dtype);
  return [...smoothed, ...(fromLogits ? [1, 0, 0, gamma, 0] : [e, gamma, e === 0 ? -Infinity : e])];
}
