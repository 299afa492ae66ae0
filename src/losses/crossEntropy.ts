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
import { type CappedOptions, cappedOptions } from './capped.ts';
import type { Descriptor } from './descriptor.ts';
import { epsOptions } from './eps.ts';
import { crossEntropyKernel } from './kernels.ts';
import { rounded } from './rounded.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';
import { type SmoothedOptions, smoothedParams } from './smoothedParams.ts';

export interface CrossEntropyOptions extends ClassOptions, MaskOption, SmoothedOptions, CappedOptions {
  /** Whether the input is logits (default true) or probabilities. */
  fromLogits?: boolean | undefined;
  /** With fromLogits: false, how far probabilities are kept from 0, in [0, 0.5), rounded to the dtype. Default 0: not at all. */
  eps?: number | undefined;
  /** 'clip' (default): p clipped to [eps, 1 − eps], gradient 0 outside (the borders are inside). 'add': log(p + eps). */
  epsMode?: 'clip' | 'add' | undefined;
  /** What logits are divided by, from 1e-30 to 1e30. Default 1. */
  temperature?: number | undefined;
}

interface CrossEntropyValue {
  /**
   * Cross entropy of logits (or of probabilities with `fromLogits: false`).
   *
   * value −Σ_c a_c log softmax(x)_c; gradient softmax(x)_c Σ a − a_c; a_c = w_c t_c, t one-hot for index targets, and
   * w_c ((1 − ε) t_c + ε/C) with `labelSmoothing` ε. With `fromLogits: false`: value −Σ_c a_c log x_c; gradient −a_c/x_c.
   * With `fromLogits: false` and `eps`: value −Σ_c a_c log y_c, y = x clipped to [eps, 1 − eps]; gradient −a_c/x_c where x_c = y_c,
   * else 0. With `fromLogits: false` and `epsMode: 'add'`: value −Σ_c a_c log(x_c + eps); gradient −a_c/(x_c + eps).
   * `temperature`, `softcap`, `mask` and `zLoss` are for logits, which are divided first, then capped.
   *
   * - `input`: logits, shape (C), (N, C) or (N, C, d1 … dk); `axis` moves the class axis
   * - `target`: class indices (any integer type, the shape without the class axis) or probabilities (the input's shape; f32 or f64,
   *   also where they are one-hot)
   * - returns the mean divided by Σ w_t (index targets) or by the number of rows (probabilities)
   * - throws ERR_LABEL as `nll`
   * - relative error of value and gradient at most 4e-6 (f32; 5e-6 beyond a logit gap of 63) down to 1e-30; a −inf logit
   *   of a class whose target is 0 contributes 0; a +inf logit or all −inf give NaN
   *
   * PyTorch: nn.functional.cross_entropy.
   * @example F.crossEntropy({ data: Float32Array.of(20, 0), shape: [1, 2] }, Int32Array.of(0)) // 2.061153470123145e-9
   */
  crossEntropy<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput | IndexInput,
    options?: Given<C, CrossEntropyOptions>,
  ): ValueOf<I, C>;
}
export type CrossEntropy = CrossEntropyValue & {
  readonly crossEntropy: Forms<CrossEntropyOptions, FloatInput | IndexInput>;
};

export const crossEntropy: Descriptor<Required<CrossEntropyOptions>> = {
  name: 'crossEntropy',
  like: { torch: 'torch.nn.functional.cross_entropy' },
  formula: '−Σ w_c t_c log softmax(x)_c; fromLogits: false: −Σ w_c t_c log x_c',
  family: classes,
  inputs: rowsAndTarget('either', ({ fromLogits }) => (fromLogits ? LOGITS : UNIT)),
  options: {
    ...classOptions(),
    labelSmoothing: number(0, UNIT),
    fromLogits: boolean(true),
    ...epsOptions(),
    temperature: number(1, { low: 1e-30, high: 1e30, shown: [0.25, 4] }),
    ...maskOption(),
    ...cappedOptions(),
  },
  kernels: [
    crossEntropyKernel,
    {
      name: 'probabilities',
      file: 'probabilities',
      op: 'Probabilities',
      loops: ['pick', 'lanes'],
      column: 'ClassColumn',
    },
    { name: 'shaped', file: 'shaped', op: 'Shaped', loops: ['rows'], apart: 'shaped' },
  ],
  hessian: ['exact', 'one'],
  kernel: ({ fromLogits, temperature, softcap, mask, zLoss }) => {
    if (temperature === 1 && !softcap && !mask && !zLoss)
      return fromLogits ? 'crossEntropy' : 'probabilities';
    return fromLogits
      ? 'shaped'
      : expected('ERR_OPTION', 'fromLogits', 'true with temperature, softcap, mask or zLoss', 'false');
  },
  // [1 − ε, ε/C], then of logits [temperature, softcap, zLoss], or [eps, added in the log, least p and 1 − p]
  params: ({ labelSmoothing, eps, epsMode, fromLogits, temperature, softcap, zLoss }, dtype, classes) => {
    const e = rounded(eps, dtype);
    const [added, least] = e === 0 ? [0, -Infinity] : epsMode === 'add' ? [e, -Infinity] : [0, e];
    const smoothed = smoothedParams(labelSmoothing, dtype, classes);
    return [...smoothed, ...(fromLogits ? [temperature, softcap, zLoss] : [e, added, least])];
  },
  soft: (options) => options.labelSmoothing > 0,
};
