// Losses of sequences: rows of classes, one for each frame of time, against a shorter sequence of labels. Inputs are
// [frames, sequences, classes], so that the rows of a sequence are apart. A sequence is done at once, by one thread.

import { Call } from '../call';
import {
  BLOCK,
  CALL_FROM,
  CALL_GRAD_OUTPUT,
  CALL_GRAD0,
  CALL_IN0,
  CALL_IN1,
  CALL_IN2,
  CALL_IN3,
  CALL_OUTER,
  CALL_P1,
  CALL_P3,
  CALL_P4,
  CALL_P5,
  CALL_P6,
  CALL_SAMPLE_WEIGHT,
  CALL_SCALE,
  CALL_SCRATCH,
  CALL_TO,
  FLAG_VALUE,
  SCRATCH_VALUES,
} from '../generated/abi';
import { Lanes } from '../simd/lanes';
import { END, END_BLOCK } from './rowValues';

/** A loss of one sequence. */
export abstract class SequenceOp<T extends number> {
  /** Starts a call on rows that are `step` bytes apart. */
  abstract begin(call: usize, classes: usize, step: usize): void;
  /** The loss of the sequence whose rows begin at x; leaves what `grads` needs where there is a g for its rows. */
  abstract loss(x: usize, g: usize, frames: usize, labels: usize, count: usize): f64;
  /** Writes its gradients, times k. */
  abstract grads(g: usize, k: f64): void;
}

/** Fills rows from … to − 1 of a gradient with k. */
function FILL<T extends number>(g: usize, from: usize, to: usize, classes: usize, step: usize, k: f64): void {
  const v = Lanes.splat<T>(k);
  for (let t = from; t < to; t++) Lanes.fill<T>(g + t * step, v, classes);
}

export function SEQUENCES<T extends number, L extends SequenceOp<T>>(call: usize): f64 {
  const size = sizeof<T>();
  const frames = usize(load<f64>(call, CALL_P4));
  const classes = usize(load<f64>(call, CALL_P5));
  /** How far the labels of sequences are apart; 0: they follow each other. */
  const stride = usize(load<f64>(call, CALL_P6));
  const zeroInfinity = load<f64>(call, CALL_P1) != 0;
  const step = Call.at(call, CALL_OUTER) * classes * size;
  const isMean = load<f64>(call, CALL_P3) != 0;
  const hasValue = Call.has(call, FLAG_VALUE);
  const scale = load<f64>(call, CALL_SCALE) / Call.divisor(call);
  const frameCounts = Call.at(call, CALL_IN2);
  const labelCounts = Call.at(call, CALL_IN3);
  const sampleWeights = Call.at(call, CALL_SAMPLE_WEIGHT);
  const outputs = Call.at(call, CALL_GRAD_OUTPUT);
  const grads = Call.at(call, CALL_GRAD0);
  const values = Call.at(call, CALL_SCRATCH) + SCRATCH_VALUES;
  const to = Call.at(call, CALL_TO);
  changetype<L>(0).begin(call, classes, step);
  let before: usize = 0;
  if (!stride)
    for (let i: usize = 0; i < Call.at(call, CALL_FROM); i++) before += load<u32>(labelCounts + 4 * i);
  for (let from = Call.at(call, CALL_FROM); from < to; from += BLOCK) {
    const n = min(BLOCK, to - from);
    for (let i: usize = 0; i < n; i++) {
      const at = from + i;
      const count: usize = load<u32>(labelCounts + 4 * at);
      const labels = Call.at(call, CALL_IN1) + 4 * (stride ? at * stride : before);
      before += count;
      const g = grads ? grads + at * classes * size : 0;
      const weight = sampleWeights ? Lanes.load<T>(sampleWeights + at * size) : 1;
      if (weight == 0) {
        Lanes.storeFirst<T>(values + i * size, Lanes.zero());
        if (g) FILL<T>(g, 0, frames, classes, step, 0);
        continue;
      }
      const used: usize = load<u32>(frameCounts + 4 * at);
      const x = Call.at(call, CALL_IN0) + at * classes * size;
      let loss = changetype<L>(0).loss(x, g, used, labels, count);
      const isLeftOut = zeroInfinity && loss == Infinity;
      if (isLeftOut) loss = 0;
      const share = isMean ? weight / f64(max(count, 1)) : weight;
      Lanes.storeFirst<T>(values + i * size, Lanes.splat<T>(loss * share));
      if (!g) continue;
      const k = scale * share * (outputs ? Lanes.load<T>(outputs + at * size) : 1);
      if (isLeftOut) FILL<T>(g, 0, used, classes, step, 0);
      else if (loss - loss != 0) FILL<T>(g, 0, used, classes, step, NaN);
      else changetype<L>(0).grads(g, k);
      FILL<T>(g, used, frames, classes, step, 0);
    }
    if (hasValue) END_BLOCK<T>(call, from, n);
  }
  return END(call);
}
