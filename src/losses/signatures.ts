import type { CommonOptions, FloatInput, Output, Reduction, ResultOf } from '../memory/inputs.ts';

type InputName = 'input' | 'target';
type Reduced = { reduction?: Exclude<Reduction, 'none'> | 'batchmean' };
type Unreduced = { reduction: 'none' };
type NoOut = { out?: undefined };
type OneGradient = { wrt?: InputName };
type ManyGradients<W extends InputName> = { wrt: readonly W[] };

/** By input name. */
export type Gradients<I, W extends InputName = InputName> = { [name in W]: ResultOf<I> };
type GradientOutputs = { input?: Output; target?: Output };

/** What `.gradAndHess` takes besides. */
export interface HessianOptions {
  /**
   * 'exact' (default): the loss's second derivative. 'one': 1, for losses without curvature. 'secant': the gradient over x − t, the
   * curvature of iteratively reweighted least squares (losses of a difference alone).
   */
  hessian?: 'exact' | 'one' | 'secant';
  /** Multiplies the second derivative; > 0, default 1. */
  hessianScale?: number;
  /** Its least value, before weights; ≥ 0, default 0. */
  minHessian?: number;
  out?: { grad?: Output; hess?: Output };
}

/** Both in the shape of the input. */
export interface GradAndHess<I> {
  readonly grad: ResultOf<I>;
  readonly hess: ResultOf<I>;
}

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
   * Gradient and diagonal of the second derivative (Hessian) with respect to the input, as gradient boosting wants them; the reduction
   * is 'sum' unless another is given.
   */
  readonly gradAndHess: <I extends FloatInput>(
    input: I,
    target: T,
    options?: CommonOptions & O & HessianOptions,
  ) => GradAndHess<I>;

  /**
   * Checks shapes and options once; each run of the returned step reads the inputs as they are then. `compute` chooses what
   * a run does; default 'valueAndGrad'. Labels and disposal are checked at every run; ordinary arrays are copied in
   * anew; growth of memory is harmless.
   */
  readonly prepare: {
    <I extends FloatInput>(
      input: I,
      target: T,
      options: CommonOptions & O & { compute: 'gradAndHess' } & HessianOptions,
    ): Step<GradAndHess<I>, ResultOf<I>>;
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
  /** Functions with the same meaning elsewhere. */
  readonly like: {
    readonly torch?: string;
    readonly keras?: string;
    readonly optax?: string;
    readonly sklearn?: string;
  };
  /** The loss of one term, as text. */
  readonly formula: string;
  readonly family: 'elementwise' | 'classes';
  /** Names of the inputs, in the order of the arguments. */
  readonly inputs: readonly string[];
  /** Names of the options. */
  readonly options: readonly string[];
}
