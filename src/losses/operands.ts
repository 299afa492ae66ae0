import { expected, fail, isList, isReadable, show, showShape } from '../errors.ts';
import { isEverybodys } from '../given.ts';
import type { Arena } from '../memory/arena.ts';
import {
  arrayName,
  bufferOf,
  bytesOf,
  constructorOf,
  dtypeOf,
  isFloat,
  plainView,
  view,
} from '../memory/dtype.ts';
import { Tensor } from '../memory/tensor.ts';
import type { DType, FloatArray, FloatDType, Shape, TypedArray } from '../types.ts';

const NO_SHAPE: Shape = [];
const NO_ELEMENTS = new Float64Array(0);

/**
 * An argument as it was given: where its elements are and what shape they have. One record serves call after call;
 * between them it is cleared.
 */
export class Operand {
  name = '';
  /** Whether there is one at all. */
  given = false;
  /** Nobody's to change: tensors may share it. */
  shape: Shape = NO_SHAPE;
  /** Elements. */
  length = 0;
  /** Undefined for number[], whose dtype follows from what stands beside it. */
  dtype: DType | undefined = undefined;
  /** The elements; of number[] a copy. */
  array: TypedArray = NO_ELEMENTS;
  /** Set where it was given as number[]. */
  numbers: readonly number[] | undefined = undefined;
  /** Set where it is a tensor of the same instance. */
  tensor: Tensor | undefined = undefined;
  /** Set where it is a tensor of another instance. */
  foreign: Tensor | undefined = undefined;
  /** Address where the elements lie in the instance's memory, else −1. */
  at = -1;
  /** What else it is. */
  #other: unknown = undefined;
  /** The buffer of `array` where it is known already. */
  #buffer: ArrayBufferLike | undefined = undefined;

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
    this.at = own && arena.isLinear ? tensor.byteOffset : -1;
  }

  /** A plain view of a typed array, for setArray. */
  view(value: unknown, dtype: DType): TypedArray {
    this.#buffer = bufferOf(value);
    return plainView(value, dtype, this.#buffer);
  }

  /** `array` has as many elements as the shape. */
  setArray(name: string, shape: Shape, dtype: DType, array: TypedArray, arena: Arena, source: unknown): void {
    this.name = name;
    this.given = true;
    this.shape = shape;
    this.length = array.length;
    this.dtype = dtype;
    this.array = array;
    this.at = arena.holds(this.#buffer) ? array.byteOffset : -1;
    this.#other = source;
  }

  setNumbers(
    name: string,
    shape: Shape,
    array: Float64Array,
    numbers: readonly number[],
    source: unknown,
  ): void {
    this.name = name;
    this.given = true;
    this.shape = shape;
    this.length = array.length;
    this.dtype = undefined;
    this.array = array;
    this.numbers = numbers;
    this.at = -1;
    this.#other = source;
  }

  /** Forgets the caller's arrays. */
  clear(): void {
    this.#buffer = undefined;
    if (!this.given) return;
    this.given = false;
    this.dtype = undefined;
    this.array = NO_ELEMENTS;
    this.numbers = undefined;
    this.tensor = undefined;
    this.foreign = undefined;
    this.#other = undefined;
  }
}

export const elements = (shape: Shape): number => {
  let n = 1;
  for (let i = 0; i < shape.length; i++) n *= shape[i];
  return n;
};

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A copy of a shape that was given; `last` where that has the same sizes. `name` and `member` are for messages. */
export function checkShape(shape: unknown, name: string, member = '', last = NO_SHAPE): Shape {
  if (!isList(shape)) expected('ERR_TYPE', name + member, 'a shape (an array of sizes)', show(shape));
  let copy: number[] | undefined;
  let n = 1;
  const rank = shape.length;
  for (let i = 0; i < rank; i++) {
    const size: unknown = shape[i];
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      expected('ERR_SHAPE', name + member, 'sizes that are non-negative integers', show(size));
    }
    n *= size;
    if (copy === undefined && size !== last[i]) copy = last.slice(0, i);
    copy?.push(size);
  }
  const sizes = copy ?? (last.length === rank ? last : last.slice(0, rank));
  if (!(n <= 2 ** 32)) expected('ERR_SHAPE', name + member, 'at most 2^32 elements', showShape(sizes));
  return sizes;
}

