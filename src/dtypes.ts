// Element types, and typed arrays of any realm.
/** Element types: losses compute in f32 or f64, and read those of 16 bits as f32; the integer types hold class indices. */
export type FloatDType = 'f32' | 'f64';
/** Numbers of 16 bits, as bits in a Uint16Array: IEEE 754's binary16, and the upper half of an f32. */
export type HalfDType = 'f16' | 'bf16';
export type IndexDType = 'i8' | 'i16' | 'i32' | 'i64' | 'u8' | 'u16' | 'u32';
export type DType = FloatDType | HalfDType | IndexDType;

export interface ArrayOf {
  f32: Float32Array;
  f64: Float64Array;
  f16: Uint16Array;
  bf16: Uint16Array;
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

/** Sizes of the axes, 64 at most. */
export type Shape = readonly number[];

/** The dtype of an array type: that of bits is theirs who say it. */
export type DTypeOf<A extends TypedArray> = {
  [D in Exclude<DType, HalfDType>]: A extends ArrayOf[D] ? D : never;
}[Exclude<DType, HalfDType>];

export const constructorOf = {
  f32: Float32Array,
  f64: Float64Array,
  f16: Uint16Array,
  bf16: Uint16Array,
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  i64: BigInt64Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
} as const;

const dtypeOfTag: Record<string, DType> = {
  Float32Array: 'f32',
  Float64Array: 'f64',
  Float16Array: 'f16',
  Int8Array: 'i8',
  Int16Array: 'i16',
  Int32Array: 'i32',
  BigInt64Array: 'i64',
  Uint8Array: 'u8',
  // labels and masks: the same bytes
  Uint8ClampedArray: 'u8',
  BigUint64Array: 'i64',
  Uint16Array: 'u16',
  Uint32Array: 'u32',
};

// %TypedArray%.prototype[Symbol.toStringTag] reads the internal slot: right for arrays of other realms, and not to be
// fooled by an own property or a subclass
const slot = (name: PropertyKey) =>
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), name)!.get as (
    this: unknown,
  ) => never;
const ownBuffer = slot('buffer') as (this: unknown) => ArrayBufferLike;
const offsetOf = slot('byteOffset') as (this: unknown) => number;
const lengthOf = slot('length') as (this: unknown) => number;

const tagOf = slot(Symbol.toStringTag) as (this: unknown) => string | undefined;

/** The dtype of a typed array; undefined for anything else and for element types that are not supported. */
export function dtypeOf(value: unknown): DType | undefined {
  const tag = tagOf.call(value);
  return tag === undefined ? undefined : dtypeOfTag[tag];
}

/** The element type's own name of any typed array, for messages. */
export const arrayName = (value: unknown): string | undefined => tagOf.call(value);

export const isHalf = (dtype: DType | undefined): dtype is HalfDType => dtype === 'f16' || dtype === 'bf16';

/** Whether it is of numbers, rather than of class indices. */
export const isFloat = (dtype: DType): dtype is FloatDType | HalfDType =>
  dtype === 'f32' || dtype === 'f64' || isHalf(dtype);

/** What numbers of a dtype are computed in. */
export const wide = (dtype: FloatDType | HalfDType): FloatDType => (isHalf(dtype) ? 'f32' : dtype);

export const bytesOf = (dtype: DType): number => constructorOf[dtype].BYTES_PER_ELEMENT;

export function view<D extends DType>(
  dtype: D,
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
): ArrayOf[D] {
  return new constructorOf[dtype](buffer as ArrayBuffer, byteOffset, length) as ArrayOf[D];
}

export function zeros<D extends DType>(dtype: D, length: number): ArrayOf[D] {
  return new constructorOf[dtype](length) as ArrayOf[D];
}

export const isDtype = (value: unknown): value is DType =>
  typeof value === 'string' && Object.hasOwn(constructorOf, value);

/** The buffer of a typed array; none of an empty one, which may be detached: nothing can be a view of its buffer. */
export const bufferOf = (value: unknown): ArrayBufferLike | undefined =>
  lengthOf.call(value) === 0 ? undefined : ownBuffer.call(value);

/** Whether a typed array without elements had some once, in a buffer that has gone elsewhere. */
export function isDetached(value: unknown): boolean {
  if (lengthOf.call(value) > 0) return false;
  try {
    new Uint8Array(ownBuffer.call(value));
    return false;
  } catch {
    return true;
  }
}

/**
 * A view of exactly what a typed array views, of this realm and of a fixed length: what its own properties say of it
 * does not count. `buffer` is what bufferOf says.
 */
export function plainView(value: unknown, dtype: DType, buffer: ArrayBufferLike | undefined): TypedArray {
  return buffer === undefined
    ? zeros(dtype, 0)
    : view(dtype, buffer, offsetOf.call(value), lengthOf.call(value));
}
