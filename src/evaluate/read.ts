// What evaluation itself reads of what it is handed: weights, masks, labels, and what figures compare. The losses check all the rest.
import { IN0 } from '../abi.ts';
import {
  constructorOf,
  type DType,
  type FloatArray,
  isFloat,
  isHalf,
  type Shape,
  type TypedArray,
  wide,
} from '../dtypes.ts';
import { expected, isList, show, showShape } from '../errors.ts';
import { Halves, widened } from '../half.ts';
import { BufferArena } from '../memory/arena.ts';
import { Operand } from '../memory/operand.ts';
import { lengthOf, sameShape } from '../memory/shape.ts';
import { operandOf } from '../plan/read.ts';

/** Elements of an array, a tensor or a list, in order. */
export interface Elements {
  readonly data: TypedArray;
  readonly shape: Shape;
  /** Of numbers in a list undefined: that of what stands beside them. */
  readonly dtype: DType | undefined;
}

/** Whose memory it is does not matter here. */
const arena = new BufferArena();
arena.halves = new Halves(undefined);

/** As losses read it. */
export function elementsOf(value: unknown, name: string, isMask = false): Elements {
  const { array: data, shape, dtype } = operandOf(value, name, arena, new Operand(IN0), isMask);
  return { data, shape: [...shape], dtype };
}

export function expectShape({ shape }: Elements, wanted: Shape, name: string): void {
  if (!sameShape(shape, wanted)) expected('ERR_SHAPE', name, `shape ${showShape(wanted)}`, showShape(shape));
}

/** The elements as numbers. */
export const numbersOf = ({ data, dtype }: Elements): FloatArray =>
  isHalf(dtype)
    ? widened(dtype, data as Uint16Array)
    : data instanceof Float32Array || data instanceof Float64Array
      ? data
      : data instanceof BigInt64Array || data instanceof BigUint64Array
        ? Float64Array.from(data, Number)
        : new Float64Array(data);

/** Room for numbers of the dtype that others have, where they have one. */
export const roomLike = ({ dtype }: Elements, length: number): FloatArray | number[] =>
  dtype !== undefined && isFloat(dtype)
    ? new constructorOf[wide(dtype)](length)
    : new Array<number>(length).fill(0);

/** What is in a list of at most so many. */
export function listOf(value: unknown, name: string, what: string, most: number): unknown[] {
  if (!isList(value)) return expected('ERR_TYPE', name, what, show(value));
  const length = lengthOf(value, name);
  if (length > most) return expected('ERR_OPTION', name, `at most ${most}`, `${length}`);
  return Array.from({ length }, (_, i) => value[i]);
}