/**
 * Looks at an argument. This is where all of the caller's own code runs (getters, elements of number[]): what it says
 * is copied, and `recheck` has the last word when nothing of the caller's runs any more.
 */
export function operandOf(value: unknown, name: string, arena: Arena, into = new Operand()): Operand {
  if (Tensor.is(value)) {
    if (value.disposed) fail('ERR_DISPOSED', `"${name}" was disposed`);
    into.setTensor(name, value, arena);
  } else if (ArrayBuffer.isView(value)) {
    const dtype = checkedDtype(value, name);
    const array = into.view(value, dtype);
    into.setArray(name, lineOf(array.length, into.shape), dtype, array, arena, value);
  } else if (isList(value)) {
    const array = numbersOf(value as number[], value.length, name);
    into.setNumbers(name, lineOf(array.length, into.shape), array, value as number[], value);
  } else if (!setShaped(into, value, name, arena)) {
    expected(
      'ERR_TYPE',
      name,
      'a Tensor, { data, shape }, a typed array or an array of numbers',
      show(value),
    );
  }
  return into;
}

/** What an object's member is, read by its name in the code: 20 ns faster than by a variable. */
const own = (object: object, name: string, value: unknown): unknown =>
  value !== undefined && isEverybodys(object, name) ? undefined : value;

/** { data, shape }; false where the value is something else. */
function setShaped(into: Operand, value: unknown, name: string, arena: Arena): boolean {
  if (value === null || typeof value !== 'object' || !isReadable(value)) return false;
  const members = value as Record<string, unknown>;
  const data = own(value, 'data', members.data);
  const shape = own(value, 'shape', members.shape);
  if (data === undefined || shape === undefined) return false;
  const strides = own(value, 'stride', members.stride) ?? own(value, 'strides', members.strides);
  const offset = own(value, 'offset', members.offset);
  const isArray = ArrayBuffer.isView(data);
  if (!isArray && !isList(data)) expected('ERR_TYPE', `${name}.data`, 'a typed array', show(data));
  const sizes = checkShape(shape, name, '.shape', into.shape);
  const dtype = isArray ? checkedDtype(data, name) : undefined;
  const array = dtype === undefined ? undefined : into.view(data, dtype);
  const length = array === undefined ? (data as number[]).length : array.length;
  if (elements(sizes) !== length) {
    fail('ERR_SHAPE', `"${name}" has shape ${showShape(sizes)} but ${length} elements`);
  }
  checkDense(strides, offset, sizes, name);
  if (array !== undefined) into.setArray(name, sizes, dtype!, array, arena, value);
  else into.setNumbers(name, sizes, numbersOf(data as number[], length, name), data as number[], value);
  return true;
}

/** The shape of one dimension; `last` where that is it. */
const lineOf = (length: number, last: Shape): Shape =>
  last.length === 1 && last[0] === length ? last : [length];

function checkedDtype(value: unknown, name: string): DType {
  const dtype = dtypeOf(value);
  if (dtype === undefined) {
    expected(
      'ERR_DTYPE',
      name,
      `one of ${Object.keys(constructorOf).join(', ')}`,
      arrayName(value) ?? 'a DataView',
    );
  }
  return dtype;
}

/** A weight or the like that was given as one number. */
export function scalarOperand(name: string, value: number, into: Operand): void {
  into.setNumbers(name, NO_SHAPE, Float64Array.of(value), [value], value);
}

function numbersOf(list: readonly number[], length: number, name: string): Float64Array {
  let array: Float64Array;
  try {
    array = new Float64Array(length);
  } catch (cause) {
    return fail('ERR_MEMORY', `${length} numbers cannot be copied`, cause);
  }
  fillNumbers(array, list, name);
  return array;
}

/** Whether the operand is still what it was when it was looked at: the caller's code may have run since. */
export function recheck(o: Operand): void {
  if (o.tensor?.disposed || o.foreign?.disposed) fail('ERR_DISPOSED', `"${o.name}" was disposed`);
  if (o.foreign === undefined && o.at < 0 && o.array.length !== o.length) {
    expected('ERR_SHAPE', o.name, `${o.length} elements`, 'an array that was detached or resized');
  }
}

