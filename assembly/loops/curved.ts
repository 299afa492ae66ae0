// Rows whose loss is a function φ of cross entropy's, with class indices. So is the gradient cross entropy's, times φ′: its own loops
// find ℓ of some rows, then, where a gradient is wanted, go through the same rows again with φ′ as what their gradients are
// multiplied by. That takes the exponentials twice, of rows that are in the cache, and no code.
//
// Where every class has a target probability or classes are masked shaped.ts has all in f64, and second derivatives always.

import { Call } from '../call';
import {
  BLOCK,
  CALL_BYTES,
  CALL_CLASSES,
  CALL_FLAGS,
  CALL_FROM,
  CALL_GRAD_OUTPUT,
  CALL_GRAD0,
  CALL_HESS,
  CALL_IGNORE_INDEX,
  CALL_IN1,
  CALL_IN2,
  CALL_P0,
  CALL_PARTIALS,
  CALL_SAMPLE_WEIGHT,
  CALL_SCRATCH,
  CALL_TO,
  CALL_VALUE,
  CALL_WEIGHT,
  FLAG_SOFT,
  FLAG_VALUE,
  SCRATCH_A,
  SCRATCH_B,
  SCRATCH_D,
  SCRATCH_VALUES,
} from '../generated/abi';
import { Lanes } from '../simd/lanes';
import { Curve } from './curve';
import { END, END_BLOCK } from './rowValues';
import { SHAPED } from './shaped';

/** Bytes of the logits that are gone through twice while they are in the cache. */
const SPAN: usize = 1 << 18;
/** Rows that are gone through at once: at most so many, whose values take less than half of a part of the scratch space. */
const MOST: usize = 480;
/** The other halves are for what is kept between the loops. */
const HALF: usize = 4096;
/** Rows of whole tiles, where there are some in a span. */
const TILE: usize = 16;

const ROWS: i32 = 0;
const LANES: i32 = 1;
const OF_FEW: i32 = 2;

/** Cross entropy's loops. */
export abstract class RowLoops<T extends number> {
  abstract rows(call: usize): f64;
  abstract lanes(call: usize): f64;
  abstract few(call: usize): f64;
}

function RUN<T extends number, L extends RowLoops<T>>(call: usize, loop: i32): void {
  if (loop == ROWS) changetype<L>(0).rows(call);
  else if (loop == LANES) changetype<L>(0).lanes(call);
  else changetype<L>(0).few(call);
}

/** The place at p for an operand of the rows from `from` on: that of all rows would begin at `PLACE − from`, and 0 is none. */
function PLACE<T extends number>(p: usize, from: usize): usize {
  return p == from * sizeof<T>() ? p + 16 : p;
}

/** Makes a record of the call's that is for the rows `from` to before `to`. */
function PART(call: usize, own: usize, from: usize, to: usize): void {
  Lanes.copy<f32>(own, call, CALL_BYTES / 4);
  store<usize>(own, from, CALL_FROM);
  store<usize>(own, to, CALL_TO);
  store<usize>(own, 0, CALL_PARTIALS);
}

/** ℓ of the present part's rows to `losses`, without weights. */
function LOSSES<T extends number, L extends RowLoops<T>>(
  own: usize,
  losses: usize,
  from: usize,
  loop: i32,
): void {
  store<u32>(own, load<u32>(own, CALL_FLAGS) | FLAG_VALUE, CALL_FLAGS);
  store<usize>(own, 0, CALL_WEIGHT);
  store<usize>(own, 0, CALL_SAMPLE_WEIGHT);
  store<usize>(own, 0, CALL_GRAD0);
  store<usize>(own, 0, CALL_HESS);
  store<usize>(own, losses - from * sizeof<T>(), CALL_VALUE);
  RUN<T, L>(own, loop);
}

/** Their gradients, each row's times that of `factors`. */
function GRADS<T extends number, L extends RowLoops<T>>(
  own: usize,
  factors: usize,
  from: usize,
  loop: i32,
): void {
  store<u32>(own, load<u32>(own, CALL_FLAGS) & ~FLAG_VALUE, CALL_FLAGS);
  store<usize>(own, 0, CALL_VALUE);
  store<usize>(own, 0, CALL_WEIGHT);
  store<usize>(own, 0, CALL_HESS);
  store<usize>(own, factors - from * sizeof<T>(), CALL_GRAD_OUTPUT);
  RUN<T, L>(own, loop);
}

/** The second derivatives of all rows, and nothing else: gradients have the same bits with and without them. */
function HESSIANS<T extends number>(call: usize, own: usize): void {
  PART(call, own, Call.at(call, CALL_FROM), Call.at(call, CALL_TO));
  store<u32>(own, load<u32>(own, CALL_FLAGS) & ~FLAG_VALUE, CALL_FLAGS);
  store<usize>(own, 0, CALL_GRAD0);
  SHAPED<T>(own);
}

