import { expected, fail, isList, isReadable, show } from '../errors.ts';
import type { Arena } from '../memory/arena.ts';
import { zeros } from '../memory/dtype.ts';
import type { FloatArray, FloatDType, Shape } from '../types.ts';
import { elements, expectShape, type Operand, operandOf, overlap } from './operands.ts';

/** Where one result goes. */
export interface Output {
  /** What the call returns: `out` as it was given, a Tensor, or { data, shape }. */
  readonly result: unknown;
  readonly operand: Operand;
  /** Whether it was made for this call, to be disposed should the call fail. */
  readonly made: boolean;
}

/** Checks an `out` against what the call reads; `a` and `b` are inputs that it may be exactly. */
export function givenOutput(
  value: unknown,
  name: string,
  shape: Shape,
  dtype: FloatDType,
  arena: Arena,
  reads: readonly (Operand | undefined)[],
  a: Operand | undefined,
  b: Operand | undefined,
): Output {
  const operand = operandOf(value, name, arena);
  if (operand.dtype === undefined)
    expected('ERR_TYPE', name, 'a typed array to write to', 'an array of numbers');
  if (operand.dtype !== dtype) expected('ERR_DTYPE', name, dtype, operand.dtype);
  expectShape(operand, shape);
  if (
    operand.at >= 0 &&
    operand.tensor === undefined &&
    arena.protects(operand.at, operand.array.byteLength)
  ) {
    fail('ERR_OPTION', `"${name}" is in the instance's own working space`);
  }
  for (let i = 0; i < reads.length; i++) {
    const read = reads[i];
    if (read === undefined || read.dtype === undefined) continue;
    const how = overlap(operand, read);
    if (how === 'none' || (how === 'same' && (read === a || read === b))) continue;
    fail(
      'ERR_OPTION',
      `"${name}" overlaps "${read.name}": only exactly an input itself may be written in place`,
    );
  }
  return { result: operand.source, operand, made: false };
}

export function checkApart(a: Output | undefined, b: Output | undefined): void {
  if (a === undefined || b === undefined || overlap(a.operand, b.operand) === 'none') return;
  fail('ERR_OPTION', `"${a.operand.name}" overlaps "${b.operand.name}"`);
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
    const frozen = Object.isFrozen(shape) ? shape : Object.freeze([...shape]);
    const tensor = arena.create(dtype, frozen, elements(shape));
    const operand: Operand = {
      name,
      shape: frozen,
      dtype,
      array: tensor.data,
      numbers: undefined,
      tensor,
      foreign: undefined,
      at: arena.buffer === undefined ? -1 : tensor.byteOffset,
      source: tensor,
    };
    return { result: tensor, operand, made: true };
  }
  let data: FloatArray;
  try {
    data = zeros(dtype, elements(shape));
  } catch (cause) {
    fail('ERR_MEMORY', `a result of ${elements(shape)} elements cannot be allocated`, cause);
  }
  const result = { data, shape: [...shape] };
  const operand: Operand = {
    name,
    shape,
    dtype,
    array: data,
    numbers: undefined,
    tensor: undefined,
    foreign: undefined,
    at: -1,
    source: result,
  };
  return { result, operand, made: true };
}

/** Frees a result that was made for a call that failed. */
export function discard(output: Output | undefined): void {
  if (output?.made) output.operand.tensor?.dispose();
}

/** Whether `out` is one tensor rather than an object of outputs. */
export function isArrayLike(out: unknown): boolean {
  if (!isReadable(out)) expected('ERR_TYPE', 'out', 'a tensor or an object of outputs', 'a revoked proxy');
  return ArrayBuffer.isView(out) || isList(out) || (typeof out === 'object' && out !== null && 'data' in out);
}

/** The named outputs of an object, each undefined where it is not given. */
export function namedOutputs<N extends string>(out: unknown, names: readonly N[]): { [name in N]?: unknown } {
  if (out === null || typeof out !== 'object' || isArrayLike(out)) {
    expected(
      'ERR_OPTION',
      'out',
      `an object with ${names.join(', ')}`,
      isArrayLike(out) ? 'one array' : show(out),
    );
  }
  const named: { [name in N]?: unknown } = {};
  let any = false;
  for (const name in out) {
    any = true;
    if (!(names as readonly string[]).includes(name)) {
      fail('ERR_OPTION', `unknown output ${show(name)}: known are ${names.join(', ')}`);
    }
    named[name as N] = (out as Record<string, unknown>)[name];
  }
  if (!any) expected('ERR_OPTION', 'out', `an object with ${names.join(', ')}`, 'an object without them');
  return named;
}
