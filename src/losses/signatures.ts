import type { CommonOptions, FloatInput, IndexInput, Output, Reduction, ResultOf } from '../types.ts';
import type { BceOptions } from './bce.ts';
import type { BceWithLogitsOptions } from './bceWithLogits.ts';
import type { CrossEntropyOptions } from './crossEntropy.ts';
import type { HuberOptions } from './huber.ts';
import type { KlDivOptions } from './klDiv.ts';
import type { L1Options } from './l1.ts';
import type { MseOptions } from './mse.ts';
import type { ClassOptions } from './nll.ts';
import type { SmoothL1Options } from './smoothL1.ts';

type InputName = 'input' | 'target';
type Reduced = { reduction?: Exclude<Reduction, 'none'> | 'batchmean' };
type Unreduced = { reduction: 'none' };
type NoOut = { out?: undefined };
type OneGradient = { wrt?: InputName };
type ManyGradients<W extends InputName> = { wrt: readonly W[] };

/** By input name. */
export type Gradients<I, W extends InputName = InputName> = { [name in W]: ResultOf<I> };
type GradientOutputs = { input?: Output; target?: Output };

/** A prepared call: shapes and options were checked once. */
export interface Step<V, G> {
  /** Runs; returns the value (the gradient for compute 'grad') and writes the results. Makes no garbage. */
  (): V;
  /** The last value, or with reduction 'none' the array that every run writes. */
  readonly value: V | undefined;
  /** The gradient that every run writes. */
  readonly grad: G;
  /** Frees the step's working space and the results that it allocated itself. */
  dispose(): void;
}

/** A loss: a frozen function with its gradient, both in one pass, and a prepared form. */
export interface Loss<O extends object, T> {
  /** The value: a number, or with reduction 'none' an array in the shape of the loss. */
  <I extends FloatInput>(input: I, target: T, options?: CommonOptions & O & Reduced & NoOut): number;
  <I extends FloatInput>(input: I, target: T, options: CommonOptions & O & Unreduced & NoOut): ResultOf<I>;
  <I extends FloatInput, Out extends Output>(
    input: I,
    target: T,
    options: CommonOptions & O & Unreduced & { out: Out },
  ): Out;
  <I extends FloatInput>(input: I, target: T, options: CommonOptions & O & NoOut): number | ResultOf<I>;

  /** The gradient with respect to the input, or to what `wrt` names. */
  readonly grad: {
    <I extends FloatInput>(
      input: I,
      target: T,
      options?: CommonOptions & O & OneGradient & NoOut,
    ): ResultOf<I>;
    <I extends FloatInput, Out extends Output>(
      input: I,
      target: T,
      options: CommonOptions & O & OneGradient & { out: Out },
    ): Out;
    <I extends FloatInput, W extends InputName>(
      input: I,
      target: T,
      options: CommonOptions & O & ManyGradients<W> & { out?: GradientOutputs },
    ): Gradients<I, W>;
  };

  /** Value and gradient in one pass over the data, with the bits of the separate calls. */
  readonly valueAndGrad: {
    <I extends FloatInput>(
      input: I,
      target: T,
      options?: CommonOptions & O & Reduced & OneGradient & NoOut,
    ): { value: number; grad: ResultOf<I> };
    <I extends FloatInput, Out extends Output>(
      input: I,
      target: T,
      options: CommonOptions & O & Reduced & OneGradient & { out: Out | { grad: Out } },
    ): { value: number; grad: Out };
    <I extends FloatInput>(
      input: I,
      target: T,
      options: CommonOptions &
        O &
        Unreduced &
        OneGradient & { out?: Output | { value?: Output; grad?: Output } },
    ): { value: ResultOf<I>; grad: ResultOf<I> };
    <I extends FloatInput>(
      input: I,
      target: T,
      options: CommonOptions & O & OneGradient & NoOut,
    ): { value: number | ResultOf<I>; grad: ResultOf<I> };
    <I extends FloatInput, W extends InputName>(
      input: I,
      target: T,
      options: CommonOptions & O & ManyGradients<W> & Reduced & { out?: { grad?: GradientOutputs } },
    ): { value: number; grad: Gradients<I, W> };
    <I extends FloatInput, W extends InputName>(
      input: I,
      target: T,
      options: CommonOptions &
        O &
        ManyGradients<W> &
        Unreduced & { out?: { value?: Output; grad?: GradientOutputs } },
    ): { value: ResultOf<I>; grad: Gradients<I, W> };
  };

