// Rows of elements: a row costs the mean of what its elements do, which are an elementwise loss's. Contiguous; as many rows at a time
// as make a block of elements, or a long row in pieces, so that short rows fill vectors, too. A row's elements are added up by its own
// vectors, wherever it lies. f32 without weights: four vectors of a row have one logarithm, of their product (see softplus.ts).

import { Call } from '../call';
import {
  BLOCK,
  CALL_CLASSES,
  CALL_FIRST,
  CALL_FROM,
  CALL_GRAD_OUTPUT,
  CALL_GRAD0,
  CALL_GRAD1,
  CALL_HESS,
  CALL_IN0,
  CALL_IN1,
  CALL_SAMPLE_WEIGHT,
  CALL_SCRATCH,
  CALL_TO,
  CALL_WEIGHT,
  CALL_WEIGHT_SHAPE,
  FLAG_VALUE,
  SCRATCH_A,
  SCRATCH_B,
  SCRATCH_C,
  SCRATCH_TAIL,
  SCRATCH_VALUES,
} from '../generated/abi';
import { APPLY_UNIT, gradScale, hasUnit } from '../gradScale';
import { Log1p } from '../math/log1p';
import { setParams } from '../params';
import { Tree } from '../reduce/tree';
import { Wide } from '../reduce/wide';
import { Fma } from '../simd/fma';
import { Lanes } from '../simd/lanes';
import { Pair } from '../simd/pair';
import { expand } from './broadcast';
import * as cursor from './cursor';
import { Hessian } from './hessian';
import { END, END_BLOCK } from './rowValues';
import { setSmoothing } from './smoothing';
import { SoftplusOp } from './softplus';

// Of the call.
let classes: usize = 0;
/** 1 over the row's length. */
let share: v128 = i32x4.splat(0);
let scratch: usize = 0;
let hasValue: bool = false;

// The present elements: addresses, 0 where not given.
let x: usize = 0;
let t: usize = 0;
let w: usize = 0;
/** Each row's factor of its gradients, once an element. */
let up: usize = 0;
let grad: usize = 0;
let gradTarget: usize = 0;
let hess: usize = 0;

function SPAN<T extends number, L extends SoftplusOp<T>>(from: usize, to: usize): void {
  const value = scratch + SCRATCH_C;
  const anchor = scratch + cursor.ANCHOR;
  for (let i = from; i < to; i += 16) {
    const xv = v128.load(x + i);
    const tv = v128.load(t + i);
    const q = Lanes.one<T>();
    const aux = changetype<L>(0).aux(xv, tv);
    v128.store(anchor, aux); // as in pointwise.ts
    const weight = w ? v128.load(w + i) : q;
    if (hasValue) v128.store(value + i, v128.mul<T>(changetype<L>(0).value(xv, tv, q, aux), weight));
    if (!(grad | gradTarget)) continue;
    const factor = v128.mul<T>(weight, up ? v128.load(up + i) : gradScale);
    // the operands are in registers: all of these may overwrite them
    if (hess) {
      const h = Hessian.of<T>(v128.mul<T>(changetype<L>(0).hess(xv, tv, q, aux), share));
      v128.store(hess + i, v128.mul<T>(h, factor));
    }
    if (gradTarget) {
      const g = v128.mul<T>(changetype<L>(0).gradTarget(xv, tv, q, aux), share);
      v128.store(gradTarget + i, v128.mul<T>(g, factor));
    }
    if (grad) {
      const g = v128.mul<T>(changetype<L>(0).grad(xv, tv, q, aux), share);
      v128.store(grad + i, v128.mul<T>(g, factor));
    }
  }
}

/** Bytes of four vectors. */
const GROUP: usize = 64;

class Fast {
  /** a + b (1 + a), as in softplus.ts */
  @inline static join<T extends number>(a: v128, b: v128): v128 {
    return Fma.madd<T>(b, v128.add<T>(Lanes.one<T>(), a), a);
  }

  /** e of the vector i bytes further; its derivatives are stored. */
  @inline static vector<T extends number, L extends SoftplusOp<T>>(i: usize, factor: v128): v128 {
    const xv = v128.load(x + i);
    const tv = v128.load(t + i);
    const one = Lanes.one<T>();
    const e = changetype<L>(0).aux(xv, tv);
    if (hess) {
      const h = Hessian.of<T>(v128.mul<T>(changetype<L>(0).hess(xv, tv, one, e), share));
      v128.store(hess + i, v128.mul<T>(h, factor));
    }
    if (gradTarget) {
      const g = v128.mul<T>(changetype<L>(0).slopeTarget(xv, tv, e, one), share);
      v128.store(gradTarget + i, v128.mul<T>(g, factor));
    }
    if (grad) {
      const g = v128.mul<T>(changetype<L>(0).slope(xv, tv, e, one), share);
      v128.store(grad + i, v128.mul<T>(g, factor));
    }
    return e;
  }

