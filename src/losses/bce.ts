import type { FloatDType } from '../dtypes.ts';
import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { UNIT } from '../options/interval.ts';
import type { Descriptor } from './descriptor.ts';
import { epsOptions } from './eps.ts';
import { rounded } from './rounded.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';
import { isSmoothed, type SmoothingOptions, smoothingOptions, smoothingParams } from './smoothing.ts';

export interface BceOptions extends ElementOptions, SmoothingOptions {
  /**
   * How far probabilities are kept from 0 and 1, in (0, 0.5), rounded to the dtype; 0 (the default) means PyTorch's way
   * instead: logarithms at least −100, the gradient's denominator at least 1e-12.
   */
  eps?: number | undefined;
  /**
   * 'clip' (default): p is clipped to [eps, 1 − eps] and the gradient is 0 outside (Keras); the borders themselves are inside.
   * 'add': log(p + eps) and log(1 − p + eps) (TensorFlow.js).
   */
  epsMode?: 'clip' | 'add' | undefined;
}

interface BceValue {
  /**
   * Binary cross entropy of probabilities.
   *
   * value −(t log x + (1 − t) log(1 − x)); gradient (x − t)/(x (1 − x)). Logarithms are at least −100 and the denominator
   * at least 1e-12 unless `eps` says otherwise.
   * With `eps`: value −(t log c + (1 − t) log(1 − c)), c = x clipped to [eps, 1 − eps]; gradient (x − t)/(x (1 − x)) where x = c,
   * else 0. With `epsMode: 'add'`: value −(t log(x + eps) + (1 − t) log(1 − x + eps)); gradient
   * (1 − t)/(1 − x + eps) − t/(x + eps).
   *
   * - `input`: probabilities in [0, 1]; outside, and for NaN, value and gradient are NaN
   * - `target`: the same shape, usually 0 or 1; t is (1 − ε) target + ½ε with `labelSmoothing` ε
   * - returns, throws as `l1`
   * - log(1 − x) keeps its relative accuracy for tiny x
   *
   * PyTorch: nn.functional.binary_cross_entropy.
   * @example F.bce(Float32Array.of(0.5, 0.5), Float32Array.of(0, 1)) // 0.6931471805599453
   */
  bce<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, BceOptions>,
  ): ValueOf<I, C>;
}
export type Bce = BceValue & { readonly bce: Forms<BceOptions, FloatInput> };

export const bce: Descriptor<Required<BceOptions>> = {
  name: 'bce',
  like: { torch: 'torch.nn.functional.binary_cross_entropy' },
  formula: '−(t log x + (1 − t) log(1 − x))',
  family: elementwise,
  inputs: inputAndTarget(UNIT, UNIT),
  elsewhere: { posWeight: 'bceWithLogits' },
  options: { ...elementOptions(), ...epsOptions(), ...smoothingOptions() },
  kernels: [{ name: 'bce', file: 'bce', op: 'Bce', loops: ['any', 'product'] }],
  hessian: ['exact', 'one'],
  kernel: () => 'bce',
  // what clips or adds leaves −log r
  isGeneral: (options) => options.eps !== 0 || isSmoothed(options),
  params: bceParams,
};

/** [least probability of the rarer outcome, added in the logs, eps, least logarithm, least denominator, and of smoothing] */
function bceParams(options: Required<BceOptions>, dtype: FloatDType): number[] {
  const eps = rounded(options.eps, dtype);
  const smoothing = smoothingParams(options);
  if (eps === 0) return [-Infinity, 0, 0, -100, 1e-12, ...smoothing];
  const [least, added] = options.epsMode === 'clip' ? [eps, 0] : [-Infinity, eps];
  return [least, added, eps, -Infinity, 0, ...smoothing];
}
