// What losses are as types. One generic signature each, no overloads: editors show the docstring and the options of a signature that is
// the only one. `C` is what was passed as options, as literally as it stands there; what a call returns follows from it.
import type { DisposableWhereKnown } from '../dispose.ts';
import type { CommonOptions, FloatInput, Output, Reduction, ResultOf } from '../memory/inputs.ts';

/** The inputs of a loss that has no other. */
type InputName = 'input' | 'target';
type GradientOutputs<N extends string> = { [name in N]?: Output | undefined };

/** What the value of a loss takes besides. */
export interface ValueOptions extends CommonOptions {
  /** Where to write the value of reduction 'none': a Tensor, typed array or `{ data, shape }` in the loss's dtype. */
  out?: Output | undefined;
}

interface WrtOption<N extends string> {
  /**
   * Which input the gradient is with respect to: its name (default: the first's), or an array of names for gradients by name. Class
   * indices have none.
   */
  wrt?: N | readonly N[] | undefined;
}

/** What `.grad` takes besides. */
export interface GradOptions<N extends string = InputName> extends CommonOptions, WrtOption<N> {
  /** Where to write the gradient; by input name where `wrt` is an array. May be the input itself. */
  out?: Output | GradientOutputs<N> | undefined;
}

/** What `.valueAndGrad` takes besides. */
export interface ValueAndGradOptions<N extends string = InputName> extends CommonOptions, WrtOption<N> {
  /** Where to write: the gradient alone, or `{ value, grad }` with a value only for reduction 'none'. */
  out?: Output | { value?: Output | undefined; grad?: Output | GradientOutputs<N> | undefined } | undefined;
}

interface SecondDerivative {
  /**
   * 'exact' (default): the loss's second derivative. 'one': 1, for losses without curvature. 'secant': the gradient over x − t, the
   * curvature of iteratively reweighted least squares (losses of a difference alone). 'halley': what makes
   * Newton's step Halley's (poissonNll alone).
   */
  hessian?: 'exact' | 'one' | 'secant' | 'halley' | undefined;
  /** Multiplies the second derivative; > 0, default 1. */
  hessianScale?: number | undefined;
  /** Its least value, before weights; ≥ 0, default 0. */
  minHessian?: number | undefined;
}

/** What `.gradAndHess` takes besides; the reduction is 'sum' unless another is given. */
export interface HessianOptions extends CommonOptions, SecondDerivative {
  /** Where to write gradient and second derivative. */
  out?: { grad?: Output | undefined; hess?: Output | undefined } | undefined;
}

/** What `.prepare` takes besides where there is no second derivative. */
export interface FirstStepOptions<
  N extends string = InputName,
  K extends string = 'value' | 'grad' | 'valueAndGrad',
> extends CommonOptions,
    WrtOption<N> {
  /** What a run of the step computes; default 'valueAndGrad'. */
  compute?: K | undefined;
  /** Where every run writes: one result, or `{ value, grad, hess }` with those that `compute` has. */
  out?:
    | Output
    | GradientOutputs<N>
    | {
        value?: Output | undefined;
        grad?: Output | GradientOutputs<N> | undefined;
        hess?: Output | undefined;
      }
    | undefined;
}

/** What `.prepare` takes besides. */
export interface StepOptions<N extends string = InputName>
  extends FirstStepOptions<N, 'value' | 'grad' | 'valueAndGrad' | 'gradAndHess'>,
    SecondDerivative {}

/** Some of these options, or others alone: without `object`, an argument that has none of them would not be looked at. */
export type Some<Options> = Options & object;
/** No options were passed. */
export type NoOptions = Record<never, never>;

/** The options `A`, of which `C` was passed: what is no option of them is an error, wherever it was written down. */
export type Checked<C, A> = A & {
  [K in keyof C]: K extends keyof A ? (C[K] extends A[K] ? C[K] : A[K]) : 'no option of this function';
};

/** The options of a loss's value: its own, `O`, and the common ones. */
export type Given<C, O, R extends string = Reduction> = Checked<C, O & ValueOptions & Reduces<R>> &
  (C extends { readonly reduction: 'none' } ? unknown : { out?: undefined });

export interface Reduces<R extends string = Reduction> {
  reduction?: R | undefined;
}

