import type { Tensor } from './memory/tensor.ts';

/** Element types: losses compute in f32 or f64; the integer types hold class indices. */
export type FloatDType = 'f32' | 'f64';
export type IndexDType = 'i8' | 'i16' | 'i32' | 'i64' | 'u8' | 'u16' | 'u32';
export type DType = FloatDType | IndexDType;

export interface ArrayOf {
  f32: Float32Array;
  f64: Float64Array;
  i8: Int8Array;
  i16: Int16Array;
  i32: Int32Array;
  i64: BigInt64Array;
  u8: Uint8Array;
  u16: Uint16Array;
  u32: Uint32Array;
}
export type FloatArray = Float32Array | Float64Array;
export type IndexArray = ArrayOf[IndexDType];
export type TypedArray = FloatArray | IndexArray;

export type Shape = readonly number[];

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

/** The dtype of an array, and the tensor that a copy of it is. */
export type DTypeOf<A extends TypedArray> = {
  [D in DType]: A extends ArrayOf[D] ? D : never;
}[DType];
export type TensorOf<A> = A extends TypedArray ? Tensor<DTypeOf<A>> : never;

/** Where to write a result. */
export type Output = Tensor<FloatDType> | NDArray<FloatArray> | FloatArray;

export type Reduction = 'mean' | 'sum' | 'none';

/** Options that every loss has. */
export interface CommonOptions {
  /** Default 'mean'. */
  reduction?: Reduction | 'batchmean';
  /**
   * Weight of each term, in the shape of the 'none' result; terms of weight 0 are not read, nor are their labels. The mean
   * divides by its sum.
   */
  sampleWeight?: FloatInput;
  /** The mean over no term at all (every weight 0, every row ignored, an empty batch): 'nan' (default, as PyTorch) or 'zero'. */
  allIgnored?: 'nan' | 'zero';
  /** Upstream gradient: a number, or with reduction 'none' a tensor of the loss's shape. Default 1. */
  gradOutput?: number | FloatInput;
}
