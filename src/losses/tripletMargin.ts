import { type FeatureOptions, featureInputs, featureOptions, features } from '../families/features.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { boolean, number } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
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

export interface TripletMarginOptions extends FeatureOptions {
  /** By how much the negative has to be farther from the anchor than the positive; finite, default 1. */
  margin?: number | undefined;
  /** The norm of the distances; ≥ 1, default 2. Infinity: the greatest difference. */
  p?: number | undefined;
  /** What is added to each difference; ≥ 0 and finite, default 1e-6. */
  eps?: number | undefined;
  /** Whether the negative's distance from the positive counts where it is less than that from the anchor. Default false. */
  swap?: boolean | undefined;
}

interface TripletMarginValue {
  /**
   * Triplet margin loss: an anchor is to be closer to a positive than to a negative, by a margin.
   *
   * value max(0, margin + ‖a − p‖ − ‖a − n‖), ‖d‖ the `p`-norm of d + eps; gradient (a − p)/‖a − p‖ − (a − n)/‖a − n‖, for another norm
   * than the second sgn d (|d|/‖d‖)^(p − 1) in place of d/‖d‖, 0 where ‖d‖ = 0. With `swap: true`: value
   * max(0, margin + ‖a − p‖ − min(‖a − n‖, ‖p − n‖)); gradient that of the lesser distance, half of each at a tie.
   *
   * - `anchor`, `positive`, `negative`: equal shapes, f32 or f64, any unit; a row of features along `axis` is one vector
   * - returns, throws as `cosineDistance`
   * - at most 4 ULP of |margin| + ‖a − p‖ + ‖a − n‖, as the terms cancel by nature; of f32 and the second norm eps is a term, too
   *
   * PyTorch: nn.functional.triplet_margin_loss. optax: losses.triplet_margin_loss, where eps is in the root.
   * @example F.tripletMargin([0, 0], [3, 4], [0, 5], { eps: 0 }) // 1
   */
  tripletMargin<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    anchor: I,
    positive: FloatInput,
    negative: FloatInput,
    options?: Given<C, TripletMarginOptions>,
  ): ValueOf<I, C>;
}
type TripletName = 'anchor' | 'positive' | 'negative';
export type TripletMargin = TripletMarginValue & {
  readonly tripletMargin: FirstForms<
    TernaryForms<TripletMarginOptions, TripletName, FloatInput, FirstStepOptions<TripletName>>
  >;
};

export const tripletMargin: Descriptor<Required<TripletMarginOptions>> = {
  name: 'tripletMargin',
  like: { torch: 'torch.nn.functional.triplet_margin_loss', optax: 'optax.losses.triplet_margin_loss' },
  formula: 'max(0, margin + ‖a − p‖ − ‖a − n‖)',
  family: features,
  inputs: featureInputs('anchor', 'positive', 'negative'),
  options: {
    margin: number(1, { low: -Infinity, high: Infinity, isLowOpen: true, isHighOpen: true, shown: [0, 2] }),
    p: number(2, { low: 1, high: Infinity, shown: [1, 4] }),
    eps: number(1e-6, { low: 0, high: Infinity, isHighOpen: true, shown: [0, 1e-3] }),
    swap: boolean(false),
    ...featureOptions(),
  },
  kernels: [
    {
      name: 'tripletMargin',
      file: 'tripletMargin',
      op: 'TripletMargin',
      loops: ['rows', 'lanes'],
      template: 'features',
    },
  ],
  kernel: () => 'tripletMargin',
  params: ({ margin, p, eps, swap }) => [margin, p, eps, Number(swap)],
};