/** φ of n losses from row `from` on, weighted, to `values`. */
function VALUES<T extends number>(call: usize, losses: usize, values: usize, from: usize, n: usize): void {
  const size = sizeof<T>();
  for (let i: usize = 0; i < n * size; i += 16)
    v128.store(values + i, changetype<Curve<T>>(0).value(v128.load(losses + i)));
  const classes = u32(Call.at(call, CALL_CLASSES));
  const ignore = load<i32>(call, CALL_IGNORE_INDEX);
  const labels = Call.at(call, CALL_IN1);
  const weights = Call.at(call, CALL_WEIGHT);
  const sampleWeights = Call.at(call, CALL_SAMPLE_WEIGHT);
  const all = load<f64>(call, CALL_P0);
  for (let i: usize = 0; i < n; i++) {
    const label = load<i32>(labels + 4 * (from + i));
    let value: f64 = 0;
    if (label != ignore && u32(label) < classes) {
      value = Lanes.load<T>(values + i * size);
      let a = all;
      if (weights) a *= Lanes.load<T>(weights + usize(label) * size);
      // no weight of an infinite loss is nothing
      value = a == 0 && value == Infinity ? 0 : value * a;
      if (sampleWeights) {
        const s = Lanes.load<T>(sampleWeights + (from + i) * size);
        value = s == 0 ? 0 : value * s;
      }
    }
    Lanes.storeFirst<T>(values + i * size, Lanes.splat<T>(value));
  }
}

/** φ′ of n losses from row `from` on, with what else the rows' gradients are multiplied by but sampleWeight, to `factors`. */
function FACTORS<T extends number>(call: usize, losses: usize, factors: usize, from: usize, n: usize): void {
  const size = sizeof<T>();
  const all = Lanes.splat<T>(load<f64>(call, CALL_P0));
  for (let i: usize = 0; i < n * size; i += 16)
    v128.store(factors + i, v128.mul<T>(changetype<Curve<T>>(0).slope(v128.load(losses + i)), all));
  const classes = u32(Call.at(call, CALL_CLASSES));
  const labels = Call.at(call, CALL_IN1);
  const weights = Call.at(call, CALL_WEIGHT);
  const outputs = Call.at(call, CALL_GRAD_OUTPUT);
  if (!(weights | outputs)) return;
  for (let i: usize = 0; i < n; i++) {
    let factor = Lanes.loadSplat<T>(factors + i * size);
    const label = load<u32>(labels + 4 * (from + i));
    if (weights && label < classes)
      factor = v128.mul<T>(factor, Lanes.loadSplat<T>(weights + usize(label) * size));
    if (outputs) factor = v128.mul<T>(factor, Lanes.loadSplat<T>(outputs + (from + i) * size));
    Lanes.storeFirst<T>(factors + i * size, factor);
  }
}

function CURVED<T extends number, L extends RowLoops<T>>(call: usize, loop: i32): f64 {
  if (Call.has(call, FLAG_SOFT) || Call.at(call, CALL_IN2)) return SHAPED<T>(call);
  const size = sizeof<T>();
  const scratch = Call.at(call, CALL_SCRATCH);
  const own = scratch + SCRATCH_B + HALF;
  const hasValue = Call.has(call, FLAG_VALUE);
  const fit = SPAN / size / Call.at(call, CALL_CLASSES);
  const least: usize = loop == ROWS ? 1 : TILE;
  const step = min(max(least, fit < TILE ? fit : fit & ~(TILE - 1)), MOST);
  const rows = Call.at(call, CALL_TO);
  if (Call.at(call, CALL_HESS)) HESSIANS<T>(call, own);
  changetype<Curve<T>>(0).begin(call);
  for (let from = Call.at(call, CALL_FROM); from < rows; from += BLOCK) {
    const end = min(rows, from + BLOCK);
    for (let i = from; i < end; i += step) {
      const n = min(step, end - i);
      const losses = PLACE<T>(scratch + SCRATCH_VALUES + HALF, i);
      const factors = PLACE<T>(scratch + SCRATCH_A + HALF, i);
      PART(call, own, i, i + n);
      LOSSES<T, L>(own, losses, i, loop);
      if (hasValue) VALUES<T>(call, losses, scratch + SCRATCH_D + (i - from) * size, i, n);
      if (!Call.at(call, CALL_GRAD0)) continue;
      FACTORS<T>(call, losses, factors, i, n);
      PART(call, own, i, i + n);
      GRADS<T, L>(own, factors, i, loop);
    }
    if (hasValue) {
      Lanes.copy<T>(scratch + SCRATCH_VALUES, scratch + SCRATCH_D, end - from);
      END_BLOCK<T>(call, from, end - from);
    }
  }
  return END(call);
}

export function CURVED_ROWS<T extends number, L extends RowLoops<T>>(call: usize): f64 {
  return CURVED<T, L>(call, ROWS);
}

export function CURVED_LANES<T extends number, L extends RowLoops<T>>(call: usize): f64 {
  return CURVED<T, L>(call, LANES);
}

export function CURVED_FEW<T extends number, L extends RowLoops<T>>(call: usize): f64 {
  return CURVED<T, L>(call, OF_FEW);
}