/** What was passed under a name; undefined where it may have been left out. */
export type Passed<C, K extends PropertyKey> = K extends keyof C ? C[K] : undefined;
/** Results are what `out` is, and made anew where it was not given. */
export type Written<Out, Result> = Out extends Output ? Out : Result;
type PartOf<Out, K extends PropertyKey> = Out extends Output ? undefined : Passed<Out, K>;
type ValueOfReduction<R, I, Out> = R extends 'none' ? Written<Out, ResultOf<I>> : number;
type GradOfWrt<W, I, Out> = W extends readonly (infer N extends string)[]
  ? Gradients<I, N, Out>
  : Written<Out, ResultOf<I>>;
type GradOut<Out> = Out extends Output ? Out : Passed<Out, 'grad'>;

/** What the value is: a number, or with reduction 'none' an array in the shape of the loss. */
export type ValueOf<I, C> = ValueOfReduction<Passed<C, 'reduction'>, I, Passed<C, 'out'>>;
export type GradOf<I, C> = GradOfWrt<Passed<C, 'wrt'>, I, Passed<C, 'out'>>;
export interface ValueAndGradOf<I, C> {
  value: ValueOfReduction<Passed<C, 'reduction'>, I, PartOf<Passed<C, 'out'>, 'value'>>;
  grad: GradOfWrt<Passed<C, 'wrt'>, I, GradOut<Passed<C, 'out'>>>;
}

/** By input name. */
export type Gradients<I, W extends string = InputName, Out = undefined> = {
  [name in W]: Written<Passed<Out, name>, ResultOf<I>>;
};

/** Both in the shape of the input. */
export interface GradAndHess<I, Out = undefined> {
  readonly grad: Written<Passed<Out, 'grad'>, ResultOf<I>>;
  readonly hess: Written<Passed<Out, 'hess'>, ResultOf<I>>;
}

/** A prepared call: shapes and options were checked once. */
export interface Step<V, G> extends DisposableWhereKnown {
  /** Runs; returns the value (the gradient for compute 'grad') and writes the results. Makes no garbage. */
  (): V;
  /** The last value, or with reduction 'none' the array that every run writes. */
  readonly value: V | undefined;
  /** The gradient that every run writes. */
  readonly grad: G;
  /** Frees the step's working space and the results that it allocated itself. */
  dispose(): void;
}

/** The step that `compute` makes. */
export type StepOf<I, C> = StepFor<Passed<C, 'compute'>, I, C, Passed<C, 'out'>>;
type StepFor<K, I, C, Out> = K extends 'value'
  ? Step<
      ValueOfReduction<Passed<C, 'reduction'>, I, Out extends Output ? Out : Passed<Out, 'value'>>,
      undefined
    >
  : K extends 'grad'
    ? GradStep<GradOfWrt<Passed<C, 'wrt'>, I, 'grad' extends keyof Out ? Passed<Out, 'grad'> : Out>>
    : K extends 'gradAndHess'
      ? Step<GradAndHess<I, Out>, GradAndHess<I, Out>['grad']> & Pick<GradAndHess<I, Out>, 'hess'>
      : Step<ValueAndGradOf<I, C>['value'], ValueAndGradOf<I, C>['grad']>;
type GradStep<G> = Step<G, G>;

/** A loss: a frozen function with its gradient, both in one pass, and a prepared form. */
export interface Loss<O extends object, T, R extends string = Reduction> extends Forms<O, T, R> {
  <I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: T,
    options?: Given<C, O, R>,
  ): ValueOf<I, C>;
}

/** What a loss has beside its value. */
export interface Forms<
  O extends object,
  T,
  R extends string = Reduction,
  P extends object = StepOptions,
  N extends string = InputName,
> {
  /** The gradient with respect to the input, or to what `wrt` names. */
  grad<I extends FloatInput, const C extends Some<GradOptions<N>> = NoOptions>(
    input: I,
    target: T,
    options?: Checked<C, O & GradOptions<N> & Reduces<R>>,
  ): GradOf<I, C>;

  /** Value and gradient in one pass over the data, with the bits of the separate calls. */
  valueAndGrad<I extends FloatInput, const C extends Some<ValueAndGradOptions<N>> = NoOptions>(
    input: I,
    target: T,
    options?: Checked<C, O & ValueAndGradOptions<N> & Reduces<R>>,
  ): ValueAndGradOf<I, C>;

  /**
   * Gradient and diagonal of the second derivative (Hessian) with respect to the input, as gradient boosting wants them; the reduction
   * is 'sum' unless another is given.
   */
  gradAndHess<I extends FloatInput, const C extends Some<HessianOptions> = NoOptions>(
    input: I,
    target: T,
    options?: Checked<C, O & HessianOptions & Reduces<R>>,
  ): GradAndHess<I, Passed<C, 'out'>>;

  /**
   * Checks shapes and options once; each run of the returned step reads the inputs as they are then. `compute` chooses what
   * a run does; default 'valueAndGrad'. Labels and disposal are checked at every run; ordinary arrays are copied in
   * anew; growth of memory is harmless.
   */
  prepare<I extends FloatInput, const C extends Some<Partial<P>> = NoOptions>(
    input: I,
    target: T,
    options?: Checked<C, O & P & Reduces<R>>,
  ): StepOf<I, C>;

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
  readonly family:
    | 'elementwise'
    | 'classes'
    | 'features'
    | 'sequence'
    | 'multilabel'
    | 'projection'
    | 'pairs'
    | 'sets';
  /** Names of the inputs, in the order of the arguments. */
  readonly inputs: readonly string[];
  /** Names of the options. */
  readonly options: readonly string[];
}

