// What losses take and return, as types.
import type {
  DTypeOf,
  FloatArray,
  FloatDType,
  HalfDType,
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

/** A tensor of ONNX Runtime or transformers.js, on the CPU: what its data are is told when it is read. */
export interface TensorWithDims {
  readonly data: unknown;
  readonly dims: Shape;
}

/** Numbers in a list; in lists of lists there is an axis for each nesting, and rows are of one length. */
export interface NumberList extends ReadonlyArray<number | NumberList> {}

/** A Float16Array, in the words that all versions of TypeScript have. */
export interface HalfFloats {
  readonly [Symbol.toStringTag]: 'Float16Array';
  readonly buffer: ArrayBufferLike;
  readonly length: number;
  [index: number]: number;
}

/** Numbers of 16 bits: their bits beside their dtype, or a Float16Array where the engine has that. Computed in f32. */
export type HalfArray =
  | { readonly data: Uint16Array; readonly shape: Shape; readonly dtype: HalfDType }
  | { readonly data: Uint16Array; readonly dims: Shape; readonly dtype: HalfDType }
  | { readonly data: HalfFloats; readonly shape: Shape };

/**
 * What a loss takes where floating-point numbers are due; a bare array is 1-D. Lists have the dtype of what stands beside them; f64
 * beside none.
 */
export type FloatInput =
  | Tensor<FloatDType | HalfDType>
  | NDArray<FloatArray>
  | HalfArray
  | TensorWithDims
  | FloatArray
  | HalfFloats
  | NumberList;
/** Class indices. Of a BigUint64Array the bits count: 2⁶⁴ − 100 is −100. */
export type IndexInput =
  | Tensor<IndexDType>
  | NDArray<IndexArray>
  | TensorWithDims
  | IndexArray
  | Uint8ClampedArray
  | BigUint64Array
  | NumberList;
export type Input = FloatInput | IndexInput;

/** Truth values in a list, nested or not. */
export interface MaskList extends ReadonlyArray<number | boolean | bigint | MaskList> {}
/** A weight, or what counts: 0 and 1 in integers of any type, false and true. They become numbers of the loss's dtype. */
export type MaskInput = Input | MaskList;

/** What numbers of a dtype are computed in. */
type Wide<D> = D extends HalfDType ? 'f32' : Extract<D, FloatDType>;

/**
 * Where results live: with a Tensor they are Tensors, with ordinary arrays ordinary arrays, of the same dtype, or f32 where the first
 * input is f16 or bf16.
 */
export type ResultOf<I> =
  I extends Tensor<infer D>
    ? Tensor<Wide<D>>
    : I extends HalfArray | HalfFloats
      ? NDArray<Float32Array>
      : I extends NDArray<infer A>
        ? NDArray<Extract<A, FloatArray>>
        : I extends FloatArray
          ? NDArray<I>
          : NDArray<FloatArray>;

/** The tensor that a copy of an array is. */
export type TensorOf<A> = A extends TypedArray
  ? Tensor<DTypeOf<A>>
  : A extends HalfFloats
    ? Tensor<'f16'>
    : never;

/** Where to write a result; of f32 it may be rounded to f16 or bf16, to the nearest, ties to even. */
export type Output =
  | Tensor<FloatDType | HalfDType>
  | NDArray<FloatArray>
  | HalfArray
  | FloatArray
  | HalfFloats;

export type Reduction = 'mean' | 'sum' | 'none';

/** Options that every loss has. */
export interface CommonOptions {
  /** Default 'mean'. */
  reduction?: Reduction | 'batchmean' | undefined;
  /**
   * Weight of each term, in the shape of the 'none' result, or a mask of it; terms of weight 0 are not read, nor are their
   * labels. The mean divides by its sum.
   */
  sampleWeight?: MaskInput | undefined;
  /** The mean over no term at all (every weight 0, every row ignored, an empty batch): 'nan' (default, as PyTorch) or 'zero'. */
  allIgnored?: 'nan' | 'zero' | undefined;
  /** Upstream gradient: a number, or with reduction 'none' a tensor of the loss's shape. Default 1. */
  gradOutput?: number | FloatInput | undefined;
}
