import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { type Interval, POSITIVE } from '../options/interval.ts';
import { boolean, number } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

export interface PoissonNllOptions extends ElementOptions {
  /** The input is the logarithm of the rate (default); false: the rate itself. */
  logInput?: boolean | undefined;
  /** Adds Stirling's approximation of log t!, for t > 1. Default false. */
  full?: boolean | undefined;
  /** Added to the rate in the logarithm, without `logInput`; ≥ 0 and finite, default 1e-8. */
  eps?: number | undefined;
}

interface PoissonNllValue {
  /**
   * Poisson negative log likelihood of a count, given its rate.
   *
   * value eˣ − t x; gradient eˣ − t. With `logInput: false`: value x − t log(x + eps); gradient (x − t + eps)/(x + eps).
   *
   * - `input`: logarithms of rates, any number; or rates, NaN where below −eps
   * - `target`: counts of at least 0, the same shape; where 0, the other term alone counts
   * - returns, throws as `l1`; at most 4 ULP of eˣ + |t x|, the gradient of eˣ + t, as the terms cancel by nature
   *
   * PyTorch: nn.functional.poisson_nll_loss.
   * @example F.poissonNll(Float32Array.of(0, 1), Float32Array.of(1, 0), { reduction: 'sum' }) // 3.7182819843292236
   */
  poissonNll<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, PoissonNllOptions>,
  ): ValueOf<I, C>;
}
export type PoissonNll = PoissonNllValue & { readonly poissonNll: Forms<PoissonNllOptions, FloatInput> };

const LOG_RATES: Interval = { what: 'logarithms', low: -Infinity, high: Infinity, shown: [-3, 3] };
const RATES: Interval = { what: 'rates', low: 0, high: Infinity, shown: [0.1, 4] };

export const poissonNll: Descriptor<Required<PoissonNllOptions>> = {
  name: 'poissonNll',
  like: {
    torch: 'torch.nn.functional.poisson_nll_loss',
    keras: 'keras.losses.Poisson',
    sklearn: 'sklearn.metrics.mean_poisson_deviance',
  },
  formula: 'eˣ − t x; without logInput x − t log(x + eps)',
  family: elementwise,
  inputs: inputAndTarget(({ logInput }) => (logInput ? LOG_RATES : RATES), {
    ...POSITIVE,
    what: 'counts',
    shown: [0, 4],
  }),
  options: {
    logInput: boolean(true),
    full: boolean(false),
    eps: number(1e-8, { low: 0, high: Infinity, isHighOpen: true, shown: [1e-8, 1] }),
    ...elementOptions(),
  },
  kernels: [
    {
      name: 'poissonNll',
      file: 'poissonNll',
      op: 'PoissonNll',
      loops: ['any', 'terms'],
      hasFinite: true,
    },
    { name: 'poissonNllRate', file: 'poissonNllRate', op: 'PoissonNllRate', loops: ['any'] },
  ],
  hessian: ['exact', 'one', 'halley'],
  isGeneral: ({ full }) => full,
  kernel: ({ logInput }) => (logInput ? 'poissonNll' : 'poissonNllRate'),
  params: ({ full, eps }) => [0, eps, Number(full)],
};