/** The same of a loss that has no second derivative. */
export type FirstForms<F extends { gradAndHess: unknown }> = Omit<F, 'gradAndHess'>;

/** The same of a loss that has no second derivative, and an option that has no default. */
export interface AskingForms<O extends object, T>
  extends Pick<Forms<O, T>, 'name' | 'like' | 'formula' | 'family' | 'inputs' | 'options'> {
  /** The gradient with respect to the input, or to what `wrt` names. */
  grad<I extends FloatInput, const C extends Some<GradOptions> = NoOptions>(
    input: I,
    target: T,
    options: Checked<C, O & GradOptions & Reduces<Reduction>>,
  ): GradOf<I, C>;

  /** Value and gradient in one pass over the data, with the bits of the separate calls. */
  valueAndGrad<I extends FloatInput, const C extends Some<ValueAndGradOptions> = NoOptions>(
    input: I,
    target: T,
    options: Checked<C, O & ValueAndGradOptions & Reduces<Reduction>>,
  ): ValueAndGradOf<I, C>;

  /**
   * Checks shapes and options once; each run of the returned step reads the inputs as they are then. `compute` chooses what
   * a run does; default 'valueAndGrad'. Labels and disposal are checked at every run; ordinary arrays are copied in
   * anew; growth of memory is harmless.
   */
  prepare<I extends FloatInput, const C extends Some<Partial<FirstStepOptions>> = NoOptions>(
    input: I,
    target: T,
    options: Checked<C, O & FirstStepOptions & Reduces<Reduction>>,
  ): StepOf<I, C>;
}

/** The same of a loss of three inputs, whose names are `N`. */
export interface TernaryForms<O extends object, N extends string, T, P extends object = StepOptions<N>>
  extends Pick<Forms<O, T>, 'name' | 'like' | 'formula' | 'family' | 'inputs' | 'options'> {
  /** The gradient with respect to the first input, or to what `wrt` names. */
  grad<I extends FloatInput, const C extends Some<GradOptions<N>> = NoOptions>(
    input: I,
    second: FloatInput,
    third: T,
    options?: Checked<C, O & GradOptions<N> & Reduces<Reduction>>,
  ): GradOf<I, C>;

  /** Value and gradient in one pass over the data, with the bits of the separate calls. */
  valueAndGrad<I extends FloatInput, const C extends Some<ValueAndGradOptions<N>> = NoOptions>(
    input: I,
    second: FloatInput,
    third: T,
    options?: Checked<C, O & ValueAndGradOptions<N> & Reduces<Reduction>>,
  ): ValueAndGradOf<I, C>;

  /**
   * Gradient and diagonal of the second derivative (Hessian) with respect to the first input, as gradient boosting wants them; the
   * reduction is 'sum' unless another is given.
   */
  gradAndHess<I extends FloatInput, const C extends Some<HessianOptions> = NoOptions>(
    input: I,
    second: FloatInput,
    third: T,
    options?: Checked<C, O & HessianOptions & Reduces<Reduction>>,
  ): GradAndHess<I, Passed<C, 'out'>>;

  /**
   * Checks shapes and options once; each run of the returned step reads the inputs as they are then. `compute` chooses what
   * a run does; default 'valueAndGrad'. Labels and disposal are checked at every run; ordinary arrays are copied in
   * anew; growth of memory is harmless.
   */
  prepare<I extends FloatInput, const C extends Some<Partial<P>> = NoOptions>(
    input: I,
    second: FloatInput,
    third: T,
    options?: Checked<C, O & P & Reduces<Reduction>>,
  ): StepOf<I, C>;
}
