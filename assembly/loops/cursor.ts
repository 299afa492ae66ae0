// Walks an elementwise call block by block and hands out spans of whole vectors: the body of a block in place, its
// last elements staged in the tail space, so that the formulas are compiled once and nothing outside a tensor is
// touched. Module state instead of locals, so that all losses share this code.

import { Call } from '../call';
import {
  BLOCK,
  CALL_FIRST,
  CALL_FROM,
  CALL_GRAD_OUTPUT,
  CALL_GRAD0,
  CALL_GRAD1,
  CALL_GRAD2,
  CALL_HESS,
  CALL_IN0,
  CALL_IN1,
  CALL_IN2,
  CALL_IN2_SHAPE,
  CALL_PARTIALS,
  CALL_SAMPLE_WEIGHT,
  CALL_SCRATCH,
  CALL_TO,
  CALL_VALUE,
  CALL_WEIGHT,
  CALL_WEIGHT_SHAPE,
  FLAG_VALUE,
  SCRATCH_A,
  SCRATCH_B,
  SCRATCH_C,
  SCRATCH_D,
  SCRATCH_STACK,
  SCRATCH_TAIL,
  SCRATCH_VALUES,
} from '../generated/abi';
import { unit as gradUnit, hasUnit } from '../gradScale';
import { setParams } from '../params';
import { Tree } from '../reduce/tree';
import { Lanes } from '../simd/lanes';
import { expand } from './broadcast';
import { Hessian } from './hessian';
import { setSmoothing } from './smoothing';

// The present span: addresses (0 where an operand is not given) and its length in bytes.
export let x: usize = 0;
export let t: usize = 0;
export let w: usize = 0;
export let q: usize = 0;
export let s: usize = 0;
export let go: usize = 0;
export let value: usize = 0;
export let grad: usize = 0;
export let gradTarget: usize = 0;
export let gradThird: usize = 0;
export let hess: usize = 0;
export let bytes: usize = 0;
/** ANCHOR's address. */
export let anchor: usize = 0;
/** Whether the block's gradients, which take an operand's place, wait in the scratch space until its terms are added up. */
export let isAside: bool = false;

/** Room for a block of vectors that no operand takes. */
export let spare: usize = 0;

let scratch: usize = 0;
let partials: usize = 0;
let limit: usize = 0; // element after the last of this part
let from: usize = 0; // first element of the present block
let before: usize = 0; // elements of the call before the first of the operands
let count: usize = 0; // its elements
let unit: usize = 0; // bytes that a span is a multiple of
let reduce: bool = false;
let padding: v128 = i32x4.splat(0);
let targetPadding: v128 = i32x4.splat(0);
let blockValue: usize = 0;
let blockGrad: usize = 0;
let blockGradTarget: usize = 0;
let blockGradThird: usize = 0;
let blockHess: usize = 0;

/** Room for one operand's last elements. */
const SLOT: usize = 128;
/** Room for a vector that nobody reads, in the scratch space, after the slots of operands and results. */
export const ANCHOR: usize = SCRATCH_TAIL + 11 * SLOT;

/**
 * Starts a call whose spans are to be multiples of `spanUnit` bytes. `keeps`: while its terms are added up, a block's input and target
 * are not to be overwritten, so that `again` can be called.
 */
export function begin<T extends number>(call: usize, spanUnit: usize, keeps: bool = false): void {
  setParams<T>(call);
  setSmoothing<T>(call);
  Hessian.begin<T>(call);
  scratch = Call.at(call, CALL_SCRATCH);
  anchor = scratch + ANCHOR;
  spare = scratch + SCRATCH_D;
  if (sizeof<T>() == 4 && hasUnit) Lanes.fill<T>(scratch + SCRATCH_C, gradUnit, BLOCK);
  limit = Call.at(call, CALL_TO);
  partials = Call.at(call, CALL_PARTIALS);
  reduce = Call.has(call, FLAG_VALUE) && Call.at(call, CALL_VALUE) == 0;
  unit = spanUnit;
  from = Call.at(call, CALL_FROM);
  before = Call.at(call, CALL_FIRST);
  count = 0;
  padding = Lanes.zero();
  targetPadding = Lanes.zero();
  isAside =
    keeps &&
    reduce &&
    (takesPlace(call, Call.at(call, CALL_GRAD0)) || takesPlace(call, Call.at(call, CALL_GRAD1)));
}

function takesPlace(call: usize, result: usize): bool {
  return result == Call.at(call, CALL_IN0) || result == Call.at(call, CALL_IN1);
}

/** Leaves nothing of an earlier call's extra operand, where formulas are called without this walk. */
export function forget(): void {
  q = 0;
}

/** What pads input and target in the tail of this call; the other operands are padded with zeros. */
export function pad<T extends number>(x: f64, t: f64): void {
  padding = Lanes.splat<T>(x);
  targetPadding = Lanes.splat<T>(t);
}