  @inline static linear<T extends number, L extends SoftplusOp<T>>(i: usize): v128 {
    return changetype<L>(0).linear(v128.load(x + i), v128.load(t + i), Lanes.one<T>(), false);
  }
}

/** Whole groups of the present row, whose factor that is; the sum of its elements. */
function FAST<T extends number, L extends SoftplusOp<T>>(bytes: usize, factor: v128): f64 {
  let acc = Lanes.zero();
  for (let i: usize = 0; i < bytes; i += GROUP) {
    // before the derivatives, which may be written over them
    let a = Lanes.zero();
    let b = a;
    let c = a;
    let d = a;
    if (hasValue) {
      a = Fast.linear<T, L>(i);
      b = Fast.linear<T, L>(i + 16);
      c = Fast.linear<T, L>(i + 32);
      d = Fast.linear<T, L>(i + 48);
    }
    const ab = Fast.join<T>(Fast.vector<T, L>(i, factor), Fast.vector<T, L>(i + 16, factor));
    const cd = Fast.join<T>(Fast.vector<T, L>(i + 32, factor), Fast.vector<T, L>(i + 48, factor));
    if (!hasValue) continue;
    const log = Log1p.of<T>(Fast.join<T>(ab, cd));
    const sum = v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d));
    if (v128.any_true(v128.eq<T>(sum, Lanes.infinity<T>()))) {
      // more than f32 has may be less when it is divided
      const wide = v128.add<f64>(
        v128.add<f64>(Wide.sum<T>(a), Wide.sum<T>(b)),
        v128.add<f64>(Wide.sum<T>(c), Wide.sum<T>(d)),
      );
      acc = v128.add<f64>(acc, wide);
    } else acc = Tree.accumulate<T>(acc, v128.add<T>(sum, log));
  }
  return Tree.fold(acc);
}

/** Brings the last n elements of an operand, from `at` on, to a place of the tail's as if they were still there; 0 stays 0. */
function STAGE<T extends number>(slot: usize, address: usize, at: usize, n: usize): usize {
  if (!address) return 0;
  const to = scratch + SCRATCH_TAIL + 16 * slot;
  v128.store(to, Lanes.zero());
  Lanes.copy<T>(to, address + at, n);
  return to - at;
}

function PLACE<T extends number>(slot: usize, address: usize, at: usize, n: usize): void {
  if (address) Lanes.copy<T>(address + at, scratch + SCRATCH_TAIL + 16 * slot, n);
}

/** Works on the n ≤ BLOCK present elements. */
function CHUNK<T extends number, L extends SoftplusOp<T>>(n: usize): void {
  const size = sizeof<T>();
  const body = (n * size) & ~15;
  SPAN<T, L>(0, body);
  const left = n - body / size;
  if (!left) return;
  const g = grad;
  const gt = gradTarget;
  const h = hess;
  x = STAGE<T>(0, x, body, left);
  t = STAGE<T>(1, t, body, left);
  w = STAGE<T>(2, w, body, left);
  up = STAGE<T>(3, up, body, left);
  const room = scratch + SCRATCH_TAIL - body;
  if (g) grad = room + 64;
  if (gt) gradTarget = room + 80;
  if (h) hess = room + 96;
  SPAN<T, L>(body, body + 16);
  PLACE<T>(4, g, body, left);
  PLACE<T>(5, gt, body, left);
  PLACE<T>(6, h, body, left);
}

/** Makes the n elements from `first` on the present ones, of rows whose first is `row`. */
function SET<T extends number>(call: usize, row: usize, first: usize, n: usize): void {
  const offset = first * sizeof<T>();
  x = Call.at(call, CALL_IN0) + offset;
  t = Call.at(call, CALL_IN1) + offset;
  grad = Call.into(call, CALL_GRAD0, offset);
  gradTarget = Call.into(call, CALL_GRAD1, offset);
  hess = Call.into(call, CALL_HESS, offset);
  const shape = Call.at(call, CALL_WEIGHT_SHAPE);
  const weights = Call.at(call, CALL_WEIGHT);
  // a weight is there as a whole, whatever part of the call this is
  const place = Call.at(call, CALL_FIRST) * classes + first;
  w = shape
    ? expand<T>(scratch + SCRATCH_A, weights, shape, place, n)
    : Call.into(call, CALL_WEIGHT, place * sizeof<T>());
  up = 0;
  const outputs = Call.at(call, CALL_GRAD_OUTPUT);
  const sampleWeights = Call.at(call, CALL_SAMPLE_WEIGHT);
  if (!(outputs | sampleWeights) || !(grad | gradTarget)) return;
  up = scratch + SCRATCH_B;
  for (let i: usize = 0; i < n; i += classes) {
    Lanes.fill<T>(up + i * sizeof<T>(), FACTOR<T>(call, row), min(classes, n - i));
    row++;
  }
}

