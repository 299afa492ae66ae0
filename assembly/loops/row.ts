// The row that the rowwise loop is at: what belongs to it, and what its value will be made of. Module state, so that both kinds of
// rows and the walk share it.

import { Call } from '../call';
import {
  CALL_CLASSES,
  CALL_GRAD_OUTPUT,
  CALL_GRAD0,
  CALL_GRAD1,
  CALL_HESS,
  CALL_IGNORE_INDEX,
  CALL_IN0,
  CALL_IN1,
  CALL_SAMPLE_WEIGHT,
  CALL_SCRATCH,
  CALL_WEIGHT,
  FLAG_INDEX,
  FLAG_SOFT,
  SCRATCH_A,
  SCRATCH_B,
  SCRATCH_C,
  SCRATCH_TAIL,
} from '../generated/abi';
import { APPLY_UNIT, gradScale, hasUnit } from '../gradScale';
import { GROUP } from '../reduce/tree';
import { Lanes } from '../simd/lanes';

// Of the call.
export let classes: usize = 0;
/** Of a row, in bytes. */
export let bytes: usize = 0;
/** The part of a row that is whole groups of eight vectors, in elements; the others are staged at `tail`. */
export let body: usize = 0;
export let weights: usize = 0; // [classes], or 0
export let isIndex: bool = false;
export let isSoft: bool = false;
/** Room for a row's last elements. */
export let tail: usize = 0;

// Of the present row: addresses, 0 where not given.
export let x: usize = 0;
/** Its probabilities; 0 where it has a label. */
export let t: usize = 0;
export let grad: usize = 0;
export let gradTarget: usize = 0;
export let hess: usize = 0;
/** −1 where it has none. */
export let label: i32 = 0;
/** What its gradients are multiplied by. */
export let scale: v128 = i32x4.splat(0);

let sampleWeight: v128 = i32x4.splat(0);
let rest: v128 = i32x4.splat(0);
let total: v128 = i32x4.splat(0);
let weighted: v128 = i32x4.splat(0);

/** Starts a call. */
export function begin<T extends number>(call: usize): void {
  classes = Call.at(call, CALL_CLASSES);
  bytes = classes * sizeof<T>();
  body = classes & ~(GROUP / sizeof<T>() - 1);
  weights = Call.at(call, CALL_WEIGHT);
  isIndex = Call.has(call, FLAG_INDEX);
  isSoft = Call.has(call, FLAG_SOFT);
  tail = Call.at(call, CALL_SCRATCH) + SCRATCH_TAIL;
}

/** Makes row i the present one; false where it does not count. */
export function set<T extends number>(call: usize, i: usize): bool {
  x = Call.at(call, CALL_IN0) + i * bytes;
  t = isIndex ? 0 : Call.into(call, CALL_IN1, i * bytes);
  grad = Call.into(call, CALL_GRAD0, i * bytes);
  gradTarget = Call.into(call, CALL_GRAD1, i * bytes);
  hess = Call.into(call, CALL_HESS, i * bytes);
  scale = gradScale;
  sampleWeight = Lanes.one<T>();
  label = -1;
  let counts = true;
  if (isIndex) {
    label = load<i32>(Call.at(call, CALL_IN1) + 4 * i);
    counts = label != load<i32>(call, CALL_IGNORE_INDEX) && u32(label) < u32(classes);
  }
  const weightAt = Call.into(call, CALL_SAMPLE_WEIGHT, i * sizeof<T>());
  if (weightAt) {
    sampleWeight = Lanes.loadSplat<T>(weightAt);
    scale = v128.mul<T>(scale, sampleWeight);
    counts = counts && Lanes.first<T>(sampleWeight) != 0;
  }
  const outputAt = Call.into(call, CALL_GRAD_OUTPUT, i * sizeof<T>());
  if (outputAt) scale = v128.mul<T>(scale, Lanes.loadSplat<T>(outputAt));
  return counts;
}

/** The same of a row that counts, whose input lies elsewhere; its gradient goes over that, where one is wanted. */
export function setAt<T extends number>(call: usize, i: usize, from: usize, hasGrad: bool): void {
  set<T>(call, i);
  x = from;
  grad = hasGrad ? from : 0;
  gradTarget = 0;
  hess = 0;
}

/** Makes a row that lies at `from` the present one, with its label, of which nothing but figures is wanted. */
export function alone(from: usize, itsLabel: i32): void {
  x = from;
  t = 0;
  grad = 0;
  gradTarget = 0;
  hess = 0;
  label = itsLabel;
}

/** Starts rows of n classes, each with a label, of which nothing but what its loss is made of is wanted. */
export function beginAlone<T extends number>(call: usize, n: usize): void {
  begin<T>(call);
  classes = n;
  bytes = n * sizeof<T>();
  body = n & ~(GROUP / sizeof<T>() - 1);
  weights = 0;
  isIndex = true;
  isSoft = false;
}

/** The present row's. */
export function sampleWeightOf<T extends number>(): f64 {
  return Lanes.first<T>(sampleWeight);
}

/** Everything 0, as a row that does not count has it. */
export function skip<T extends number>(): void {
  sampleWeight = Lanes.one<T>();
  rest = Lanes.zero();
  total = Lanes.zero();
  weighted = Lanes.zero();
  if (grad) Lanes.fill<T>(grad, Lanes.zero(), classes);
  if (gradTarget) Lanes.fill<T>(gradTarget, Lanes.zero(), classes);
  if (hess) Lanes.fill<T>(hess, Lanes.zero(), classes);
}

export class Terms {
  /** Keeps what SoftmaxOp makes the row's loss from. */
  static keep(newRest: v128, newTotal: v128, newWeighted: v128): void {
    rest = newRest;
    total = newTotal;
    weighted = newWeighted;
  }
}

/** Writes that to p, where ROW_LOSSES looks for it. */
export function store<T extends number>(p: usize): void {
  Lanes.storeFirst<T>(p + SCRATCH_A, rest);
  Lanes.storeFirst<T>(p + SCRATCH_B, v128.mul<T>(total, sampleWeight));
  Lanes.storeFirst<T>(p + SCRATCH_C, v128.mul<T>(weighted, sampleWeight));
}

/** Of a row that is alone, in every lane. */
export function restOf(): v128 {
  return rest;
}

/** The last factor of its gradients. */
export function applyUnit<T extends number>(): void {
  if (sizeof<T>() == 8 || !hasUnit) return;
  if (grad) APPLY_UNIT<T>(grad, classes);
  if (gradTarget) APPLY_UNIT<T>(gradTarget, classes);
  if (hess) APPLY_UNIT<T>(hess, classes);
}
