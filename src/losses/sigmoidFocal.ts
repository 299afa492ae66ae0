import type { FloatDType } from '../dtypes.ts';
import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { LOGITS, UNIT } from '../options/interval.ts';
import { number } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import { rounded } from './rounded.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';
import { type SmoothingOptions, smoothingOptions, smoothingParams } from './smoothing.ts';

export interface SigmoidFocalOptions extends ElementOptions, SmoothingOptions {
  /** How much less a sample counts the better it is predicted; ≥ 0 and finite, default 2. 0 is binary cross entropy. */
  gamma?: number | undefined;
  /** Weight of a target of 1, in [0, 1]; one of 0 has 1 − alpha. Default: both 1; torchvision has 0.25. */
  alpha?: number | undefined;
}

interface SigmoidFocalValue {
  /**
   * Focal loss: binary cross entropy of logits in which what is predicted well counts for little.
   *
   * value αₜ uᵞ c, c = t softplus(−x) + (1 − t) softplus(x), u = t σ(−x) + (1 − t) σ(x), αₜ = α t + (1 − α)(1 − t), or 1 without
   * `alpha`; gradient αₜ uᵞ (γ (1 − 2t) c σ(x) σ(−x)/u + (1 − t) σ(x) − t σ(−x)).
   *
   * - `input`: logits, any number; ±inf costs 0 where it agrees with a target of 0 or 1
   * - `target`: the same shape, usually 0 or 1; t is (1 − ε) target + ½ε with `labelSmoothing` ε
   * - returns, throws as `l1`
   * - relative error of value and gradient with labels 0 and 1 at most 4e-6 (f32; 5e-6 where γ|x| is beyond 63) down to 1e-30, where
   *   1 − σ(x) has no digit from x = 17 on; a γ other than 0, 1, 2, 3, 4 has 2.5e-7 γ log(1 + e^−|x|) more, for soft targets
   *   1e-7 γ (1 + |log u|). The gradient to the target is a difference: these are of αₜ uᵞ (γ |1 − 2σ(x)| c/u + |x|) + |2α − 1| uᵞ c.
   *   To an f32 target below 1e-31 that is not 0, e^−|x| is 0 from |x| = 87.3 on
   *
   * Lin et al., Focal Loss for Dense Object Detection, 2017. optax: losses.sigmoid_focal_loss.
   * @example F.sigmoidFocal(Float32Array.of(0, 0), Float32Array.of(0, 1)) // 0.1732867956161499
   */
  sigmoidFocal<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, SigmoidFocalOptions>,
  ): ValueOf<I, C>;
}
export type SigmoidFocal = SigmoidFocalValue & {
  readonly sigmoidFocal: Forms<SigmoidFocalOptions, FloatInput>;
};

export const sigmoidFocal: Descriptor<Required<SigmoidFocalOptions>> = {
  name: 'sigmoidFocal',
  like: { keras: 'keras.losses.BinaryFocalCrossentropy', optax: 'optax.losses.sigmoid_focal_loss' },
  formula: 'αₜ uᵞ c, c = bceWithLogits, u = 1 − the probability of the label',
  family: elementwise,
  inputs: inputAndTarget(LOGITS, UNIT),
  options: {
    gamma: number(2, { low: 0, high: Infinity, isHighOpen: true, shown: [0, 5] }),
    alpha: number(Number.NaN, { low: 0, high: 1 }),
    ...elementOptions(),
    ...smoothingOptions(),
  },
  kernels: [
    {
      name: 'sigmoidFocal',
      file: 'sigmoidFocal',
      op: 'SigmoidFocal',
      loops: ['any', 'terms'],
      hasFinite: true,
    },
  ],
  hessian: ['exact', 'one'],
  kernel: () => 'sigmoidFocal',
  params: focalParams,
};

/** [γ, of the balance what a target of 1 is multiplied by, whether the power is no product, 1 − that, what is added, and of smoothing] */
function focalParams(options: Required<SigmoidFocalOptions>, dtype: FloatDType): number[] {
  const { alpha } = options;
  // beyond that a power is 0 or 1, and the square of γ is to be a number
  const gamma = rounded(Math.min(options.gamma, 1e18), dtype);
  const isGeneral = Number(gamma > 4 || !Number.isInteger(gamma));
  const balance = Number.isNaN(alpha) ? [0, isGeneral, 0, 1] : [alpha, isGeneral, 1 - alpha, 0];
  return [gamma, ...balance, ...smoothingParams(options)];
}
