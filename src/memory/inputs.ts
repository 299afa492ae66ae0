// What losses take and return, as types.
import type {
  DTypeOf,
  FloatArray,
  FloatDType,
  IndexArray,
  IndexDType,
  Shape,
  TypedArray,
} from '../dtypes.ts';
import type { Tensor } from './tensor.ts';

/** Dense, C order. */
export interface NDArray<A extends TypedArray = TypedArray> {
  readonly data: A;
  readonly shape: Shape;
}

/** What a loss takes where floating-point numbers are due; a bare array is 1-D. */
export type FloatInput = Tensor<FloatDType> | NDArray<FloatArray> | FloatArray | readonly number[];
/** Class indices. */
export type IndexInput = Tensor<IndexDType> | NDArray<IndexArray> | IndexArray | readonly number[];
export type Input = FloatInput | IndexInput;

/** Where results live: with a Tensor they are Tensors, with ordinary arrays ordinary arrays, of the same dtype. */
export type ResultOf<I> =
  I extends Tensor<infer D>
    ? Tensor<Extract<D, FloatDType>>
    : I extends NDArray<infer A>
      ? NDArray<Extract<A, FloatArray>>
      : I extends FloatArray
        ? NDArray<I>
        : NDArray<FloatArray>;

/** The tensor that a copy of an array is. */
export type TensorOf<A> = A extends TypedArray ? Tensor<DTypeOf<A>> : never;

/** Where to write a result. */
export type Output = Tensor<FloatDType> | NDArray<FloatArray> | FloatArray;

export type Reduction = 'mean' | 'sum' | 'none';

/** Options that every loss has. */
export interface CommonOptions {
  /** Default 'mean'. */
  reduction?: Reduction | 'batchmean' | undefined;
  /**
   * Weight of each term, in the shape of the 'none' result; terms of weight 0 are not read, nor are their labels. The mean
   * divides by its sum.
   */
  sampleWeight?: FloatInput | undefined;
  /** The mean over no term at all (every weight 0, every row ignored, an empty batch): 'nan' (default, as PyTorch) or 'zero'. */
  allIgnored?: 'nan' | 'zero' | undefined;
  /** Upstream gradient: a number, or with reduction 'none' a tensor of the loss's shape. Default 1. */
  gradOutput?: number | FloatInput | undefined;
}
