import { type FeatureOptions, featureInputs, featureOptions, features } from '../families/features.ts';
import type { FloatInput, Reduction } from '../memory/inputs.ts';
import { boolean, number } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import { cosineKernel } from './kernels.ts';
import type {
  FirstForms,
  FirstStepOptions,
  Forms,
  Given,
  NoOptions,
  Some,
  ValueOf,
  ValueOptions,
} from './signatures.ts';

export interface CosineDistanceOptions extends FeatureOptions {
  /**
   * The least norm that is divided by; finite, default 1e-8. 0: a row of zeros gives NaN, and so may the gradient of one whose norm is
   * below 6e-309.
   */
  eps?: number | undefined;
  /** Whether rows are divided by their norms; false where they have norm 1 already. Default true. */
  normalize?: boolean | undefined;
}

interface CosineDistanceValue {
  /**
   * Cosine distance: how far the directions of two vectors are apart, from 0 (the same) to 2 (opposite).
   *
   * value 1 − c, c = x·t/(max(|x|, eps) max(|t|, eps)); gradient −(t/|t| − c x/|x|)/|x|, −t/(|t| eps) where |x| < eps.
   * With `normalize: false`: value 1 − x·t; gradient −t.
   *
   * - `input`, `target`: equal shapes, f32 or f64; a row of features along `axis` is one vector
   * - returns the mean (or sum) over the rows, or with reduction 'none' an array in the input's shape without `axis`
   * - throws ERR_SHAPE, ERR_DTYPE, ERR_OPTION, ERR_MEMORY
   * - at most 4 ULP + 2e-15 (f32, up to a thousand features): vectors that are all but parallel keep their digits
   *
   * PyTorch: nn.functional.cosine_similarity is 1 less this. Keras: losses.CosineSimilarity is this less 1. optax: losses.cosine_distance.
   * @example F.cosineDistance([2, 0], [0, 3]) // 1
   */
  cosineDistance<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, CosineDistanceOptions>,
  ): ValueOf<I, C>;
}
export type CosineDistance = CosineDistanceValue & {
  readonly cosineDistance: FirstForms<Forms<CosineDistanceOptions, FloatInput, Reduction, FirstStepOptions>>;
};

export const cosineDistance: Descriptor<Required<CosineDistanceOptions>> = {
  name: 'cosineDistance',
  like: {
    torch: 'torch.nn.functional.cosine_similarity',
    keras: 'keras.losses.CosineSimilarity',
    optax: 'optax.losses.cosine_distance',
  },
  formula: '1 − x·t/(|x| |t|)',
  family: features,
  inputs: featureInputs('input', 'target'),
  options: {
    eps: number(1e-8, { low: 0, high: Infinity, isHighOpen: true, shown: [0, 1] }),
    normalize: boolean(true),
    ...featureOptions(),
  },
  kernels: [cosineKernel],
  kernel: () => 'cosine',
  // [margin, added to the squares, least norm, whether there are norms]
  params: ({ eps, normalize }) => [0, 0, eps, Number(normalize)],
};
