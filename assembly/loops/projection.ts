// Cross entropy of logits that are a product, input · weightᵀ + bias, of which there are never all: for a chunk of rows they are made,
// become gradients in place, and are multiplied by the weights (the input's gradient) and by the input (the weights').
//
// Each step writes what no other part of it reads, so that threads may share it: rows of the chunk, classes, or features. A row that
// does not count is in no chunk.

import { Call } from '../call';
import {
  CALL_CHUNK,
  CALL_CLASSES,
  CALL_FIRST,
  CALL_FROM,
  CALL_GRAD0,
  CALL_GRAD2,
  CALL_GRAD3,
  CALL_IN0,
  CALL_IN2,
  CALL_IN3,
  CALL_INNER,
  CALL_OUTER,
  CALL_P3,
  CALL_P4,
  CALL_PARTIALS,
  CALL_SCRATCH,
  CALL_STEP,
  CALL_TO,
  CALL_VALUE,
  FLAG_VALUE,
  SCRATCH_VALUES,
  STEP_END,
  STEP_GATHER,
  STEP_GRAD_INPUT,
  STEP_GRAD_WEIGHT,
  STEP_LOGITS,
  STEP_ROWS,
} from '../generated/abi';
import { setParams } from '../params';
import { ADD_ROWS } from '../reduce/parts';
import { Lanes } from '../simd/lanes';
import { Pair } from '../simd/pair';
import * as chunk from './chunk';
import { HARD_ROW } from './hardRow';
import * as row from './row';
import { BEGIN_SHAPED, SHAPED_ROW } from './shaped';
import { ROW_LOSSES, SoftmaxOp } from './softmax';
import { SOFT_ROW } from './softRow';

let gradInput: usize = 0;
/** Whether weights or bias have a gradient. */
let hasShared: bool = false;
/** Whether logits are capped or have a z-loss: such rows are worked on as those of cross entropy are. */
let isShaped: bool = false;
/** Where the rows' values go. */
let values: usize = 0;

function BEGIN<T extends number>(call: usize): void {
  setParams<T>(call);
  row.begin<T>(call);
  isShaped = load<f64>(call, CALL_P3) != 0 || load<f64>(call, CALL_P4) != 0;
  if (isShaped) BEGIN_SHAPED<T>(call);
  const classes = Call.at(call, CALL_CLASSES);
  const gradWeight = Call.at(call, CALL_GRAD2);
  const gradBias = Call.at(call, CALL_GRAD3);
  gradInput = Call.at(call, CALL_GRAD0);
  hasShared = (gradWeight | gradBias) != 0;
  const end = chunk.layOut<T>(call, classes);
  chunk.setFactors(
    classes,
    Call.at(call, CALL_IN2),
    Call.at(call, CALL_IN3),
    gradInput,
    gradWeight,
    gradBias,
  );
  const none = Call.at(call, CALL_VALUE);
  values = none ? none : end;
}

/** Gathers rows from `from` on until the chunk is full; returns the row after them. */
function GATHER<T extends number>(call: usize, from: usize): usize {
  const size = sizeof<T>();
  const rows = Call.at(call, CALL_OUTER) * Call.at(call, CALL_INNER);
  const most = Call.at(call, CALL_CHUNK);
  const hasValue = Call.has(call, FLAG_VALUE);
  const bytes = chunk.features * size;
  chunk.clear();
  for (; from < rows && chunk.count < most; from++) {
    if (row.set<T>(call, from)) {
      chunk.add(from);
      continue;
    }
    if (gradInput) Lanes.clear<T>(gradInput + from * bytes, chunk.features);
    if (hasValue) Lanes.storeFirst<T>(values + from * size, Lanes.zero());
  }
  chunk.PACK<T>(Call.at(call, CALL_IN0));
  return from;
}

/** Values and gradients of the chunk's rows `from` to before `to`, the latter over their logits. */
function ROWS<T extends number, L extends SoftmaxOp<T>>(call: usize, from: usize, to: usize): void {
  const size = sizeof<T>();
  const hasValue = Call.has(call, FLAG_VALUE);
  const hasGrad = gradInput != 0 || hasShared;
  const own = Call.at(call, CALL_SCRATCH) + SCRATCH_VALUES;
  const n = to - from;
  if (isShaped) {
    for (let i: usize = from; i < to; i++) {
      const index = chunk.INDEX(i);
      const value = SHAPED_ROW(call, index, chunk.logits + i * chunk.stride, hasGrad);
      if (hasValue) Pair.storeFirst<T>(values + index * size, f64x2.splat(value));
    }
    return;
  }
  for (let i: usize = 0; i < n; i++) {
    row.setAt<T>(call, chunk.INDEX(from + i), chunk.logits + (from + i) * chunk.stride, hasGrad);
    if (row.isSoft) SOFT_ROW<T, L>();
    else HARD_ROW<T, L>(hasValue);
    if (hasValue) row.store<T>(own + i * size);
    row.applyUnit<T>();
  }
  if (!hasValue) return;
  ROW_LOSSES<T, L>(own, n);
  for (let i: usize = 0; i < n; i++) Lanes.copyOne<T>(values + chunk.INDEX(from + i) * size, own + i * size);
}

/** The reduced value from those of all rows. */
function FINISH<T extends number>(call: usize): f64 {
  store<usize>(call, 0, CALL_FIRST);
  if (!Call.has(call, FLAG_VALUE) || Call.at(call, CALL_VALUE)) return 0;
  store<usize>(call, values, CALL_PARTIALS);
  const value = ADD_ROWS<T>(call);
  store<usize>(call, 0, CALL_PARTIALS);
  return value;
}

/** All of it, or the step that is asked for. */
export function PROJECT<T extends number, L extends SoftmaxOp<T>>(call: usize): f64 {
  BEGIN<T>(call);
  const step = load<u32>(call, CALL_STEP);
  const from = Call.at(call, CALL_FROM);
  const to = Call.at(call, CALL_TO);
  if (step == STEP_GATHER) return f64(GATHER<T>(call, Call.at(call, CALL_FIRST)));
  if (step == STEP_LOGITS) chunk.LOGITS<T>(call, from, to);
  else if (step == STEP_ROWS) ROWS<T, L>(call, from, to);
  else if (step == STEP_GRAD_INPUT) chunk.GRAD_INPUT<T>(call, from, to);
  else if (step == STEP_GRAD_WEIGHT) chunk.GRAD_WEIGHT<T>(call, from, to);
  if (step == STEP_END) return FINISH<T>(call);
  if (step) return 0;
  const lines = chunk.linesOf<T>();
  let first: usize = 0;
  do {
    store<usize>(call, first, CALL_FIRST);
    first = GATHER<T>(call, first);
    chunk.LOGITS<T>(call, 0, lines);
    ROWS<T, L>(call, 0, chunk.count);
    if (gradInput) chunk.GRAD_INPUT<T>(call, 0, chunk.panels);
    if (hasShared) chunk.GRAD_WEIGHT<T>(call, 0, lines);
  } while (first < to);
  return FINISH<T>(call);
}
