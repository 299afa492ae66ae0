// What is not in place, to staging space and back.
import { type FloatArray, type IndexArray, isHalf, type TypedArray } from '../dtypes.ts';
import { labelsToI32 } from '../labels.ts';
import type { Arena } from '../memory/arena.ts';
import type { Operand } from '../memory/operand.ts';
import { isOtherwise } from './record.ts';

/** Brings an operand's elements, or some of them, to where a kernel reads them. */
export function bring(o: Operand, from: TypedArray, to: TypedArray, ignoreIndex: number, arena: Arena): void {
  if (isHalf(o.dtype)) arena.halves!.widen(o.dtype, from as Uint16Array, to as Float32Array);
  else if (isOtherwise(o)) labelsToI32(from as IndexArray, to as Int32Array, ignoreIndex);
  else (to as FloatArray).set(from as FloatArray);
}

/** Takes what a kernel wrote to a result's elements, or some of them: as many as `to` has. What is left of `from` may be anything. */
export function take({ dtype }: Operand, from: TypedArray, to: TypedArray, arena: Arena): void {
  if (isHalf(dtype)) arena.halves!.narrow(dtype, from as Float32Array, to as Uint16Array);
  else (to as FloatArray).set(from as FloatArray);
}