/** What a row's gradients are multiplied by. */
function FACTOR<T extends number>(call: usize, row: usize): v128 {
  const outputs = Call.at(call, CALL_GRAD_OUTPUT);
  const sampleWeights = Call.at(call, CALL_SAMPLE_WEIGHT);
  let factor = gradScale;
  if (sampleWeights) factor = v128.mul<T>(factor, Lanes.loadSplat<T>(sampleWeights + row * sizeof<T>()));
  if (outputs) factor = v128.mul<T>(factor, Lanes.loadSplat<T>(outputs + row * sizeof<T>()));
  return factor;
}

/** The sum of the n numbers at p. */
function SUM<T extends number>(p: usize, n: usize): f64 {
  let acc = Lanes.zero();
  for (; n >= Lanes.count<T>(); n -= Lanes.count<T>()) {
    acc = Tree.accumulate<T>(acc, v128.load(p));
    p += 16;
  }
  let sum = Tree.fold(acc);
  for (; n; n--) {
    sum += Lanes.load<T>(p);
    p += sizeof<T>();
  }
  return sum;
}

/** Zeros, or the last factor, of the derivatives of n elements from `first` on. */
function FINISH<T extends number>(p: usize, first: usize, n: usize, isNone: bool): void {
  if (!p) return;
  if (isNone) Lanes.clear<T>(p + first * sizeof<T>(), n);
  else if (sizeof<T>() == 4 && hasUnit) APPLY_UNIT<T>(p + first * sizeof<T>(), n);
}

/** Writes the loss of a row, whose elements add up to `sum`. */
function END_ROW<T extends number>(call: usize, row: usize, sum: f64, to: usize): void {
  const weights = Call.at(call, CALL_SAMPLE_WEIGHT);
  const weight = weights ? Lanes.load<T>(weights + row * sizeof<T>()) : 1;
  const isNone = weight == 0;
  const first = row * classes;
  FINISH<T>(Call.at(call, CALL_GRAD0), first, classes, isNone);
  FINISH<T>(Call.at(call, CALL_GRAD1), first, classes, isNone);
  FINISH<T>(Call.at(call, CALL_HESS), first, classes, isNone);
  Pair.storeFirst<T>(to, f64x2.splat(isNone ? 0 : (sum / f64(classes)) * weight));
}

export function MEANS<T extends number, L extends SoftplusOp<T>>(call: usize): f64 {
  setParams<T>(call);
  setSmoothing<T>(call);
  Hessian.begin<T>(call);
  cursor.forget();
  classes = Call.at(call, CALL_CLASSES);
  share = Lanes.splat<T>(1 / f64(classes));
  scratch = Call.at(call, CALL_SCRATCH);
  hasValue = Call.has(call, FLAG_VALUE);
  const size = sizeof<T>();
  const rows = Call.at(call, CALL_TO);
  const values = scratch + SCRATCH_VALUES;
  const elements = scratch + SCRATCH_C;
  // what of a row goes by groups
  const isFast = sizeof<T>() == 4 && !Call.at(call, CALL_WEIGHT) && classes * size >= GROUP;
  const body = isFast ? (classes * size) & ~(GROUP - 1) : 0;
  const most: usize = isFast ? usize(1) : max<usize>(1, BLOCK / max<usize>(1, classes));
  for (let from = Call.at(call, CALL_FROM); from < rows; from += BLOCK) {
    const n = min(BLOCK, rows - from);
    for (let i: usize = 0; i < n; ) {
      const count = min(most, n - i);
      const row = from + i;
      if (sizeof<T>() == 4 && isFast) {
        const left = classes - body / size;
        SET<T>(call, row, row * classes, 0);
        let sum = FAST<T, L>(body, FACTOR<T>(call, row));
        SET<T>(call, row, row * classes + body / size, left);
        CHUNK<T, L>(left);
        if (hasValue) sum += SUM<T>(elements, left);
        END_ROW<T>(call, row, sum, values + i * size);
      } else if (classes <= BLOCK) {
        SET<T>(call, row, row * classes, count * classes);
        CHUNK<T, L>(count * classes);
        for (let k: usize = 0; k < count; k++) {
          const sum = hasValue ? SUM<T>(elements + k * classes * size, classes) : 0;
          END_ROW<T>(call, row + k, sum, values + (i + k) * size);
        }
      } else {
        let sum: f64 = 0;
        for (let j: usize = 0; j < classes; j += BLOCK) {
          const part = min(BLOCK, classes - j);
          SET<T>(call, row, row * classes + j, part);
          CHUNK<T, L>(part);
          if (hasValue) sum += SUM<T>(elements, part);
        }
        END_ROW<T>(call, row, sum, values + i * size);
      }
      i += count;
    }
    if (hasValue) END_BLOCK<T>(call, from, n);
  }
  return END(call);
}
