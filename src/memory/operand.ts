import {
  bufferOf,
  bytesOf,
  constructorOf,
  type DType,
  type FloatArray,
  type FloatDType,
  isFloat,
  plainView,
  type Shape,
  type TypedArray,
  view,
  wide,
} from '../dtypes.ts';
import { expected, fail, showShape } from '../errors.ts';
import type { Arena } from './arena.ts';
import { fillNumbers, type Numbers } from './lists.ts';
import { gotShape, NO_SHAPE, sameShape } from './shape.ts';
import { Tensor } from './tensor.ts';

const NO_ELEMENTS = new Float64Array(0);

/**
 * An argument as it was given: where its elements are and what shape they have. One record serves call after call;
 * between them it is cleared.
 */
export class Operand {
  /** Where the call record has it. */
  readonly slot: number;
  name = '';
  /** Whether there is one at all. */
  given = false;
  /** Nobody's to change: tensors may share it. */
  shape: Shape = NO_SHAPE;
  /** Elements. */
  length = 0;
  /** Undefined for lists and masks, whose dtype follows from what stands beside them. */
  dtype: DType | undefined = undefined;
  /** The elements; of lists and masks a copy. */
  array: TypedArray = NO_ELEMENTS;
  /** Set where it was given as something that is copied: a list, nested or not, or a mask. */
  numbers: Numbers | undefined = undefined;
  /** Whether it is a mask, whose truth values and integers are numbers, too. */
  isMask = false;
  /** Set where it is a tensor of the same instance. */
  tensor: Tensor | undefined = undefined;
  /** Set where it is a tensor of another instance. */
  foreign: Tensor | undefined = undefined;
  /** Address where the elements lie in the instance's memory, else −1. */
  at = -1;
  /** Where it lies there without being the instance's tensor: the block of its tensors that it is in, or 0. Once rechecked. */
  block = 0;
  /** Whether it holds class indices. */
  isIndex = false;
  /** Of a result: whether it was made for this call, to be disposed should the call fail. */
  isMade = false;
  /** How it broadcasts to the terms; null where it has their shape. */
  broadcast: Uint32Array | null = null;
  /** What a backend reads or writes where the address alone will not do: elements of the call's dtype, or indices. */
  elements: TypedArray = NO_ELEMENTS;
  /** What else it is. */
  #other: unknown = undefined;
  /** The buffer of `array` where it is known already. */
  #buffer: ArrayBufferLike | undefined = undefined;

  constructor(slot: number) {
    this.slot = slot;
  }

  /** The object itself: an `out` is returned as it is. */
  get source(): unknown {
    return this.tensor ?? this.foreign ?? this.#other;
  }

  /** Asking an array for it takes the engine 25 ns. */
  get buffer(): ArrayBufferLike {
    return this.#buffer ?? this.array.buffer;
  }

  setTensor(name: string, tensor: Tensor, arena: Arena): void {
    const own = tensor.arena === arena;
    this.name = name;
    this.given = true;
    this.shape = Tensor.sizes(tensor);
    this.length = tensor.length;
    this.dtype = tensor.dtype;
    this.array = Tensor.elements(tensor);
    if (own) this.tensor = tensor;
    else this.foreign = tensor;
    const isHere = own ? arena.isLinear : arena.holds(tensor.arena.buffer);
    this.at = isHere ? tensor.byteOffset : -1;
  }

  /** Of an operand that is a tensor of the instance: whether this is the same one, or one like it, which takes its place. */
  takes(value: unknown): boolean {
    const old = this.tensor!;
    if (value === old) return !old.disposed;
    if (!Tensor.is(value) || value.disposed || value.arena !== old.arena || value.dtype !== old.dtype)
      return false;
    if (!sameShape(Tensor.sizes(value), this.shape)) return false;
    this.tensor = value;
    this.array = Tensor.elements(value);
    this.at = value.byteOffset;
    return true;
  }

