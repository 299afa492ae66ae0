// Rows that are strided, and too long for a tile: brought together a few at a time, for the kernel of rows that lie in one piece.
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
import { constructorOf, type FloatArray } from '../dtypes.ts';
import { align } from '../memory/allocator.ts';
import type { Kernel } from './kernels.ts';
import { ADDRESSES, PARTIALS, TILE, TO } from './record.ts';

/** Room for rows that are brought together at once: those of all operands, or one row where that is more. */
const ROOM = 2 ** 20;
/** A sum's padding to whole groups. */
const PADDING = 128;

export const isByRow = ({ inner }: KernelCall, { rows }: Kernel): boolean => rows && inner > 1;

/** What a call's working space is, in bytes; its own tile, and as many of the rows as find room. */
export function spaceOf(call: KernelCall, kernel: Kernel): number {
  if (!isByRow(call, kernel)) return tileBytes(call.classes);
  const { rowBytes, atOnce, partials } = plan(call);
  return slotsOf(call).length * align(atOnce * rowBytes) + partials;
}

/** The operands that have classes. */
function slotsOf({ flags, given }: KernelCall): number[] {
  const slots = (flags & FLAGS.INDEX) !== 0 ? [IN0, GRAD0, GRAD1, HESS] : [IN0, IN1, GRAD0, GRAD1, HESS];
  return slots.filter((slot) => (given & (1 << slot)) !== 0);
}

function plan(call: KernelCall): { rowBytes: number; atOnce: number; partials: number } {
  const size = constructorOf[call.dtype].BYTES_PER_ELEMENT;
  const rowBytes = size * call.classes;
  const most = Math.floor(ROOM / (rowBytes * slotsOf(call).length));
  const isSum = (call.flags & FLAGS.VALUE) !== 0 && !call.has(VALUE);
  return {
    rowBytes,
    atOnce: Math.max(1, Math.min(most, call.inner)),
    partials: isSum ? align(size * call.outer * call.inner + PADDING) : 0,
  };
}

/** Runs the call of a record that is ready, in the working space that the record says. `add` adds up rows' values. */
export function runByRow(
  call: KernelCall,
  kernel: Kernel,
  record: number,
  buffer: ArrayBufferLike,
  add: (record: number) => number,
): number {
  const { outer, classes, inner, given } = call;
  const { rowBytes, atOnce, partials } = plan(call);
  const memory = new constructorOf[call.dtype](buffer as ArrayBuffer);
  const words = new Uint32Array(buffer as ArrayBuffer, record, CALL_BYTES / 4);
  const size = memory.BYTES_PER_ELEMENT;
  const room = words[TILE];
  const strided = slotsOf(call).map((slot, i) => ({
    isResult: slot >= VALUE,
    from: words[ADDRESSES + slot],
    at: room + partials + i * align(atOnce * rowBytes),
    word: ADDRESSES + slot,
  }));
  if (partials > 0) words[PARTIALS] = room;
  const byRow = [IN1, SAMPLE_WEIGHT, GRAD_OUTPUT, VALUE]
    .filter((slot) => (given & (1 << slot)) !== 0)
    .map((slot) => ADDRESSES + slot)
    .concat(partials > 0 ? PARTIALS : [])
    .filter((word) => strided.every((one) => one.word !== word))
    .map((word) => ({ word, from: words[word], bytes: word === ADDRESSES + IN1 ? 4 : size }));
  for (const { word, at } of strided) words[word] = at;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i += atOnce) {
      const count = Math.min(atOnce, inner - i);
      const first = o * classes * inner + i;
      for (const { isResult, from, at } of strided)
        if (!isResult) gather(memory, at / size, from / size + first, classes, inner, count);
      for (const { word, from, bytes } of byRow) words[word] = from + (o * inner + i) * bytes;
      words[TO] = count;
      kernel.run(record);
      for (const { isResult, from, at } of strided)
        if (isResult) scatter(memory, at / size, from / size + first, classes, inner, count);
    }
  }
  for (const { word, from } of [...strided, ...byRow]) words[word] = from;
  words[TO] = outer * inner;
  if (partials === 0) return 0;
  const value = add(record);
  words[PARTIALS] = 0;
  return value;
}

/** Copies `count` neighbouring rows of `classes` elements, `step` apart, to rows in one piece. */
function gather(
  memory: FloatArray,
  to: number,
  from: number,
  classes: number,
  step: number,
  count: number,
): void {
  for (let c = 0, at = from; c < classes; c++, at += step)
    for (let k = 0, row = to + c; k < count; k++, row += classes) memory[row] = memory[at + k];
}

/** The other way. */
function scatter(
  memory: FloatArray,
  from: number,
  to: number,
  classes: number,
  step: number,
  count: number,
): void {
  for (let c = 0, at = to; c < classes; c++, at += step)
    for (let k = 0, row = from + c; k < count; k++, row += classes) memory[at + k] = memory[row];
}
