// Generated from src/js/f32/broadcast.ts by `npm run generate`; do not edit.
// NumPy broadcasting of weights, a block at a time, so that no full copy of a broadcast weight ever exists.
import { BLOCK, IN2, WEIGHT } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';

const weightBlock = /* @__PURE__ */ new Float64Array(BLOCK);
const extraBlock = /* @__PURE__ */ new Float64Array(BLOCK);

/** The weights of elements from … to − 1; where they are broadcast, from index 0 on. */
export const weightOf = (call: KernelCall, from: number, to: number): Float64Array | null =>
  elementsOf(call, WEIGHT, weightBlock, from, to);

/** The same for the loss's own operand. */
export const extraOf = (call: KernelCall, from: number, to: number): Float64Array | null =>
  elementsOf(call, IN2, extraBlock, from, to);

function elementsOf(
  { arrays, shapes }: KernelCall,
  slot: number,
  block: Float64Array,
  from: number,
  to: number,
): Float64Array | null {
  const array = arrays[slot] as Float64Array | null;
  const shape = shapes[slot];
  return shape === null ? array : expand(block, array!, shape, from, to);
}

/**
 * Writes the elements from … to − 1 of the broadcast `source` to the start of `out`. `shape` holds the rank, then per
 * dimension from the innermost its length and the source's step (0 where it is broadcast).
 */
function expand(
  out: Float64Array,
  source: Float64Array,
  shape: Uint32Array,
  from: number,
  to: number,
): Float64Array {
  const dimensions = 1 + 2 * shape[0];
  const inner = shape[0] > 0 ? shape[1] : to;
  const step = shape[0] > 0 ? shape[2] : 0;
  let i = from;
  while (i < to) {
    // the source of element i, and how far its innermost run goes
    let at = 0;
    let rest = i;
    for (let d = 1; d < dimensions; d += 2) {
      at += (rest % shape[d]) * shape[d + 1];
      rest = Math.floor(rest / shape[d]);
    }
    const run = Math.min(to - i, inner - (i % inner)) >>> 0; // as an integer, for the loop's sake
    const first = i - from;
    if (step === 0) out.fill(source[at], first, first + run);
    else for (let k = 0, j = at >>> 0; k < run; k++, j++) out[first + k] = source[j];
    i += run;
  }
  return out;
}
