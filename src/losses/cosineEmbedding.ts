import { type FeatureOptions, featureInputs, featureOptions, features } from '../families/features.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { number } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import { cosineKernel } from './kernels.ts';
import { SIGNS } from './margin.ts';
import type {
  FirstForms,
  FirstStepOptions,
  Given,
  NoOptions,
  Some,
  TernaryForms,
  ValueOf,
  ValueOptions,
} from './signatures.ts';

export interface CosineEmbeddingOptions extends FeatureOptions {
  /** The cosine up to which different vectors cost nothing; from −1 to 1, default 0. */
  margin?: number | undefined;
}

interface CosineEmbeddingValue {
  /**
   * Cosine embedding loss: pulls vectors that belong together into one direction, and pushes others apart.
   *
   * value 1 − c where t = 1, max(0, c − margin) where t = −1, c = x₁·x₂/√((|x₁|² + 1e-12)(|x₂|² + 1e-12)); gradient ∓dc/dx₁,
   * 0 where c < margin and t = −1. Other targets cost 0.
   *
   * - `input1`, `input2`: equal shapes, f32 or f64; a row of features along `axis` is one vector
   * - `target`: 1 or −1 for each row, in the inputs' shape without `axis`; it has no gradient
   * - returns, throws as `cosineDistance`
   * - at most 4 ULP + 2e-15 (f32, up to a thousand features); c − margin cancels by nature
   *
   * PyTorch: nn.functional.cosine_embedding_loss.
   * @example F.cosineEmbedding([[3, 4], [1, 0]], [[4, 3], [1, 1]], [1, -1], { reduction: 'sum' }) // 0.7471067811860554
   */
  cosineEmbedding<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input1: I,
    input2: FloatInput,
    target: FloatInput,
    options?: Given<C, CosineEmbeddingOptions>,
  ): ValueOf<I, C>;
}
export type CosineEmbedding = CosineEmbeddingValue & {
  readonly cosineEmbedding: FirstForms<
    TernaryForms<
      CosineEmbeddingOptions,
      'input1' | 'input2',
      FloatInput,
      FirstStepOptions<'input1' | 'input2'>
    >
  >;
};

/** What PyTorch adds to the squares of the norms: the float32 next to 1e-12, whatever the dtype. */
const ADDED = 9.999999960041972e-13;

export const cosineEmbedding: Descriptor<Required<CosineEmbeddingOptions>> = {
  name: 'cosineEmbedding',
  like: { torch: 'torch.nn.functional.cosine_embedding_loss' },
  formula: '1 − c where t = 1, max(0, c − margin) where t = −1; c the cosine',
  family: features,
  inputs: [
    ...featureInputs('input1', 'input2'),
    { name: 'target', holds: 'numbers', shape: 'terms', gradient: false, domain: () => SIGNS },
  ],
  options: { margin: number(0, { low: -1, high: 1 }), ...featureOptions() },
  kernels: [cosineKernel],
  kernel: () => 'cosine',
  // as those of cosineDistance
  params: ({ margin }) => [margin, ADDED, 0, 1],
};
