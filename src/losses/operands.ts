import { expected, fail, show, showShape } from '../errors.ts';
import type { Arena } from '../memory/arena.ts';
import { arrayName, constructorOf, dtypeOf, isFloat, view } from '../memory/dtype.ts';
import { Tensor } from '../memory/tensor.ts';
import type { DType, FloatArray, FloatDType, Shape, TypedArray } from '../types.ts';

/** An argument as it was given: where its elements are and what shape they have. */
export interface Operand {
  readonly name: string;
  readonly shape: Shape;
  /** Undefined for number[], whose dtype follows from what stands beside it. */
  readonly dtype: DType | undefined;
  readonly array: TypedArray | readonly number[];
  /** Set where it is a tensor of the same instance. */
  readonly tensor: Tensor | undefined;
  /** Address where the elements lie in the instance's memory, else −1. */
  readonly at: number;
  /** The object itself: an `out` is returned as it is. */
  readonly source: unknown;
}

export const elements = (shape: Shape): number => {
  let n = 1;
  for (let i = 0; i < shape.length; i++) n *= shape[i];
  return n;
};

export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function checkShape(shape: unknown, name: string): Shape {
  if (!Array.isArray(shape)) expected('ERR_TYPE', name, 'a shape (an array of sizes)', show(shape));
  const copy: number[] = [];
  let n = 1;
  for (let i = 0; i < shape.length; i++) {
    const size: unknown = shape[i];
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      expected('ERR_SHAPE', name, 'sizes that are non-negative integers', show(size));
    }
    copy.push(size);
    n *= size;
  }
  if (n > 2 ** 32) expected('ERR_SHAPE', name, 'at most 2^32 elements', showShape(copy));
  return Object.freeze(copy);
}

/** Looks at an argument; nothing is copied. */
export function operandOf(value: unknown, name: string, arena: Arena): Operand {
  if (value instanceof Tensor) {
    const tensor: Tensor = value;
    if (tensor.disposed) fail('ERR_DISPOSED', `"${name}" was disposed`);
    const own = tensor.arena === arena;
    return {
      name,
      shape: tensor.shape,
      dtype: tensor.dtype,
      array: tensor.data,
      tensor: own ? tensor : undefined,
      at: own ? tensor.byteOffset : -1,
      source: tensor,
    };
  }
  if (ArrayBuffer.isView(value) || Array.isArray(value)) {
    const array = value as TypedArray | number[];
    const dtype = arrayDtype(array, name);
    return {
      name,
      shape: [array.length],
      dtype,
      array,
      tensor: undefined,
      at: addressOf(array, arena),
      source: value,
    };
  }
  if (value !== null && typeof value === 'object') {
    const { data, shape, stride, strides, offset } = value as Record<string, unknown>;
    if (data !== undefined && shape !== undefined) {
      if (!ArrayBuffer.isView(data) && !Array.isArray(data)) {
        expected('ERR_TYPE', `${name}.data`, 'a typed array', show(data));
      }
      const array = data as TypedArray | number[];
      const dtype = arrayDtype(array, name);
      const sizes = checkShape(shape, `${name}.shape`);
      if (elements(sizes) !== array.length) {
        fail('ERR_SHAPE', `"${name}" has shape ${showShape(sizes)} but ${array.length} elements`);
      }
      checkDense(stride ?? strides, offset, sizes, name);
      return {
        name,
        shape: sizes,
        dtype,
        array,
        tensor: undefined,
        at: addressOf(array, arena),
        source: value,
      };
    }
  }
  return expected(
    'ERR_TYPE',
    name,
    'a Tensor, { data, shape }, a typed array or an array of numbers',
    show(value),
  );
}

const addressOf = (array: TypedArray | readonly number[], arena: Arena): number =>
  ArrayBuffer.isView(array) && arena.holds(array) ? array.byteOffset : -1;

function arrayDtype(array: TypedArray | readonly number[], name: string): DType | undefined {
  if (!ArrayBuffer.isView(array)) return undefined;
  const dtype = dtypeOf(array);
  if (dtype === undefined) {
    expected(
      'ERR_DTYPE',
      name,
      `one of ${Object.keys(constructorOf).join(', ')}`,
      arrayName(array) ?? 'a DataView',
    );
  }
  return dtype;
}

/** ndarray-like objects may say that they are not dense. */
function checkDense(stride: unknown, offset: unknown, shape: Shape, name: string): void {
  if (offset !== undefined && offset !== 0) {
    expected('ERR_SHAPE', name, 'dense data without an offset', `offset ${show(offset)}`);
  }
  if (stride === undefined) return;
  let step = 1;
  let dense = Array.isArray(stride) && stride.length === shape.length;
  for (let i = shape.length - 1; dense && i >= 0; i--) {
    dense = shape[i] <= 1 || (stride as unknown[])[i] === step;
    step *= shape[i];
  }
  if (!dense) expected('ERR_SHAPE', name, 'dense data in C order', 'other strides');
}

/** The one dtype of the float operands; f64 where all are number[]. `labels` is none of them. */
export function commonDtype(operands: readonly (Operand | undefined)[], labels?: Operand): FloatDType {
  let dtype: FloatDType | undefined;
  let from = '';
  for (let i = 0; i < operands.length; i++) {
    const o = operands[i];
    if (o === undefined || o.dtype === undefined || o === labels) continue;
    if (!isFloat(o.dtype)) expected('ERR_DTYPE', o.name, 'f32 or f64', o.dtype);
    if (dtype === undefined) {
      dtype = o.dtype;
      from = o.name;
    } else if (o.dtype !== dtype) expected('ERR_DTYPE', o.name, `${dtype} as "${from}" has`, o.dtype);
  }
  return dtype ?? 'f64';
}

/**
 * The operand's elements as a typed array of the dtype, copied only from number[]. Read late: results and staging may
 * have grown the memory since the operand was looked at, which detaches views of it.
 */
export function floats(o: Operand, dtype: FloatDType, arena: Arena): FloatArray {
  if (o.dtype !== undefined) return currentArray(o, arena) as FloatArray;
  const array = new constructorOf[dtype](o.array.length);
  fillNumbers(array, o.array as readonly number[], o.name);
  return array;
}

export function currentArray(o: Operand, arena: Arena): TypedArray {
  const array = o.array as TypedArray;
  if (o.at < 0 || array.length === elements(o.shape)) return array;
  return view(o.dtype!, arena.buffer!, o.at, elements(o.shape));
}

/** Copies an array of numbers; anything else in it is ERR_TYPE. */
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
 * How `from` broadcasts to `to` as in NumPy: undefined where it is the same, else the record that broadcast.ts reads: rank,
 * then [length, step] per dimension from the innermost, neighbouring dimensions joined.
 */
export function broadcastShape(o: Operand, to: Shape): Uint32Array | undefined {
  const from = o.shape;
  if (sameShape(from, to)) return undefined;
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
  const x = a.array as TypedArray;
  const y = b.array as TypedArray;
  let from = a.at;
  let other = b.at;
  if (from < 0 || other < 0) {
    // an array outside the instance's memory shares nothing with one inside it
    if (from >= 0 || other >= 0 || x.buffer !== y.buffer) return 'none';
    from = x.byteOffset;
    other = y.byteOffset;
  } else if (a.tensor !== undefined && a.tensor === b.tensor) return 'same';
  else if (x.buffer !== y.buffer) return 'none';
  const [size, otherSize] = [x.byteLength, y.byteLength];
  if (size === 0 || otherSize === 0 || from + size <= other || other + otherSize <= from) return 'none';
  return from === other && size === otherSize ? 'same' : 'partial';
}
