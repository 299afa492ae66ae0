import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { ANY_NUMBER, type Interval, POSITIVE } from '../options/interval.ts';
import { boolean, number, oneOf } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import { rounded } from './rounded.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

export interface HalfTweedieOptions extends ElementOptions {
  /** How the variance grows with the mean: as its p-th power; ≥ 0 and finite, default 1.5. 0 is normal, 1 Poisson, 2 gamma, 3 inverse Gaussian. */
  power?: number | undefined;
  /** 'log' (default): the input is the logarithm of the mean. 'identity': the mean itself. */
  link?: 'log' | 'identity' | undefined;
  /** Adds what depends on the target alone, which makes it the deviance: 0 where mean and target are equal. Default false; of 'identity' always. */
  full?: boolean | undefined;
}

interface HalfTweedieValue {
  /**
   * Half the Tweedie deviance of a target, given its mean: normal, Poisson, gamma, and what lies between and beyond.
   *
   * value e^((2−p)x)/(2−p) − t e^((1−p)x)/(1−p); gradient e^((1−p)x) (eˣ − t). With `full`: value
   * D(eˣ, t), D(μ, t) = μ^(2−p)/(2−p) − t μ^(1−p)/(1−p) + t^(2−p)/((1−p)(2−p)); gradient e^((1−p)x) (eˣ − t).
   * With `link: 'identity'`: value D(x, t); gradient x^−p (x − t).
   *
   * - p is the power. A fraction whose divisor is 0 is its limit: with p = 1 the value is eˣ − t x, with p = 2 x + t e⁻ˣ; with p = 0 it is
   *   ½(eˣ − t)² always
   * - `input`: logarithms of means, any number; or means, NaN where not above 0 but with p = 0
   * - `target`: the same shape, of at least 0; NaN where below but with p = 0, and where 0 with p ≥ 2
   * - returns, throws as `l1`; relative error at most 4e-6 + 2e-7 s (f32) of the terms, s being the greatest exponent, as of e^((1−p)x); a
   *   deviance with 1 ≤ p ≤ 2 has two terms t^(2−p) ψ(y)/|c|, ψ(y) = eʸ − 1 − y, y = c log(μ/t), c = 2 − p and 1 − p, which are at
   *   least 0, so that it keeps its digits where μ is close to t
   *
   * Jørgensen, Exponential Dispersion Models, 1987. scikit-learn: HalfTweedieLoss.
   * @example F.halfTweedie(Float32Array.of(0, 1), Float32Array.of(1, 0), { power: 1, reduction: 'sum' }) // 3.7182819843292236
   */
  halfTweedie<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, HalfTweedieOptions>,
  ): ValueOf<I, C>;
}
export type HalfTweedie = HalfTweedieValue & {
  readonly halfTweedie: Forms<HalfTweedieOptions, FloatInput>;
};

const LOG_MEANS: Interval = { what: 'logarithms', low: -Infinity, high: Infinity, shown: [-3, 3] };
const MEANS: Interval = { what: 'rates', low: 0, high: Infinity, shown: [0.1, 4] };
const TARGETS: Interval = { ...POSITIVE, shown: [0, 4] };

export const halfTweedie: Descriptor<Required<HalfTweedieOptions>> = {
  name: 'halfTweedie',
  like: { sklearn: 'sklearn.metrics.mean_tweedie_deviance' },
  formula: 'e^((2−p)x)/(2−p) − t e^((1−p)x)/(1−p)',
  family: elementwise,
  inputs: inputAndTarget(
    ({ power, link }) => (link === 'log' ? LOG_MEANS : power === 0 ? ANY_NUMBER : MEANS),
    ({ power }) => (power === 0 ? ANY_NUMBER : TARGETS),
  ),
  options: {
    power: number(1.5, { low: 0, high: Infinity, isHighOpen: true, shown: [1, 2] }),
    link: oneOf('log', ['log', 'identity']),
    full: boolean(false),
    ...elementOptions(),
  },
  kernels: [
    { name: 'halfTweedie', file: 'halfTweedie', op: 'HalfTweedie', loops: ['any', 'terms'], hasFinite: true },
  ],
  hessian: ['exact', 'one'],
  isGeneral: ({ power, link, full }) => power === 0 || link === 'identity' || full,
  kernel: () => 'halfTweedie',
  params: ({ power, link, full }, dtype) => {
    const p = rounded(power, dtype);
    const isMean = link === 'identity';
    return [1 - p, 2 - p, Number(isMean), Number(full || isMean || power === 0), Number(power === 0)];
  },
};
