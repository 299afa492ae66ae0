// What evaluation itself reads of what it is handed: weights, masks, labels, and what figures compare. The losses check all the rest.
import type { Shape } from '../dtypes.ts';
import { expected, fail, show, showShape } from '../errors.ts';
import { read } from '../given.ts';

/** Elements of an array, a tensor or a list, in order. */
export interface Elements {
  readonly data: ArrayLike<unknown>;
  readonly shape: Shape;
}

/** Typed arrays, { data, shape } or dims, tensors, lists of lists. */
export function elementsOf(value: unknown, name: string): Elements {
  if (Array.isArray(value)) {
    const shape: number[] = [];
    for (let at: unknown = value; Array.isArray(at); at = at[0]) shape.push(at.length);
    return sized(value.flat(Number.POSITIVE_INFINITY), shape, name);
  }
  if (isTyped(value)) return { data: value, shape: [value.length] };
  if (value !== null && typeof value === 'object') {
    const data = read(value, 'data');
    const shape = read(value, 'shape') ?? read(value, 'dims');
    if ((isTyped(data) || Array.isArray(data)) && Array.isArray(shape)) return sized(data, shape, name);
  }
  return expected(
    'ERR_TYPE',
    name,
    'a Tensor, a typed array, an array of numbers, or an object with "data" and "shape" or "dims"',
    show(value),
  );
}

const isTyped = (value: unknown): value is ArrayLike<number | bigint> & ArrayBufferView =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

function sized(data: ArrayLike<unknown>, shape: Shape, name: string): Elements {
  if (data.length !== shape.reduce((a, b) => a * b, 1))
    fail('ERR_SHAPE', `"${name}" has shape ${showShape(shape)} but ${data.length} elements`);
  return { data, shape };
}

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);

export function expectShape({ shape }: Elements, wanted: Shape, name: string): void {
  if (!sameShape(shape, wanted)) expected('ERR_SHAPE', name, `shape ${showShape(wanted)}`, showShape(shape));
}

/** The elements as numbers: bigints and truth values, too. */
export const numbersOf = ({ data }: Elements): ArrayLike<number> =>
  data instanceof Float32Array || data instanceof Float64Array ? data : Float64Array.from(data, Number);

/** Numbers of the dtype that others have, where that is known. */
export const likeNumbers = (data: ArrayLike<unknown>, numbers: number[]): ArrayLike<number> =>
  data instanceof Float32Array || data instanceof Float64Array
    ? new (data.constructor as Float32ArrayConstructor)(numbers)
    : numbers;
