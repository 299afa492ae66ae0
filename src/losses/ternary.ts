import type { CommonOptions, FloatInput, Output, ResultOf } from '../memory/inputs.ts';
import type { GradAndHess, HessianOptions, Loss, Step } from './signatures.ts';

type Named<N extends string, V> = { [name in N]: V };
type Reduced = { reduction?: 'mean' | 'sum' };
type Unreduced = { reduction: 'none' };
type NoOut = { out?: undefined };
type OneGradient<N> = { wrt?: N };
type ManyGradients<W> = { wrt: readonly W[] };

/** A loss of three inputs, whose names are N; the third is T. All of it is as in `Loss`. */
export interface TernaryLoss<O extends object, N extends string, T>
  extends Pick<Loss<O, T>, 'name' | 'like' | 'formula' | 'family' | 'inputs' | 'options'> {
  <I extends FloatInput>(a: I, b: FloatInput, c: T, options?: CommonOptions & O & Reduced & NoOut): number;
  <I extends FloatInput>(
    a: I,
    b: FloatInput,
    c: T,
    options: CommonOptions & O & Unreduced & NoOut,
  ): ResultOf<I>;
  <I extends FloatInput, Out extends Output>(
    a: I,
    b: FloatInput,
    c: T,
    options: CommonOptions & O & Unreduced & { out: Out },
  ): Out;

  readonly grad: {
    <I extends FloatInput>(
      a: I,
      b: FloatInput,
      c: T,
      options?: CommonOptions & O & OneGradient<N> & NoOut,
    ): ResultOf<I>;
    <I extends FloatInput, Out extends Output>(
      a: I,
      b: FloatInput,
      c: T,
      options: CommonOptions & O & OneGradient<N> & { out: Out },
    ): Out;
    <I extends FloatInput, W extends N>(
      a: I,
      b: FloatInput,
      c: T,
      options: CommonOptions & O & ManyGradients<W> & { out?: Partial<Named<N, Output>> },
    ): Named<W, ResultOf<I>>;
  };

  readonly valueAndGrad: {
    <I extends FloatInput, W extends N>(
      a: I,
      b: FloatInput,
      c: T,
      options: CommonOptions &
        O &
        Reduced &
        ManyGradients<W> & { out?: { grad?: Partial<Named<N, Output>> } },
    ): { value: number; grad: Named<W, ResultOf<I>> };
    <I extends FloatInput, W extends N>(
      a: I,
      b: FloatInput,
      c: T,
      options: CommonOptions &
        O &
        Unreduced &
        ManyGradients<W> & { out?: { value?: Output; grad?: Partial<Named<N, Output>> } },
    ): { value: ResultOf<I>; grad: Named<W, ResultOf<I>> };
    <I extends FloatInput>(
      a: I,
      b: FloatInput,
      c: T,
      options?: CommonOptions & O & Reduced & OneGradient<N> & { out?: Output | { grad?: Output } },
    ): { value: number; grad: ResultOf<I> };
    <I extends FloatInput>(
      a: I,
      b: FloatInput,
      c: T,
      options: CommonOptions &
        O &
        Unreduced &
        OneGradient<N> & { out?: Output | { value?: Output; grad?: Output } },
    ): { value: ResultOf<I>; grad: ResultOf<I> };
  };

  readonly gradAndHess: <I extends FloatInput>(
    a: I,
    b: FloatInput,
    c: T,
    options?: CommonOptions & O & HessianOptions,
  ) => GradAndHess<I>;

  readonly prepare: {
    <I extends FloatInput>(
      a: I,
      b: FloatInput,
      c: T,
      options: CommonOptions & O & { compute: 'gradAndHess' } & HessianOptions,
    ): Step<GradAndHess<I>, ResultOf<I>>;
    <I extends FloatInput>(
      a: I,
      b: FloatInput,
      c: T,
      options: CommonOptions &
        O & { compute: 'grad' } & OneGradient<N> & { out?: Output | { grad?: Output } },
    ): Step<ResultOf<I>, ResultOf<I>>;
    <I extends FloatInput>(
      a: I,
      b: FloatInput,
      c: T,
      options: CommonOptions & O & { compute: 'value' } & Reduced & NoOut,
    ): Step<number, undefined>;
    <I extends FloatInput, W extends N>(
      a: I,
      b: FloatInput,
      c: T,
      options: CommonOptions &
        O & { compute?: 'valueAndGrad' } & Reduced &
        ManyGradients<W> & { out?: { grad?: Partial<Named<N, Output>> } },
    ): Step<number, Named<W, ResultOf<I>>>;
    <I extends FloatInput>(
      a: I,
      b: FloatInput,
      c: T,
      options?: CommonOptions &
        O & { compute?: 'valueAndGrad' } & Reduced &
        OneGradient<N> & { out?: Output | { grad?: Output } },
    ): Step<number, ResultOf<I>>;
    <I extends FloatInput>(
      a: I,
      b: FloatInput,
      c: T,
      options: CommonOptions &
        O & { compute?: 'value' | 'valueAndGrad' } & Unreduced & {
          out?: Output | { value?: Output; grad?: Output };
        },
    ): Step<ResultOf<I>, ResultOf<I>>;
  };
}
