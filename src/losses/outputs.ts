import { expected, fail } from '../errors.ts';
import type { Arena } from '../memory/arena.ts';
import { zeros } from '../memory/dtype.ts';
import type { FloatArray, FloatDType, Shape } from '../types.ts';
import { elements, expectShape, Operand, operandOf, overlap } from './operands.ts';

/** Where one result goes; cleared between calls as operands are. */
export class Output {
  readonly operand = new Operand();
  /** Whether it was made for this call, to be disposed should the call fail. */
  made = false;

  /** Whether there is one at all. */
  get given(): boolean {
    return this.operand.given;
  }
  /** What the call returns: `out` as it was given, a Tensor, or { data, shape }. */
  get result(): unknown {
    return this.operand.source;
  }

  clear(): void {
    this.operand.clear();
    this.made = false;
  }
}

/** Checks an `out` against what the call reads; `a` and `b` are inputs that it may be exactly. */
export function givenOutput(
  into: Output,
  value: unknown,
  name: string,
  shape: Shape,
  dtype: FloatDType,
  arena: Arena,
  reads: readonly Operand[],
  a: Operand | undefined,
  b: Operand | undefined,
): void {
  const operand = operandOf(value, name, arena, into.operand);
  if (operand.dtype === undefined)
    expected('ERR_TYPE', name, 'a typed array to write to', 'an array of numbers');
  if (operand.dtype !== dtype) expected('ERR_DTYPE', name, dtype, operand.dtype);
  expectShape(operand, shape);
  for (let i = 0; i < reads.length; i++) {
    const read = reads[i];
    if (read.dtype === undefined) continue;
    const how = overlap(operand, read);
    if (how === 'none' || (how === 'same' && (read === a || read === b))) continue;
    fail(
      'ERR_OPTION',
      `"${name}" overlaps "${read.name}": only exactly an input itself may be written in place`,
    );
  }
}

export function checkApart(a: Output, b: Output): void {
  if (!a.given || !b.given || overlap(a.operand, b.operand) === 'none') return;
  fail('ERR_OPTION', `"${a.operand.name}" overlaps "${b.operand.name}"`);
}

/** Makes a new result, living where the first input lives. Its elements are the kernel's to write, all of them. */
export function newOutput(
  into: Output,
  name: string,
  shape: Shape,
  dtype: FloatDType,
  like: Operand,
  arena: Arena,
): void {
  if (like.tensor !== undefined) {
    into.operand.setTensor(name, arena.createUnset(dtype, shape, elements(shape)), arena);
  } else {
    let data: FloatArray;
    try {
      data = zeros(dtype, elements(shape));
    } catch (cause) {
      fail('ERR_MEMORY', `a result of ${elements(shape)} elements cannot be allocated`, cause);
    }
    into.operand.setArray(name, shape, dtype, data, arena, { data, shape: [...shape] });
  }
  into.made = true;
}

/** Frees a result that was made for a call that failed. */
export function discard(output: Output): void {
  if (output.made) output.operand.tensor?.dispose();
}