  /**
   * Checks shapes and options once; each run of the returned step reads the inputs as they are then. `compute` chooses what
   * a run does; default 'valueAndGrad'. Labels and disposal are checked at every run; ordinary arrays are copied in
   * anew; growth of memory is harmless.
   */
  readonly prepare: {
    <I extends FloatInput>(
      input: I,
      target: T,
      options: CommonOptions & O & { compute: 'grad' } & OneGradient & { out?: Output | { grad?: Output } },
    ): Step<ResultOf<I>, ResultOf<I>>;
    <I extends FloatInput>(
      input: I,
      target: T,
      options: CommonOptions & O & { compute: 'value' } & Reduced & NoOut,
    ): Step<number, undefined>;
    <I extends FloatInput, W extends InputName>(
      input: I,
      target: T,
      options: CommonOptions &
        O & { compute?: 'valueAndGrad' } & Reduced &
        ManyGradients<W> & {
          out?: { grad?: GradientOutputs };
        },
    ): Step<number, Gradients<I, W>>;
    <I extends FloatInput>(
      input: I,
      target: T,
      options?: CommonOptions &
        O & { compute?: 'valueAndGrad' } & Reduced &
        OneGradient & {
          out?: Output | { grad?: Output };
        },
    ): Step<number, ResultOf<I>>;
    <I extends FloatInput>(
      input: I,
      target: T,
      options: CommonOptions &
        O & { compute?: 'value' | 'valueAndGrad' } & Unreduced & {
          out?: Output | { value?: Output; grad?: Output };
        },
    ): Step<ResultOf<I>, ResultOf<I>>;
  };

  readonly name: string;
  /** The PyTorch function with the same meaning. */
  readonly torch: string;
  /** The loss of one term, as text. */
  readonly formula: string;
  readonly family: 'elementwise' | 'classes';
  readonly inputs: readonly ['input', 'target'];
  /** Names of the options. */
  readonly options: readonly string[];
  /** Inputs for which the loss is defined. */
  readonly domain: string;
}

