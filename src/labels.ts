import { FLAGS } from './abi.ts';
import type { KernelCall } from './call.ts';
import type { FloatArray, IndexArray } from './dtypes.ts';
import { fail } from './errors.ts';

/**
 * Brings class indices of any integer type, or numbers, to i32. What does not fit becomes a number that is neither a class nor
 * ignoreIndex, so that the pre-pass finds it where its row counts.
 */
export function labelsToI32(from: IndexArray | FloatArray, to: Int32Array, ignoreIndex: number): void {
  if (from instanceof BigInt64Array || from instanceof Uint32Array || from instanceof Float64Array) {
    const bad = ignoreIndex === -1 ? -2 : -1;
    for (let i = 0; i < to.length; i++) {
      const label = Number(from[i]);
      to[i] = (label | 0) === label ? label : bad;
    }
  } else to.set(from);
}

/** `at`: where among the labels the bad one is. */
export function labelError(labels: ArrayLike<number | bigint>, at: number, call: KernelCall): never {
  const isSets = (call.flags & FLAGS.SETS) !== 0;
  const isEvery = (call.flags & FLAGS.EVERY_ROW) !== 0;
  const others = isSets ? ' or −1' : isEvery ? '' : ` or ignoreIndex ${call.ignoreIndex}`;
  fail(
    'ERR_LABEL',
    `"target" expected class indices in [0, ${call.classes})${others}, got ${labels[at]} at index ${at}`,
  );
}
