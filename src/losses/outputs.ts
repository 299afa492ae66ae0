import { expected, fail, show } from '../errors.ts';
import type { Arena } from '../memory/arena.ts';
import { zeros } from '../memory/dtype.ts';
import type { FloatArray, FloatDType, Shape } from '../types.ts';
import { elements, expectShape, type Operand, operandOf, overlap } from './operands.ts';

/** Where one result goes. */
export interface Output {
  /** What the call returns: `out` as it was given, a Tensor, or { data, shape }. */
  readonly result: unknown;
  readonly operand: Operand;
}

/** Checks an `out`. `inPlace` are the inputs that it may be. */
export function givenOutput(
  value: unknown,
  name: string,
  shape: Shape,
  dtype: FloatDType,
  arena: Arena,
  reads: readonly (Operand | undefined)[],
  inPlace: readonly Operand[],
): Output {
  const operand = operandOf(value, name, arena);
  if (operand.dtype === undefined)
    expected('ERR_TYPE', name, 'a typed array to write to', 'an array of numbers');
  if (operand.dtype !== dtype) expected('ERR_DTYPE', name, dtype, operand.dtype);
  expectShape(operand, shape);
  for (const read of reads) {
    if (read === undefined || read.dtype === undefined) continue;
    const how = overlap(operand.array as FloatArray, read.array as FloatArray);
    if (how === 'none' || (how === 'same' && inPlace.includes(read))) continue;
    fail(
      'ERR_OPTION',
      `"${name}" overlaps "${read.name}": only exactly an input itself may be written in place`,
    );
  }
  return { result: operand.source, operand };
}

export function checkApart(a: Output | undefined, b: Output | undefined): void {
  if (a === undefined || b === undefined) return;
  if (overlap(a.operand.array as FloatArray, b.operand.array as FloatArray) !== 'none') {
    fail('ERR_OPTION', `"${a.operand.name}" overlaps "${b.operand.name}"`);
  }
}

/** A new result, living where the first input lives. */
export function newOutput(
  name: string,
  shape: Shape,
  dtype: FloatDType,
  like: Operand,
  arena: Arena,
): Output {
  if (like.tensor !== undefined) {
    const tensor = arena.create(dtype, Object.freeze([...shape]), elements(shape));
    return {
      result: tensor,
      operand: {
        name,
        shape: tensor.shape,
        dtype,
        array: tensor.data,
        tensor,
        at: tensor.byteOffset,
        source: tensor,
      },
    };
  }
  let data: FloatArray;
  try {
    data = zeros(dtype, elements(shape));
  } catch (cause) {
    fail('ERR_MEMORY', `a result of ${elements(shape)} elements cannot be allocated`, cause);
  }
  const result = { data, shape: [...shape] };
  return { result, operand: { name, shape, dtype, array: data, tensor: undefined, at: -1, source: result } };
}

/** Whether `out` is one tensor rather than an object of outputs. */
export const isArrayLike = (out: unknown): boolean =>
  ArrayBuffer.isView(out) || Array.isArray(out) || (typeof out === 'object' && out !== null && 'data' in out);

/** The named outputs of an object, each undefined where it is not given. */
export function namedOutputs(out: unknown, names: readonly string[]): Record<string, unknown> {
  if (out === undefined) return {};
  if (out === null || typeof out !== 'object' || isArrayLike(out)) {
    expected(
      'ERR_OPTION',
      'out',
      `an object with ${names.join(', ')}`,
      isArrayLike(out) ? 'one array' : show(out),
    );
  }
  const named: Record<string, unknown> = {};
  for (const name in out) {
    if (!names.includes(name))
      fail('ERR_OPTION', `unknown output ${show(name)}: known are ${names.join(', ')}`);
    named[name] = (out as Record<string, unknown>)[name];
  }
  return named;
}