  /** A plain view of a typed array, for setArray. */
  view(value: unknown, dtype: DType): TypedArray {
    this.#buffer = bufferOf(value);
    return plainView(value, dtype, this.#buffer);
  }

  /** `array` has as many elements as the shape. */
  setArray(name: string, shape: Shape, dtype: DType, array: TypedArray, arena: Arena, source: unknown): void {
    this.#set(name, shape, dtype, array, source);
    this.at = arena.holds(this.#buffer) ? array.byteOffset : -1;
  }

  setNumbers(name: string, shape: Shape, array: Float64Array, numbers: Numbers, source: unknown): void {
    this.#set(name, shape, undefined, array, source);
    this.numbers = numbers;
    this.at = -1;
  }

  /** Makes numbers of a mask's elements. */
  setMask(): void {
    const { name, shape, array, source } = this;
    const copy = new Float64Array(this.length);
    fillNumbers(copy, array, name, shape, true);
    this.tensor = undefined;
    this.foreign = undefined;
    this.setNumbers(name, shape, copy, array, source);
    this.isMask = true;
  }

  /** Reads again what was copied. */
  refill(): void {
    const { name, length } = this;
    const from = Tensor.is(this.#other) ? this.#other.data : this.numbers!;
    if (ArrayBuffer.isView(from) && from.length !== length)
      fail('ERR_SHAPE', `"${name}" was detached or resized`);
    fillNumbers(this.elements as FloatArray, from, name, this.shape, this.isMask);
  }

  #set(name: string, shape: Shape, dtype: DType | undefined, array: TypedArray, source: unknown): void {
    this.name = name;
    this.given = true;
    this.shape = shape;
    this.length = array.length;
    this.dtype = dtype;
    this.array = array;
    this.#other = source;
  }

  /** Forgets the caller's arrays. */
  clear(): void {
    this.#buffer = undefined;
    if (!this.given) return;
    this.given = false;
    this.isMade = false;
    this.dtype = undefined;
    this.array = NO_ELEMENTS;
    this.numbers = undefined;
    this.isMask = false;
    this.tensor = undefined;
    this.foreign = undefined;
    this.#other = undefined;
    this.elements = NO_ELEMENTS;
  }

  /**
   * Makes `elements` what a backend reads. Called late: results may have grown the memory since the operand was looked at, which
   * detaches views of it. `arena`: where there may be such views.
   */
  settle(dtype: FloatDType, arena?: Arena): void {
    // numbers that are labels are widened, and checked, like labels of other types
    if (this.dtype !== undefined || this.isIndex) this.elements = currentArray(this, arena);
    else this.elements = constructorOf[dtype].from(this.array as Float64Array);
  }
}

/** Whether the operand is still what it was when it was looked at: the caller's code may have run since. */
export function recheck(o: Operand, arena: Arena): void {
  if (o.tensor?.disposed || o.foreign?.disposed) fail('ERR_DISPOSED', `"${o.name}" was disposed`);
  if (o.at >= 0) {
    if (o.tensor !== undefined) return;
    // what the instance puts into its memory, now or later, must not be under a view of it
    o.block = arena.blockOf(o.at, bytes(o));
    if (o.block < 0) fail('ERR_OPTION', `"${o.name}" is a view of memory that no live tensor has`);
  } else if (o.foreign === undefined && o.array.length !== o.length) {
    expected('ERR_SHAPE', o.name, `${o.length} elements`, 'an array that was detached or resized');
  }
}

/** The one dtype that the float operands are computed in; f64 where all are number[]. */
export function commonDtype(operands: readonly Operand[]): FloatDType {
  let dtype: FloatDType | undefined;
  let from = '';
  for (let i = 0; i < operands.length; i++) {
    const o = operands[i];
    if (o.dtype === undefined || o.isIndex) continue;
    if (!isFloat(o.dtype)) expected('ERR_DTYPE', o.name, 'f32, f64, f16 or bf16', o.dtype);
    if (dtype === undefined) {
      dtype = wide(o.dtype);
      from = o.name;
    } else if (wide(o.dtype) !== dtype) expected('ERR_DTYPE', o.name, `${dtype} as "${from}" has`, o.dtype);
  }
  return dtype ?? 'f64';
}

/** The operand's elements: views of memory that has grown are made anew. */
export function currentArray(o: Operand, arena?: Arena): TypedArray {
  if (o.foreign !== undefined) return o.foreign.data;
  if (o.at < 0 || (o.array.length === o.length && o.length > 0)) return o.array;
  return view(o.dtype!, arena!.buffer!, o.at, o.length);
}

/** `whose`: where the shape comes from, for the message. */
export function expectShape(o: Operand, shape: Shape, whose = ''): void {
  if (!sameShape(o.shape, shape))
    expected('ERR_SHAPE', o.name, `shape ${showShape(shape)}${whose}`, gotShape(o.shape, shape));
}

/** Whether two operands share bytes: 'same' for exactly the same ones. */
export function overlap(a: Operand, b: Operand): 'none' | 'same' | 'partial' {
  if (a.numbers !== undefined || b.numbers !== undefined) return 'none';
  let from = a.at;
  let other = b.at;
  if (from < 0 && other < 0) {
    if (a.buffer !== b.buffer) return 'none';
    from = a.array.byteOffset;
    other = b.array.byteOffset;
  } else if (from < 0 || other < 0) return 'none'; // inside and outside the memory
  return spans(from, bytes(a), other, bytes(b));
}

function bytes({ dtype, length }: Operand): number {
  // spelt out: small calls ask often, and looking a dtype up is slow
  return length * (dtype === 'f32' || dtype === 'i32' ? 4 : dtype === 'f64' ? 8 : bytesOf(dtype!));
}

function spans(from: number, size: number, other: number, otherSize: number): 'none' | 'same' | 'partial' {
  if (size === 0 || otherSize === 0 || from + size <= other || other + otherSize <= from) return 'none';
  return from === other && size === otherSize ? 'same' : 'partial';
}