export interface Losses {
  /**
   * Mean absolute error.
   *
   * value |x − t|; gradient sign(x − t), 0 at the kink; NaN propagates.
   *
   * - `input`, `target`: equal shapes, f32 or f64, any unit (the loss has the same)
   * - returns the mean (or sum) as a number added in f64, or with reduction 'none' an array of the input's shape
   * - throws ERR_SHAPE, ERR_DTYPE, ERR_OPTION, ERR_MEMORY
   * - exact up to one rounding per element; sums within 2e-7 Σ|terms|; the mean of nothing is NaN
   *
   * PyTorch: nn.functional.l1_loss.
   * @example F.l1(Float32Array.of(1, 2, 3), Float32Array.of(1, 4, 2)) // 1
   */
  readonly l1: Loss<L1Options, FloatInput>;
  /**
   * Mean squared error; no hidden ½.
   *
   * value (x − t)²; gradient 2(x − t). Shapes, results, errors and numerics as `l1`; the loss's unit is the input's squared.
   *
   * PyTorch: nn.functional.mse_loss.
   * @example F.mse(Float32Array.of(1, 2, 3), Float32Array.of(1, 4, 2)) // 1.6666666666666667
   */
  readonly mse: Loss<MseOptions, FloatInput>;
  /**
   * Huber loss: a parabola up to `delta`, a line beyond.
   *
   * value ½d² where |d| ≤ δ, else δ(|d| − ½δ), with d = x − t; gradient d clipped to [−δ, δ]. Shapes, results, errors as `l1`;
   * at most 4 ULP.
   *
   * Huber, Robust Estimation of a Location Parameter, 1964. PyTorch: nn.functional.huber_loss.
   * @example F.huber(Float32Array.of(1, 2, 5), Float32Array.of(1, 1.5, 2), { reduction: 'sum' }) // 2.625
   */
  readonly huber: Loss<HuberOptions, FloatInput>;
  /**
   * Smooth L1: Huber divided by its threshold, so that the line has slope 1.
   *
   * value ½d²/β where |d| < β, else |d| − ½β, with d = x − t; gradient d/β clipped to [−1, 1]; β = 0 is L1. Shapes, results,
   * errors as `l1`; at most 4 ULP.
   *
   * Girshick, Fast R-CNN, 2015. PyTorch: nn.functional.smooth_l1_loss.
   * @example F.smoothL1(Float32Array.of(1, 2, 5), Float32Array.of(1, 1.5, 2), { reduction: 'sum' }) // 2.625
   */
  readonly smoothL1: Loss<SmoothL1Options, FloatInput>;
  /**
   * Binary cross entropy of probabilities.
   *
   * value −(t log x + (1 − t) log(1 − x)); gradient (x − t)/(x (1 − x)). Logarithms are at least −100 and the denominator
   * at least 1e-12 unless `eps` says otherwise.
   *
   * - `input`: probabilities in [0, 1]; outside, and for NaN, value and gradient are NaN
   * - `target`: the same shape, usually 0 or 1
   * - returns, throws as `l1`
   * - log(1 − x) keeps its relative accuracy for tiny x
   *
   * PyTorch: nn.functional.binary_cross_entropy.
   * @example F.bce(Float32Array.of(0.5, 0.5), Float32Array.of(0, 1)) // 0.6931471824645996
   */
  readonly bce: Loss<BceOptions, FloatInput>;
  /**
   * Binary cross entropy of logits: sigmoid and BCE in one, accurate in both tails.
   *
   * value q t softplus(−x) + (1 − t) softplus(x), with q = posWeight or 1; gradient (1 − t) σ(x) − q t σ(−x).
   *
   * - `input`: logits, any number; ±inf costs 0 where it agrees with a target of 0 or 1
   * - `target`: the same shape, usually in [0, 1]
   * - returns, throws as `l1`
   * - relative error of value and gradient at most 4e-6 (f32) down to 1e-30, where PyTorch returns 0
   *
   * PyTorch: nn.functional.binary_cross_entropy_with_logits.
   * @example F.bceWithLogits(Float32Array.of(0, 0), Float32Array.of(0, 1)) // 0.6931471824645996
   */
  readonly bceWithLogits: Loss<BceWithLogitsOptions, FloatInput>;
  /**
   * Negative log likelihood of log-probabilities.
   *
   * value −w_t x_t at each row's target t; gradient −w_t there and 0 elsewhere.
   *
   * - `input`: log-probabilities, shape (C), (N, C) or (N, C, d1 … dk); `axis` moves the class axis
   * - `target`: class indices of any integer type in the shape without the class axis
   * - returns the mean divided by Σ w_t over the rows that count; with 'none' an array in the target's shape
   * - throws ERR_LABEL for an index outside [0, C) that is not ignoreIndex, before anything is written
   * - ignored rows are not read; all ignored: NaN and a zero gradient
   *
   * PyTorch: nn.functional.nll_loss.
   * @example F.nll({ data: Float32Array.of(-1, -2, -3, -4), shape: [2, 2] }, Int32Array.of(0, 1)) // 2.5
   */
  readonly nll: Loss<ClassOptions, IndexInput>;
  /**
   * Cross entropy of logits (or of probabilities with `fromLogits: false`).
   *
   * value −Σ_c a_c log softmax(x)_c; gradient softmax(x)_c Σa − a_c; a_c = w_c t_c, t one-hot for index targets, smoothed by
   * `labelSmoothing`.
   *
   * - `input`: logits, shape (C), (N, C) or (N, C, d1 … dk); `axis` moves the class axis
   * - `target`: class indices (any integer type, the shape without the class axis) or probabilities (the input's shape)
   * - returns the mean divided by Σ w_t (index targets) or by the number of rows (probabilities)
   * - throws ERR_LABEL as `nll`
   * - relative error of value and gradient at most 4e-6 (f32; 5e-6 beyond a logit gap of 63) down to 1e-30; a −inf logit
   *   of a class whose target is 0 contributes 0; a +inf logit or all −inf give NaN
   *
   * PyTorch: nn.functional.cross_entropy.
   * @example F.crossEntropy({ data: Float32Array.of(20, 0), shape: [1, 2] }, Int32Array.of(0)) // 2.0611536921620654e-9
   */
  readonly crossEntropy: Loss<CrossEntropyOptions, FloatInput | IndexInput>;
  /**
   * Kullback-Leibler divergence of log-probabilities from a target distribution.
   *
   * value t (log t − x), 0 where t = 0; gradient −t. With `logTarget` value eᵗ (t − x). 'batchmean' divides by the
   * first axis, which makes it the divergence of the mathematics; 'mean' divides by the number of elements.
   *
   * Shapes, errors as `l1`; at most 4 ULP of t |log t| + t |x|, as the difference cancels by nature.
   *
   * PyTorch: nn.functional.kl_div.
   * @example F.klDiv(Float32Array.of(-1, -1), Float32Array.of(0.5, 0.5), { reduction: 'sum' }) // 0.3068528175354004
   */
  readonly klDiv: Loss<KlDivOptions, FloatInput>;
}
