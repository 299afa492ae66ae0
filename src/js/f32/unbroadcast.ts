// Gradients of operands that were broadcast: sums of those of all elements that each was read for, in order, compensated.

/** `shape` is how the operand broadcasts, as in broadcast.ts; `lost` is room for what each sum has lost. */
export function unbroadcast(
  each: Float32Array,
  shape: Uint32Array,
  sums: Float64Array,
  lost: Float64Array,
  out: Float32Array,
): void {
  const dimensions = 1 + 2 * shape[0];
  let count = 1;
  for (let d = 1; d < dimensions; d += 2) count *= shape[d];
  sums.fill(0);
  lost.fill(0);
  for (let i = 0; i < count; i++) {
    let at = 0;
    let rest = i;
    for (let d = 1; d < dimensions; d += 2) {
      at += (rest % shape[d]) * shape[d + 1];
      rest = Math.floor(rest / shape[d]);
    }
    const term = each[i];
    const sum = sums[at];
    const next = sum + term;
    lost[at] += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
    sums[at] = next;
  }
  // what an infinite sum has lost is NaN
  for (let j = 0; j < out.length; j++) out[j] = sums[j] + (lost[j] || 0);
}
