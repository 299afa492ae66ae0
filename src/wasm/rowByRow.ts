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
  const partials = partialBytes(call);
  const rowsAt = words[TILE] + partials;
  if (partials > 0) words[PARTIALS] = words[TILE];
  const given = words.slice();
  const slots = slotsOf(call);
  /** Copies a row of the inputs in, or of the results out. */
  const copy = (first: number, out: boolean): void => {
    slots.forEach((slot, i) => {
      if (slot >= VALUE !== out) return;
      let at = (rowsAt + i * rowBytes(call)) / size;
      let far = given[ADDRESSES + slot] / size + first;
      for (let c = 0; c < classes; c++, at++, far += inner) {
        if (out) memory[far] = memory[at];
        else memory[at] = memory[far];
      }
    });
  };
  for (let row = 0; row < outer * inner; row++) {
    const first = Math.floor(row / inner) * classes * inner + (row % inner);
    for (const word of [IN1, SAMPLE_WEIGHT, GRAD_OUTPUT, VALUE, PARTIALS - ADDRESSES]) {
      const at = given[ADDRESSES + word];
      if (at > 0) words[ADDRESSES + word] = at + row * (word === IN1 ? 4 : size);
    }
    slots.forEach((slot, i) => {
      words[ADDRESSES + slot] = rowsAt + i * rowBytes(call);
    });
    words[TO] = 1;
    copy(first, false);
    kernel.run(record);
    copy(first, true);
  }
  words.set(given);
  const value = partials > 0 ? add(record) : 0;
  words[PARTIALS] = 0;
  return value;
}
