// What a family's own check of class indices reads, before a call runs.
import { offsetOf, SAMPLE_WEIGHT } from '../abi.ts';
import type { KernelCall } from '../call.ts';
import { bytesOf, type TypedArray, view } from '../dtypes.ts';
import { expected } from '../errors.ts';
import { labelsToI32 } from '../labels.ts';
import type { Operand } from '../memory/operand.ts';

/** What the kernel will read of an operand. A view is kept for the next run: a step leaves nothing behind. */
function read(
  call: KernelCall,
  { slot, isIndex, length }: Operand,
  buffer: ArrayBufferLike | undefined,
  u32: Uint32Array | undefined,
  record: number,
): TypedArray {
  const { arrays } = call;
  const known = arrays[slot];
  if (buffer === undefined) return known!;
  const at = u32![(record + offsetOf.in0) / 4 + slot];
  const size = isIndex ? 4 : bytesOf(call.dtype);
  if (
    known?.buffer === buffer &&
    known.byteOffset === at &&
    known.length === length &&
    known.BYTES_PER_ELEMENT === size
  )
    return known;
  const made = view(isIndex ? 'i32' : call.dtype, buffer, at, length);
  arrays[slot] = made;
  return made;
}

/** These indices, as i32. */
export function readIndices(
  call: KernelCall,
  operand: Operand,
  buffer?: ArrayBufferLike,
  u32?: Uint32Array,
  record = 0,
): Int32Array {
  const found = read(call, operand, buffer, u32, record);
  if (found instanceof Int32Array) return found;
  const widened = new Int32Array(found.length);
  labelsToI32(found, widened, call.ignoreIndex);
  call.arrays[operand.slot] = widened;
  return widened;
}

/** The sample weights, if there are any. */
export function readSampleWeight(
  call: KernelCall,
  buffer?: ArrayBufferLike,
  u32?: Uint32Array,
  record = 0,
): TypedArray | undefined {
  for (let i = 0; i < call.count; i++)
    if (call.operands[i].slot === SAMPLE_WEIGHT) return read(call, call.operands[i], buffer, u32, record);
  return undefined;
}

/** What stands there: indices of other types were widened, so that what does not fit is another number. */
export function refuse(
  { name, dtype, elements }: Operand,
  indices: Int32Array,
  i: number,
  wanted: string,
): never {
  expected('ERR_LABEL', name, wanted, `${(dtype === 'i32' ? indices : elements)[i]} at index ${i}`);
}
