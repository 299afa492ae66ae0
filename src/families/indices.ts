// What a family's own check of class indices reads, before a call runs.
import { offsetOf, SAMPLE_WEIGHT } from '../abi.ts';
import type { KernelCall } from '../call.ts';
import { type TypedArray, view } from '../dtypes.ts';
import { expected } from '../errors.ts';
import { labelsToI32 } from '../labels.ts';
import type { Operand } from '../memory/operand.ts';

/** Of a wasm call what the kernel will read, of one in JavaScript the caller's: these indices as i32, and the sample weights, if any. */
export function readOperands(
  call: KernelCall,
  indices: readonly Operand[],
  buffer?: ArrayBufferLike,
  u32?: Uint32Array,
  record = 0,
): { readonly indices: readonly Int32Array[]; readonly sampleWeight: TypedArray | undefined } {
  const read = ({ slot, isIndex, length }: Operand): TypedArray =>
    buffer === undefined
      ? call.arrays[slot]!
      : view(isIndex ? 'i32' : call.dtype, buffer, u32![(record + offsetOf.in0) / 4 + slot], length);
  const readIndices = (operand: Operand): Int32Array => {
    const found = read(operand);
    if (found instanceof Int32Array) return found;
    const widened = new Int32Array(found.length);
    labelsToI32(found, widened, call.ignoreIndex);
    call.arrays[operand.slot] = widened;
    return widened;
  };
  const weights = call.operands.find(({ slot }, i) => slot === SAMPLE_WEIGHT && i < call.count);
  return { indices: indices.map(readIndices), sampleWeight: weights && read(weights) };
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
