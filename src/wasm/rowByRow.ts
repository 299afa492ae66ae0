// Rows that are strided, and too long for a tile: each is brought together, for the kernel of rows that lie in one piece.
import {
  CALL_BYTES,
  FLAGS,
  GRAD_OUTPUT,
  GRAD0,
  GRAD1,
  HESS,
  IN0,
  IN1,
  SAMPLE_WEIGHT,
  tileBytes,
  VALUE,
} from '../abi.ts';
import type { KernelCall } from '../call.ts';
import { bytesOf, constructorOf } from '../dtypes.ts';
import { align } from '../memory/allocator.ts';
import type { Kernel } from './kernels.ts';
import { ADDRESSES, PARTIALS, TILE, TO } from './record.ts';

/** A sum's padding to whole groups. */
const PADDING = 128;

export const isByRow = ({ inner }: KernelCall, { rows }: Kernel): boolean => rows && inner > 1;

/** What a call's working space is, in bytes: its tile, or a row of every operand that has classes. */
export function spaceOf(call: KernelCall, kernel: Kernel): number {
  return isByRow(call, kernel)
    ? partialBytes(call) + slotsOf(call).length * rowBytes(call)
    : tileBytes(call.classes);
}

function slotsOf({ flags, given }: KernelCall): number[] {
  const slots = (flags & FLAGS.INDEX) !== 0 ? [IN0, GRAD0, GRAD1, HESS] : [IN0, IN1, GRAD0, GRAD1, HESS];
  return slots.filter((slot) => (given & (1 << slot)) !== 0);
}

const rowBytes = ({ classes, dtype }: KernelCall): number => align(classes * bytesOf(dtype));

/** Room for the values of all rows where they are to be added up. */
function partialBytes(call: KernelCall): number {
  const isSum = (call.flags & FLAGS.VALUE) !== 0 && !call.has(VALUE);
  return isSum ? align(bytesOf(call.dtype) * call.outer * call.inner + PADDING) : 0;
}

/** Runs the call of a record that is ready, in the working space that is its tile. `add` adds up the rows' values. */
export function runByRow(
  call: KernelCall,
  kernel: Kernel,
  record: number,
  buffer: ArrayBufferLike,
  add: (record: number) => number,
): number {
  const { outer, classes, inner } = call;
  const memory = new constructorOf[call.dtype](buffer as ArrayBuffer);
  const words = new Uint32Array(buffer as ArrayBuffer, record, CALL_BYTES / 4);
  const size = memory.BYTES_PER_ELEMENT;
  // a quotient would be a double, and so would every index made from it
  const shift = size === 4 ? 2 : 3;
  const partials = partialBytes(call);
  const room = words[TILE];
  const strided = slotsOf(call).map((slot, i) => {
    const word = ADDRESSES + slot;
    const at = room + partials + i * rowBytes(call);
    return { word, isResult: slot >= VALUE, given: words[word], at };
  });
  if (partials > 0) words[PARTIALS] = room;
  const byRow = [IN1, SAMPLE_WEIGHT, GRAD_OUTPUT, VALUE]
    .filter((slot) => call.has(slot))
    .map((slot) => ({ word: ADDRESSES + slot, bytes: slot === IN1 ? 4 : size }))
    .concat(partials > 0 ? { word: PARTIALS, bytes: size } : [])
    .filter(({ word }) => strided.every((one) => one.word !== word))
    .map((one) => ({ ...one, given: words[one.word] }));
  for (const { word, at } of strided) words[word] = at;
  words[TO] = 1;
  for (let row = 0; row < outer * inner; row++) {
    const first = Math.floor(row / inner) * classes * inner + (row % inner);
    for (const { isResult, given, at } of strided) {
      if (isResult) continue;
      for (let to = at >>> shift, from = (given >>> shift) + first, c = 0; c < classes; c++, from += inner)
        memory[to + c] = memory[from];
    }
    for (const { word, bytes, given } of byRow) words[word] = given + row * bytes;
    kernel.run(record);
    for (const { isResult, given, at } of strided) {
      if (!isResult) continue;
      for (let from = at >>> shift, to = (given >>> shift) + first, c = 0; c < classes; c++, to += inner)
        memory[to] = memory[from + c];
    }
  }
  for (const { word, given } of [...strided, ...byRow]) words[word] = given;
  words[TO] = outer * inner;
  if (partials === 0) return 0;
  const value = add(record);
  words[PARTIALS] = 0;
  return value;
}
