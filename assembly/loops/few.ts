// Two or three classes side by side and an index target without class weights: pairs.ts and triples.ts have the whole vectors of rows.

import { Call } from '../call';
import {
  BLOCK,
  CALL_CLASSES,
  CALL_FROM,
  CALL_GRAD_OUTPUT,
  CALL_GRAD0,
  CALL_IN0,
  CALL_IN1,
  CALL_SAMPLE_WEIGHT,
  CALL_SCRATCH,
  CALL_TO,
  FLAG_VALUE,
  SCRATCH_TAIL,
  SCRATCH_VALUES,
} from '../generated/abi';
import { APPLY_UNIT, hasUnit } from '../gradScale';
import { setParams } from '../params';
import { GROUP } from '../reduce/tree';
import { Lanes } from '../simd/lanes';
import { SPAN_PAIRS } from './pairs';
import { END, END_BLOCK } from './rowValues';
import { ROW_LOSSES, SoftmaxOp } from './softmax';
import { SPAN_TRIPLES } from './triples';

let classes: usize = 0;

/** The gradients of n rows, whole vectors, and to `value` what their losses are made from; 0 where not given. */
function ROWS<T extends number, L extends SoftmaxOp<T>>(
  call: usize,
  x: usize,
  grad: usize,
  labels: usize,
  weights: usize,
  outputs: usize,
  value: usize,
  n: usize,
): void {
  if (classes == 2) SPAN_PAIRS<T, L>(call, x, grad, labels, weights, outputs, value, n);
  else SPAN_TRIPLES<T, L>(call, x, grad, labels, weights, outputs, value, n);
}

/** The same for fewer rows than a vector has lanes, staged in the tail space. */
function TAIL<T extends number, L extends SoftmaxOp<T>>(
  call: usize,
  x: usize,
  grad: usize,
  labels: usize,
  weights: usize,
  outputs: usize,
  value: usize,
  n: usize,
  tail: usize,
): void {
  Lanes.fill<T>(tail, Lanes.zero(), (4 * GROUP) / sizeof<T>());
  Lanes.copy<T>(tail, x, classes * n);
  Lanes.copy<f32>(tail + GROUP, labels, n);
  if (weights) Lanes.copy<T>(tail + 2 * GROUP, weights, n);
  if (outputs) Lanes.copy<T>(tail + 3 * GROUP, outputs, n);
  ROWS<T, L>(
    call,
    tail,
    grad ? tail : 0,
    tail + GROUP,
    weights ? tail + 2 * GROUP : 0,
    outputs ? tail + 3 * GROUP : 0,
    value,
    Lanes.count<T>(),
  );
  if (grad) Lanes.copy<T>(grad, tail, classes * n);
}

export function FEW<T extends number, L extends SoftmaxOp<T>>(call: usize): f64 {
  setParams<T>(call);
  classes = Call.at(call, CALL_CLASSES);
  const rows = Call.at(call, CALL_TO);
  const values = Call.at(call, CALL_SCRATCH) + SCRATCH_VALUES;
  const hasValue = Call.has(call, FLAG_VALUE);
  for (let from = Call.at(call, CALL_FROM); from < rows; from += BLOCK) {
    const n = min(BLOCK, rows - from);
    const whole = n & ~(Lanes.count<T>() - 1);
    const offset = from * sizeof<T>();
    const done = whole * sizeof<T>();
    const x = Call.at(call, CALL_IN0) + classes * offset;
    const labels = Call.at(call, CALL_IN1) + 4 * from;
    let grad = Call.at(call, CALL_GRAD0);
    let weights = Call.at(call, CALL_SAMPLE_WEIGHT);
    let outputs = Call.at(call, CALL_GRAD_OUTPUT);
    if (grad) grad += classes * offset;
    if (weights) weights += offset;
    if (outputs) outputs += offset;
    ROWS<T, L>(call, x, grad, labels, weights, outputs, values, whole);
    if (whole < n) {
      TAIL<T, L>(
        call,
        x + classes * done,
        grad ? grad + classes * done : 0,
        labels + 4 * whole,
        weights ? weights + done : 0,
        outputs ? outputs + done : 0,
        values + done,
        n - whole,
        Call.at(call, CALL_SCRATCH) + SCRATCH_TAIL,
      );
    }
    if (sizeof<T>() == 4 && hasUnit && grad) APPLY_UNIT<T>(grad, classes * n);
    if (hasValue) {
      ROW_LOSSES<T, L>(values, n);
      END_BLOCK<T>(call, from, n);
    }
  }
  return END(call);
}
