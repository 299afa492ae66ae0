import { expected, show } from '../errors.ts';
import { type SetOptions, setOptions, sets } from '../families/sets.ts';
import type { FloatInput, IndexInput } from '../memory/inputs.ts';
import { type Interval, LOGITS, UNIT } from '../options/interval.ts';
import { number, type OptionSpec } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import type { AskingForms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

/** What the input is: logits that softmax makes probabilities of, or sigmoid one by one, or probabilities. */
type FromLogits = 'softmax' | 'sigmoid' | false;

export interface DiceOptions extends SetOptions {
  /** What the input is; there is no default. */
  fromLogits: FromLogits;
  /** What counts of FP, predicted and wrong, ≥ 0. Default 0.5. */
  alpha?: number | undefined;
  /** What counts of FN, not predicted and there, ≥ 0. Default 0.5. */
  beta?: number | undefined;
  /** Added to the denominator and the overlap, ≥ 0. Default 1. */
  smooth?: number | undefined;
  /** Added to the denominator alone, ≥ 0. Default 0. */
  denominatorEps?: number | undefined;
}

interface DiceValue {
  /**
   * Dice loss: how little prediction and target overlap, for each sample and class (segmentation). With `alpha` and `beta` Tversky’s;
   * with `classWeight: 'generalized'` generalized Dice’s.
   *
   * value (α FP + β FN + e)/D, D = TP + α FP + β FN + s + e, of TP = Σ p t, FP = Σ p (1 − t) and FN = Σ t (1 − p) over the positions;
   * gradient ((1 − L)(α (1 − t) − β t) − L t)/D, L the value. With `fromLogits: 'softmax'`: value the same of softmax(x); gradient
   * p_c Σ_k p_k (g_c − g_k), g that of probabilities. With `fromLogits: 'sigmoid'`: value the same of σ(x); gradient p (1 − p) g.
   * s is `smooth`, e `denominatorEps`.
   *
   * - `input`: logits or probabilities, as `fromLogits` says, which has to be given: [N, …, C], the first axis samples, the last
   *   classes (`axis` moves them), all others positions; where the class axis is the first, as in [C], all is one sample. Masks of one
   *   class are [N, …, 1]; Dice of all elements together is that of [1, all, 1]
   * - `target`: numbers in [0, 1], the same shape, or class indices (any integer type, the shape without the class axis)
   * - returns the mean over samples and classes; with 'none' an array [N, C] (without class 0 with `ignoreBackground`), and
   *   sampleWeight and gradOutput have its shape
   * - throws ERR_OPTION without `fromLogits`; ERR_LABEL for class indices out of range; ERR_SHAPE, ERR_DTYPE, ERR_MEMORY
   * - relative error of a term at most 4e-6 (f32), of a gradient of the terms that it is a difference of; a NaN makes its sample and
   *   class NaN, under softmax the sample; NaN where D is 0, which an empty mask and prediction are with s = e = 0
   *
   * Keras: losses.Dice, losses.Tversky. optax: losses.dice_loss.
   * @example F.dice([[2, -1], [0, 3]], [0, 1], { fromLogits: 'softmax' }) // 0.017581194548246994
   */
  dice<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput | IndexInput,
    options: Given<C, DiceOptions>,
  ): ValueOf<I, C>;
}
export type Dice = DiceValue & {
  readonly dice: AskingForms<DiceOptions, FloatInput | IndexInput>;
};

/** What the input is where nobody has said it. */
const EITHER: Interval = {
  what: 'logits, or probabilities with fromLogits: false',
  low: -Infinity,
  high: Infinity,
};

const KINDS: readonly FromLogits[] = [false, 'sigmoid', 'softmax'];
const CHOICES = "'softmax', 'sigmoid' or false";

const fromLogits: OptionSpec<FromLogits | undefined> = {
  fallback: undefined,
  choices: ['softmax', 'sigmoid'],
  values: "'softmax' | 'sigmoid' | false",
  parse: (value, name) =>
    KINDS.includes(value as FromLogits)
      ? (value as FromLogits)
      : expected('ERR_OPTION', name, CHOICES, show(value)),
};

const share = (shown: readonly [number, number]) =>
  ({ low: 0, high: Infinity, isHighOpen: true, shown }) as const;

export const dice: Descriptor<Required<DiceOptions>> = {
  name: 'dice',
  like: { keras: 'keras.losses.Dice', optax: 'optax.losses.dice_loss' },
  formula: '(α FP + β FN + e)/(TP + α FP + β FN + s + e)',
  family: sets,
  inputs: [
    {
      name: 'input',
      holds: 'numbers',
      shape: 'first',
      gradient: true,
      domain: ({ fromLogits }) => (fromLogits ? LOGITS : fromLogits === false ? UNIT : EITHER),
    },
    { name: 'target', holds: 'either', shape: 'own', gradient: true, domain: () => UNIT },
  ],
  options: {
    fromLogits,
    alpha: number(0.5, share([0, 1])),
    beta: number(0.5, share([0, 1])),
    smooth: number(1, share([0, 2])),
    denominatorEps: number(0, share([0, 1])),
    ...setOptions(),
  },
  kernels: [{ name: 'dice', file: 'dice', op: 'Dice', loops: ['overlaps'] }],
  kernel: (options) =>
    KINDS.includes(options.fromLogits)
      ? 'dice'
      : expected('ERR_OPTION', 'fromLogits', `${CHOICES}, as there is no default`, 'none'),
  params: (options) => [
    options.alpha,
    options.beta,
    options.smooth,
    options.denominatorEps,
    KINDS.indexOf(options.fromLogits),
    Number(options.classWeight === 'generalized') + 2 * Number(options.ignoreBackground),
  ],
};
