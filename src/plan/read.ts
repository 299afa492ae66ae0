// Looking at arguments: tensors, { data, shape }, typed arrays, lists of numbers.
import {
  arrayName,
  constructorOf,
  type DType,
  dtypeOf,
  type HalfDType,
  isDetached,
  isFloat,
  isHalf,
  type Shape,
  type TypedArray,
} from '../dtypes.ts';
import { expected, fail, isList, isReadable, noRoom, show, showShape } from '../errors.ts';
import { said } from '../given.ts';
import type { Halves } from '../half.ts';
import type { Arena } from '../memory/arena.ts';
import { fillNumbers, shapeOfList } from '../memory/lists.ts';
import type { Operand } from '../memory/operand.ts';
import { checkShape, elements, lengthOf, lineOf, NO_SHAPE } from '../memory/shape.ts';
import { Tensor } from '../memory/tensor.ts';

/**
 * Looks at an argument. This is where all of the caller's own code runs (getters, elements of number[]): what it says
 * is copied, and `recheck` has the last word when nothing of the caller's runs any more.
 */
export function operandOf(
  value: unknown,
  name: string,
  arena: Arena,
  into: Operand,
  isMask = false,
): Operand {
  if (Tensor.is(value)) {
    if (value.disposed) fail('ERR_DISPOSED', `"${name}" was disposed`);
    into.setTensor(name, value, arena);
  } else if (ArrayBuffer.isView(value)) {
    const dtype = checkedDtype(value, name);
    const array = viewOf(into, value, dtype, name);
    into.setArray(name, lineOf(array.length, into.shape), dtype, array, arena, value);
  } else if (isList(value)) {
    const shape = shapeOfList(value, name, into.shape);
    into.setNumbers(name, shape, numbersOf(value, shape, name, isMask), value, value);
    into.isMask = isMask;
  } else if (!setShaped(into, value, name, arena, isMask)) {
    expected(
      'ERR_TYPE',
      name,
      'a Tensor, a typed array, an array of numbers, or an object with "data" and "shape" or "dims"',
      show(value),
    );
  }
  if (isHalf(into.dtype)) halvesOf(arena, name, into.dtype);
  if (isMask && into.dtype !== undefined && !isFloat(into.dtype)) into.setMask();
  return into;
}

/** What converts numbers of 16 bits: of parts, just those that were given it. */
export const halvesOf = ({ halves }: Arena, name: string, dtype: DType): Halves =>
  halves ??
  fail(
    'ERR_UNSUPPORTED',
    `"${name}" is of ${dtype}, which takes half: give load 'half' of 'simdloss/losses'`,
  );

/** A view of what a typed array views. */
function viewOf(into: Operand, value: unknown, dtype: DType, name: string): TypedArray {
  const array = into.view(value, dtype);
  if (array.length === 0 && isDetached(value))
    fail(
      'ERR_TYPE',
      `"${name}" was detached: memory has grown, or it was transferred; read tensor.data again`,
    );
  return array;
}

/** { data, shape }, or dims for the shape; false where the value is something else. */
function setShaped(into: Operand, value: unknown, name: string, arena: Arena, isMask: boolean): boolean {
  if (value === null || typeof value !== 'object' || !isReadable(value)) return false;
  // spelt out: V8 reads names that it knows four times as fast
  const members = value as Partial<
    Record<'data' | 'shape' | 'dims' | 'stride' | 'strides' | 'offset' | 'dtype' | 'type', unknown>
  >;
  const data = said(value, 'data', members.data);
  if (data === undefined) return false;
  const shape = said(value, 'shape', members.shape) ?? said(value, 'dims', members.dims);
  if (shape === undefined) return false;
  let stride = said(value, 'stride', members.stride) ?? said(value, 'strides', members.strides);
  if (typeof stride === 'function') stride = stride.call(value);
  const offset = said(value, 'offset', members.offset);
  const isArray = ArrayBuffer.isView(data);
  if (!isArray && !isList(data)) expected('ERR_TYPE', `${name}.data`, 'a typed array', show(data));
  const sizes = checkShape(shape, name, '.shape', into.shape);
  let dtype = isArray ? checkedDtype(data, name) : undefined;
  // numbers of 16 bits lie in Uint16Arrays, where their bits would pass for labels or a mask
  if (dtype === 'u16')
    dtype = halfOf(said(value, 'dtype', members.dtype)) ?? halfOf(said(value, 'type', members.type)) ?? dtype;
  const array = dtype === undefined ? undefined : viewOf(into, data, dtype, `${name}.data`);
  const length = array === undefined ? lengthOf(data as number[], name, '.data') : array.length;
  if (elements(sizes) !== length) {
    fail('ERR_SHAPE', `"${name}" has shape ${showShape(sizes)} but ${length} elements`);
  }
  checkDense(stride, offset, sizes, name);
  if (array !== undefined) into.setArray(name, sizes, dtype!, array, arena, value);
  else {
    const list = data as number[];
    into.setNumbers(name, sizes, numbersOf(list, [length], name, isMask), list, value);
    into.isMask = isMask;
  }
  return true;
}

/** Of the names that this and other libraries have for them: 'bf16', 'float16', 'torch.bfloat16'. */
function halfOf(name: unknown): HalfDType | undefined {
  const found = typeof name === 'string' ? /(b?)f(loat)?16/i.exec(name) : null;
  return found === null ? undefined : found[1] === '' ? 'f16' : 'bf16';
}

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

function numbersOf(list: readonly unknown[], shape: Shape, name: string, isMask: boolean): Float64Array {
  const length = elements(shape);
  let array: Float64Array;
  try {
    array = new Float64Array(length);
  } catch (cause) {
    return noRoom(`a copy of ${length} numbers`, cause);
  }
  fillNumbers(array, list, name, shape, isMask);
  return array;
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
