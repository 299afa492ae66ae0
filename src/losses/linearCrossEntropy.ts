import {
  type ProjectionOptions,
  projection,
  projectionInputs,
  projectionOptions,
} from '../families/projection.ts';
import type { FloatInput, IndexInput } from '../memory/inputs.ts';
import { UNIT } from '../options/interval.ts';
import { number } from '../options/specs.ts';
import { type CappedOptions, cappedOptions } from './capped.ts';
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
import { type SmoothedOptions, smoothedParams } from './smoothedParams.ts';

export interface LinearCrossEntropyOptions extends ProjectionOptions, SmoothedOptions, CappedOptions {}

interface LinearCrossEntropyValue {
  /**
   * Cross entropy of logits that a linear layer makes of the input, without ever having all of them in memory.
   *
   * value −Σ_c a_c log softmax(z)_c, z = x·Wᵀ + b; gradient G·W, of the weights Gᵀ·x, of the bias Σ_rows G, where
   * G = softmax(z)_c Σ a − a_c; a_c = w_c t_c, t one-hot for index targets, and w_c ((1 − ε) t_c + ε/C) with `labelSmoothing` ε.
   * `softcap` and `zLoss` do to these logits what they do in `crossEntropy`.
   *
   * - `input`: rows of features along the last axis, shape (D), (N, D) or (…, D)
   * - `linearWeight`: [C, D]; its gradient and that of `linearBias` by `wrt`, each in the shape of its own
   * - `target`: class indices (any integer type, the input's shape without its last axis) or probabilities (with C in its place)
   * - returns the mean divided by Σ w_t (index targets) or by the number of rows (probabilities)
   * - throws ERR_LABEL as `nll`; rows that are ignored or of weight 0 are skipped before the product
   * - each logit is at most 3e-6 Σ_k |x_k W_ck| off (f32; measured), value and gradient then as `crossEntropy`; a gradient is a sum of
   *   products likewise
   * - the same bits for any number of threads; those of the weights' gradient depend on `chunkRows`
   *
   * PyTorch: nn.functional.linear_cross_entropy.
   * @example F.linearCrossEntropy([[1, 2]], [[20, 0], [0, 0]], Int32Array.of(0)) // 2.061153620314381e-9
   */
  linearCrossEntropy<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    linearWeight: FloatInput,
    target: FloatInput | IndexInput,
    options?: Given<C, LinearCrossEntropyOptions>,
  ): ValueOf<I, C>;
}
type LinearName = 'input' | 'linearWeight' | 'linearBias';
export type LinearCrossEntropy = LinearCrossEntropyValue & {
  readonly linearCrossEntropy: FirstForms<
    TernaryForms<LinearCrossEntropyOptions, LinearName, FloatInput | IndexInput, FirstStepOptions<LinearName>>
  >;
};

export const linearCrossEntropy: Descriptor<Required<LinearCrossEntropyOptions>> = {
  name: 'linearCrossEntropy',
  like: { torch: 'torch.nn.functional.linear_cross_entropy' },
  formula: '−Σ w_c t_c log softmax(x·Wᵀ + b)_c',
  family: projection,
  inputs: projectionInputs,
  options: { ...projectionOptions(), labelSmoothing: number(0, UNIT), ...cappedOptions() },
  kernels: [{ name: 'linearCrossEntropy', file: 'crossEntropy', op: 'CrossEntropy', loops: ['project'] }],
  kernel: () => 'linearCrossEntropy',
  // [1 − ε, ε/C, temperature, softcap, zLoss]
  params: ({ labelSmoothing, softcap, zLoss }, dtype, classes) => [
    ...smoothedParams(labelSmoothing, dtype, classes),
    1,
    softcap,
    zLoss,
  ],
  soft: ({ labelSmoothing }) => labelSmoothing > 0,
};
