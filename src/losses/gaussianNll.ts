import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { ABOVE_ZERO, ANY_NUMBER, POSITIVE } from '../options/interval.ts';
import { boolean, number } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import { positive } from './positive.ts';
import type { Given, NoOptions, Some, TernaryForms, ValueOf, ValueOptions } from './signatures.ts';

export interface GaussianNllOptions extends ElementOptions {
  /** Adds ½ log 2π, which makes it the likelihood itself. Default false. */
  full?: boolean | undefined;
  /** The least variance; > 0, default 1e-6. The gradient with respect to `var` takes no notice of it. */
  eps?: number | undefined;
}

interface GaussianNllValue {
  /**
   * Gaussian negative log likelihood of a target, given a mean and a variance for it.
   *
   * value ½(log v + d²/v) with d = x − t and v = max(var, eps), and ½ log 2π more with `full`; gradient d/v; with respect to
   * `var` (1 − d²/v)/(2v).
   *
   * - `input`: means, any number
   * - `target`: observations, the same shape
   * - `var`: variances, in the same shape, in one that broadcasts to it, or a number; one of an axis less lacks the last: [N] for
   *   [N, D]. NaN where below 0. Its gradient has its own shape; a number has none
   * - returns, throws as `l1`
   * - at most 4 ULP of ½(|log v| + d²/v), as the terms cancel by nature
   *
   * Nix and Weigend, Estimating the Mean and Variance of the Target Probability Distribution, 1994.
   * PyTorch: nn.functional.gaussian_nll_loss.
   * @example F.gaussianNll(Float32Array.of(1, 2), Float32Array.of(1, 4), Float32Array.of(1, 4)) // 0.5965735912322998
   */
  gaussianNll<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    variance: FloatInput | number,
    options?: Given<C, GaussianNllOptions>,
  ): ValueOf<I, C>;
}
export type GaussianNll = GaussianNllValue & {
  readonly gaussianNll: TernaryForms<GaussianNllOptions, 'input' | 'target' | 'var', FloatInput | number>;
};

const HALF_LOG_2_PI = 0.9189385332046727;

export const gaussianNll: Descriptor<Required<GaussianNllOptions>> = {
  name: 'gaussianNll',
  like: { torch: 'torch.nn.functional.gaussian_nll_loss' },
  formula: '½(log v + (x − t)²/v), v = max(var, eps)',
  family: elementwise,
  inputs: [
    ...inputAndTarget(ANY_NUMBER, ANY_NUMBER),
    { name: 'var', holds: 'numbers', shape: 'broadcast', gradient: true, domain: () => POSITIVE },
  ],
  options: {
    full: boolean(false),
    eps: number(1e-6, { ...ABOVE_ZERO, shown: [1e-6, 1] }),
    ...elementOptions(),
  },
  kernels: [
    { name: 'gaussianNll', file: 'gaussianNll', op: 'GaussianNll', loops: ['any'], template: 'ternary' },
  ],
  hessian: ['exact', 'one'],
  kernel: () => 'gaussianNll',
  params: ({ full, eps }, dtype) => [positive(eps, dtype), full ? HALF_LOG_2_PI : 0],
};
