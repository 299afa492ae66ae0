// One row after another, the class axis contiguous and long: three passes over a row that stays in the cache
// (maximum; exponentials and their sum; gradient).

import { Call } from '../call';
import { BLOCK, CALL_FROM, CALL_SCRATCH, CALL_TO, FLAG_VALUE, SCRATCH_VALUES } from '../generated/abi';
import { setParams } from '../params';
import { HARD_ROW } from './hardRow';
import { Hessian } from './hessian';
import * as row from './row';
import { END, END_BLOCK } from './rowValues';
import { ROW_LOSSES, SoftmaxOp } from './softmax';
import { SOFT_ROW } from './softRow';

export function ROWWISE<T extends number, L extends SoftmaxOp<T>>(call: usize): f64 {
  setParams<T>(call);
  Hessian.begin<T>(call);
  row.begin<T>(call);
  const rows = Call.at(call, CALL_TO);
  const values = Call.at(call, CALL_SCRATCH) + SCRATCH_VALUES;
  const hasValue = Call.has(call, FLAG_VALUE);
  for (let from = Call.at(call, CALL_FROM); from < rows; from += BLOCK) {
    const n = min(BLOCK, rows - from);
    for (let i: usize = 0; i < n; i++) {
      if (!row.set<T>(call, from + i)) row.skip<T>();
      else if (row.isSoft) SOFT_ROW<T, L>();
      else HARD_ROW<T, L>(hasValue);
      if (hasValue) row.store<T>(values + i * sizeof<T>());
      row.applyUnit<T>();
    }
    if (hasValue) {
      ROW_LOSSES<T, L>(values, n);
      END_BLOCK<T>(call, from, n);
    }
  }
  return END(call);
}
