// What the values of a call on rows come to, a block of rows at a time.

import { Call } from '../call';
import { BLOCK, CALL_SCRATCH, CALL_TO, FLAG_VALUE, SCRATCH_STACK, SCRATCH_VALUES } from '../generated/abi';
import { Tree } from '../reduce/tree';
import { Lanes } from '../simd/lanes';

/** Adds the values of the n rows from `from` on, which are in the scratch space, to the sum, or copies them to where 'none' wants them. */
export function END_BLOCK<T extends number>(call: usize, from: usize, n: usize): void {
  const none = Call.values(call);
  const values = Call.at(call, CALL_SCRATCH) + SCRATCH_VALUES;
  if (none) Lanes.copy<T>(none + from * sizeof<T>(), values, n);
  else Tree.push(Call.at(call, CALL_SCRATCH) + SCRATCH_STACK, from / BLOCK, Tree.block<T>(values, n));
}

/** The reduced value, 0 where none is wanted. */
export function END(call: usize): f64 {
  if (!Call.has(call, FLAG_VALUE) || Call.values(call)) return 0;
  const blocks = Tree.blocks(Call.at(call, CALL_TO));
  return Call.reduced(call, Tree.total(Call.at(call, CALL_SCRATCH) + SCRATCH_STACK, blocks));
}