/** Makes the body of the next block the present span (it may be empty); false after the last block. */
export function nextBlock<T extends number>(call: usize): bool {
  from += count;
  if (from >= limit) return false;
  count = min(BLOCK, limit - from);
  const offset = from * sizeof<T>();
  const wShape = Call.at(call, CALL_WEIGHT_SHAPE);
  const qShape = Call.at(call, CALL_IN2_SHAPE);
  x = Call.at(call, CALL_IN0) + offset;
  t = Call.into(call, CALL_IN1, offset);
  if (!t) t = x; // a function of one input
  if (wShape) w = expand<T>(scratch + SCRATCH_A, Call.at(call, CALL_WEIGHT), wShape, before + from, count);
  else w = Call.into(call, CALL_WEIGHT, offset);
  if (qShape) q = expand<T>(scratch + SCRATCH_B, Call.at(call, CALL_IN2), qShape, before + from, count);
  else q = Call.into(call, CALL_IN2, offset);
  s = Call.into(call, CALL_SAMPLE_WEIGHT, offset);
  go = Call.into(call, CALL_GRAD_OUTPUT, offset);
  if (sizeof<T>() == 4 && hasUnit) go = scratch + SCRATCH_C;
  value = reduce ? scratch + SCRATCH_VALUES : Call.into(call, CALL_VALUE, offset);
  grad = Call.into(call, CALL_GRAD0, offset);
  gradTarget = Call.into(call, CALL_GRAD1, offset);
  gradThird = Call.into(call, CALL_GRAD2, offset);
  hess = Call.into(call, CALL_HESS, offset);
  if (isAside) {
    if (grad) grad = scratch + SCRATCH_A;
    if (gradTarget) gradTarget = scratch + SCRATCH_B;
  }
  blockValue = value;
  blockGrad = grad;
  blockGradTarget = gradTarget;
  blockGradThird = gradThird;
  blockHess = hess;
  bytes = bodyBytes<T>();
  return true;
}

/** The same block once more. */
export function again<T extends number>(call: usize): void {
  from -= count;
  nextBlock<T>(call);
}

/** Makes the block's last elements, padded with zeros to one unit, the present span; false if there are none, or no more. */
export function nextTail<T extends number>(): bool {
  const rest = count - bytes / sizeof<T>();
  const tail = scratch + SCRATCH_TAIL;
  if (!rest || x == tail) return false;
  const zero = Lanes.zero();
  x = stage<T>(tail, x, rest, padding);
  t = stage<T>(tail + SLOT, t, rest, targetPadding);
  w = stage<T>(tail + 2 * SLOT, w, rest, zero);
  q = stage<T>(tail + 3 * SLOT, q, rest, zero);
  s = stage<T>(tail + 4 * SLOT, s, rest, zero);
  go = stage<T>(tail + 5 * SLOT, go, rest, zero);
  value = value ? tail + 6 * SLOT : 0;
  grad = grad ? tail + 7 * SLOT : 0;
  gradTarget = gradTarget ? tail + 8 * SLOT : 0;
  hess = hess ? tail + 9 * SLOT : 0;
  gradThird = gradThird ? tail + 10 * SLOT : 0;
  bytes = unit;
  return true;
}

/** The last n elements of the operand at `address`, padded. */
function stage<T extends number>(slot: usize, address: usize, n: usize, pad: v128): usize {
  if (!address) return 0;
  for (let i: usize = 0; i < unit; i += 16) v128.store(slot + i, pad);
  Lanes.copy<T>(slot, address + bytes, n);
  return slot;
}

/** Copies the tail's results to their places. */
export function endTail<T extends number>(): void {
  if (value) Lanes.copy<T>(blockValue + bodyBytes<T>(), value, count - bodyBytes<T>() / sizeof<T>());
  endGradTail<T>();
}

/** The same without values: the specialised loops write none. */
export function endGradTail<T extends number>(): void {
  const body = bodyBytes<T>();
  const n = count - body / sizeof<T>();
  if (gradTarget) Lanes.copy<T>(blockGradTarget + body, gradTarget, n);
  if (gradThird) Lanes.copy<T>(blockGradThird + body, gradThird, n);
  if (grad) Lanes.copy<T>(blockGrad + body, grad, n);
  if (hess) Lanes.copy<T>(blockHess + body, hess, n);
}

function bodyBytes<T extends number>(): usize {
  return (count * sizeof<T>()) & ~(unit - 1);
}

/** Adds the block's values to the sum, if a sum is wanted. */
export function endBlock<T extends number>(): void {
  if (reduce) addBlock(blockTotal<T>());
}

/** The sum of the block's values. */
export function blockTotal<T extends number>(): f64 {
  return Tree.block<T>(blockValue, count);
}

/** Brings the block's gradients, which are aside, to their places. */
export function placeGradients<T extends number>(call: usize): void {
  place<T>(call, CALL_GRAD0, blockGrad);
  place<T>(call, CALL_GRAD1, blockGradTarget);
}

function place<T extends number>(call: usize, field: usize, source: usize): void {
  if (source) Lanes.copy<T>(Call.at(call, field) + from * sizeof<T>(), source, count);
}

export function addBlock(sum: f64): void {
  if (partials) store<f64>(partials + (from / BLOCK) * 8, sum);
  else Tree.push(scratch + SCRATCH_STACK, from / BLOCK, sum);
}

/** The reduced value; 0 where there is none, or where this is a part of a call. */
export function end(call: usize): f64 {
  if (!reduce || partials) return 0;
  return Call.reduced(call, Tree.total(scratch + SCRATCH_STACK, Tree.blocks(limit)));
}
