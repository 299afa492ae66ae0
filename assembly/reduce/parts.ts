// What the parts of a call left, added up as if the call had been done at once; of one that is staged tile by tile so much as is there,
// whole blocks but for the last.

import { Call } from '../call';
import { BLOCK, CALL_FIRST, CALL_PARTIALS, CALL_SCRATCH, CALL_TO, SCRATCH_STACK } from '../generated/abi';
import { Tree } from './tree';

/** The reduced value of an elementwise call from its blocks' sums. */
export function ADD_BLOCKS(call: usize): f64 {
  const partials = Call.at(call, CALL_PARTIALS);
  const stack = Call.at(call, CALL_SCRATCH) + SCRATCH_STACK;
  const first = Call.at(call, CALL_FIRST) / BLOCK;
  const blocks = Tree.blocks(Call.at(call, CALL_TO));
  for (let i: usize = 0; i < blocks; i++) Tree.push(stack, first + i, load<f64>(partials + 8 * i));
  return Call.reduced(call, Tree.total(stack, first + blocks));
}

/** The reduced value of a call on rows from their values, which must have room to be padded to whole groups. */
export function ADD_ROWS<T extends number>(call: usize): f64 {
  const partials = Call.at(call, CALL_PARTIALS);
  const stack = Call.at(call, CALL_SCRATCH) + SCRATCH_STACK;
  const first = Call.at(call, CALL_FIRST) / BLOCK;
  const rows = Call.at(call, CALL_TO);
  for (let from: usize = 0; from < rows; from += BLOCK) {
    Tree.push(
      stack,
      first + from / BLOCK,
      Tree.block<T>(partials + from * sizeof<T>(), min(BLOCK, rows - from)),
    );
  }
  return Call.reduced(call, Tree.total(stack, first + Tree.blocks(rows)));
}
