// The gradient of an operand that was broadcast: for each of its elements the sum of the gradients of all that it was read for,
// by the tree that every sum here has. The loops leave a gradient of each element of the input; threads have no part in this.

import { Call } from '../call';
import {
  BLOCK,
  CALL_GRAD0,
  CALL_GRAD0_SHAPE,
  CALL_HESS,
  CALL_SCRATCH,
  SCRATCH_STACK,
  SCRATCH_VALUES,
} from '../generated/abi';
import { Lanes } from '../simd/lanes';
import { Tree } from './tree';

/** Replaces the start of every gradient that has a shape by these sums; returns 0. */
export function UNBROADCAST<T extends number>(call: usize): f64 {
  for (let slot = CALL_GRAD0; slot < CALL_HESS; slot += sizeof<usize>()) {
    const shape = Call.at(call, slot + (CALL_GRAD0_SHAPE - CALL_GRAD0));
    if (shape) SUMS<T>(Call.at(call, slot), shape, Call.at(call, CALL_SCRATCH));
  }
  return 0;
}

/** In place: sum j is due to elements from j on, and those before are added up already. */
function SUMS<T extends number>(grad: usize, shape: usize, scratch: usize): void {
  const terms = COUNT(shape, true);
  const sums = COUNT(shape, false);
  for (let j: usize = 0; j < sums; j++) {
    const from = grad + OFFSET(shape, j, false) * sizeof<T>();
    for (let k: usize = 0; k < terms; k += BLOCK) {
      const n = min(BLOCK, terms - k);
      GATHER<T>(scratch + SCRATCH_VALUES, from, shape, k, n);
      Tree.push(scratch + SCRATCH_STACK, k / BLOCK, Tree.block<T>(scratch + SCRATCH_VALUES, n));
    }
    const sum = Tree.total(scratch + SCRATCH_STACK, Tree.blocks(terms));
    Lanes.storeFirst<T>(grad + j * sizeof<T>(), Lanes.splat<T>(sum));
  }
}

/** Copies terms k to k + n − 1 of the sum whose first is at `from`. */
function GATHER<T extends number>(to: usize, from: usize, shape: usize, k: usize, n: usize): void {
  // the innermost axis that is summed: its length, and how far its elements are apart
  const end = shape + 8 * load<u32>(shape);
  let step: usize = 1;
  let d = shape;
  for (; d < end && load<u32>(d, 8) != 0; d += 8) step *= load<u32>(d, 4);
  const length: usize = d < end ? usize(load<u32>(d, 4)) : 1;
  while (n) {
    let at = from + OFFSET(shape, k, true) * sizeof<T>();
    const run = min(n, length - (k % length));
    if (step == 1) Lanes.copy<T>(to, at, run);
    else {
      const stride = step * sizeof<T>();
      for (let i: usize = 0; i < run; i++) {
        Lanes.copyOne<T>(to + i * sizeof<T>(), at);
        at += stride;
      }
    }
    to += run * sizeof<T>();
    k += run;
    n -= run;
  }
}

/** The product of the lengths of the axes that are summed, or of those that are not. */
function COUNT(shape: usize, summed: bool): usize {
  const rank = load<u32>(shape);
  let count: usize = 1;
  for (let d: u32 = 0; d < rank; d++) {
    if ((load<u32>(shape + 8 * d, 8) == 0) == summed) count *= load<u32>(shape + 8 * d, 4);
  }
  return count;
}

/** The element whose place among the axes that are summed, or among those that are not, is `index`. */
function OFFSET(shape: usize, index: usize, summed: bool): usize {
  const rank = load<u32>(shape);
  let step: usize = 1;
  let offset: usize = 0;
  for (let d: u32 = 0; d < rank; d++) {
    const length: usize = load<u32>(shape + 8 * d, 4);
    if ((load<u32>(shape + 8 * d, 8) == 0) == summed) {
      offset += (index % length) * step;
      index /= length;
    }
    step *= length;
  }
  return offset;
}