/** ndarray-like objects may say that they are not dense. */
function checkDense(stride: unknown, offset: unknown, shape: Shape, name: string): void {
  if (offset !== undefined && offset !== 0) {
    expected('ERR_SHAPE', name, 'dense data without an offset', `offset ${show(offset)}`);
  }
  if (stride === undefined) return;
  let step = 1;
  let dense = isList(stride) && stride.length === shape.length;
  for (let i = shape.length - 1; dense && i >= 0; i--) {
    dense = shape[i] <= 1 || (stride as unknown[])[i] === step;
    step *= shape[i];
  }
  if (!dense) expected('ERR_SHAPE', name, 'dense data in C order', 'other strides');
}

/** The one dtype of the float operands; f64 where all are number[]. `labels` is none of them. */
export function commonDtype(operands: readonly Operand[], labels?: Operand): FloatDType {
  let dtype: FloatDType | undefined;
  let from = '';
  for (let i = 0; i < operands.length; i++) {
    const o = operands[i];
    if (o.dtype === undefined || o === labels) continue;
    if (!isFloat(o.dtype)) expected('ERR_DTYPE', o.name, 'f32 or f64', o.dtype);
    if (dtype === undefined) {
      dtype = o.dtype;
      from = o.name;
    } else if (o.dtype !== dtype) expected('ERR_DTYPE', o.name, `${dtype} as "${from}" has`, o.dtype);
  }
  return dtype ?? 'f64';
}

/**
 * The operand's elements as a typed array of the dtype. Read late: results and staging may have grown the memory since
 * the operand was looked at, which detaches views of it.
 */
export function floats(o: Operand, dtype: FloatDType, arena: Arena): FloatArray {
  if (o.dtype === undefined) return constructorOf[dtype].from(o.array as Float64Array);
  return currentArray(o, arena) as FloatArray;
}

export function currentArray(o: Operand, arena: Arena): TypedArray {
  if (o.foreign !== undefined) return o.foreign.data;
  if (o.at < 0 || (o.array.length === o.length && o.length > 0)) return o.array;
  return view(o.dtype!, arena.buffer!, o.at, o.length);
}

/** Copies as many numbers as there is room for; anything else in the list is ERR_TYPE. */
export function fillNumbers(into: FloatArray | Int32Array, from: readonly number[], name: string): void {
  const integers = into instanceof Int32Array;
  for (let i = 0; i < into.length; i++) {
    const value: unknown = from[i];
    if (typeof value !== 'number')
      fail('ERR_TYPE', `"${name}" expected numbers, got ${show(value)} at index ${i}`);
    if (integers && (value | 0) !== value) {
      fail('ERR_LABEL', `"${name}" expected integer class indices, got ${value} at index ${i}`);
    }
    into[i] = value;
  }
}

export function expectShape(o: Operand, shape: Shape): void {
  if (!sameShape(o.shape, shape))
    expected('ERR_SHAPE', o.name, `shape ${showShape(shape)}`, showShape(o.shape));
}

/**
 * How `from` broadcasts to `to` as in NumPy: null where it is the same, else the record that broadcast.ts reads: rank,
 * then [length, step] per dimension from the innermost, neighbouring dimensions joined.
 */
export function broadcastShape(o: Operand, to: Shape): Uint32Array | null {
  const from = o.shape;
  if (sameShape(from, to)) return null;
  const dims: { length: number; step: number }[] = [];
  let step = 1;
  let fits = from.length <= to.length;
  for (let i = 1; fits && i <= to.length; i++) {
    const length = to[to.length - i];
    const size = i <= from.length ? from[from.length - i] : 1;
    if (size !== 1 && size !== length) fits = false;
    const own = size === 1 ? 0 : step;
    step *= size;
    if (length === 1) continue;
    const last = dims.at(-1);
    if (last !== undefined && (last.step === 0 ? own === 0 : own === last.step * last.length))
      last.length *= length;
    else dims.push({ length, step: own });
  }
  if (!fits) expected('ERR_SHAPE', o.name, `a shape that broadcasts to ${showShape(to)}`, showShape(from));
  // an innermost step is 0 or 1: a broadcast weight is dense
  const record = new Uint32Array(1 + 2 * dims.length);
  record[0] = dims.length;
  dims.forEach((d, i) => {
    record[1 + 2 * i] = d.length;
    record[2 + 2 * i] = d.step;
  });
  return record;
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
