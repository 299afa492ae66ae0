import { type FloatArray, type FloatDType, isFloat, type Shape, wide, zeros } from '../dtypes.ts';
import { expected, fail, noRoom } from '../errors.ts';
import type { Arena } from '../memory/arena.ts';

import { expectShape, type Operand, overlap } from '../memory/operand.ts';
import { elements } from '../memory/shape.ts';
import { operandOf } from './read.ts';

/** Checks an `out` against what the call reads; it may be exactly one of the inputs in `over`. */
export function givenOutput(
  { call, reads }: { call: { dtype: FloatDType }; reads: readonly Operand[] },
  into: Operand,
  value: unknown,
  name: string,
  shape: Shape,
  arena: Arena,
  over: readonly Operand[],
): void {
  const { dtype } = call;
  const operand = operandOf(value, name, arena, into);
  if (operand.dtype === undefined)
    expected('ERR_TYPE', name, 'a typed array to write to', 'an array of numbers');
  const given = operand.dtype;
  if (!isFloat(given) || wide(given) !== dtype)
    expected('ERR_DTYPE', name, dtype === 'f32' ? 'f32, f16 or bf16' : dtype, given);
  expectShape(operand, shape);
  for (let i = 0; i < reads.length; i++) {
    const read = reads[i];
    if (read.dtype === undefined) continue;
    const how = overlap(operand, read);
    if (how === 'none') continue;
    if (how === 'same' && !read.isIndex && read.broadcast === null && over.includes(read)) continue;
    fail(
      'ERR_OPTION',
      `"${name}" overlaps "${read.name}": only exactly an input itself may be written in place`,
    );
  }
}

export function checkApart(a: Operand, b: Operand): void {
  if (!a.given || !b.given || overlap(a, b) === 'none') return;
  fail('ERR_OPTION', `"${a.name}" overlaps "${b.name}"`);
}

/** Makes a new result, living where the first input lives. Its elements are the kernel's to write, all of them. */
export function newOutput(
  into: Operand,
  name: string,
  shape: Shape,
  dtype: FloatDType,
  like: Operand,
  arena: Arena,
): void {
  if (like.tensor !== undefined) {
    into.setTensor(name, arena.createUnset(dtype, shape, elements(shape)), arena);
  } else {
    let data: FloatArray;
    try {
      data = zeros(dtype, elements(shape));
    } catch (cause) {
      noRoom(`a result of ${elements(shape)} elements`, cause);
    }
    into.setArray(name, shape, dtype, data, arena, { data, shape: [...shape] });
  }
  into.isMade = true;
}

/** Frees a result that was made for a call that failed. */
export function discard(output: Operand): void {
  if (output.isMade) output.tensor?.dispose();
}
