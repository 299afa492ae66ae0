// Rows of cross entropy whose logits are shaped (see shapedLogits.ts), whose classes may be masked and whose value may have a
// z-loss: s·lse², lse = log Σ e^z. One row after another, in f64 for both dtypes, any target and any layout: these options are to
// cost little code.
//
//   gradient of z   p Σa − a + 2s lse p, as in kernels/crossEntropy.ts
//   second          Σa p (1 − p) + 2s (p² + lse p (1 − p))
//   of x            z' g, and z'² h + z'' g
//
// Where a class costs φ(ℓ) instead of its cross entropy ℓ (see curve.ts), the value is Σ a φ(ℓ), the a of the derivatives
// are a φ′(ℓ), and the second has Σ_c a_c φ″(ℓ_c) ([c = j] − p_j)² more.
//
// A masked class is a logit of −∞ that is not read and no variable: its gradients are 0. A row that has no other costs nothing.

import { Call } from '../call';
import {
  BLOCK,
  CALL_ACTIVE,
  CALL_CLASSES,
  CALL_FROM,
  CALL_GRAD_OUTPUT,
  CALL_GRAD0,
  CALL_GRAD1,
  CALL_HESS,
  CALL_IGNORE_INDEX,
  CALL_IN0,
  CALL_IN1,
  CALL_IN2,
  CALL_INNER,
  CALL_OUTER,
  CALL_P0,
  CALL_P1,
  CALL_P4,
  CALL_SAMPLE_WEIGHT,
  CALL_SCALE,
  CALL_SCRATCH,
  CALL_TO,
  CALL_WEIGHT,
  CALL_WEIGHT_SUM,
  FLAG_INDEX,
  FLAG_SOFT,
  FLAG_VALUE,
  FLAG_WEIGHTED_MEAN,
  SCRATCH_VALUES,
} from '../generated/abi';
import { Exp } from '../math/exp';
import { Log1p } from '../math/log1p';
import { Tree } from '../reduce/tree';
import { Lanes } from '../simd/lanes';
import { Pair } from '../simd/pair';
import { Curve } from './curve';
import { Hessian } from './hessian';
import { END, END_BLOCK } from './rowValues';
import { Shaped } from './shapedLogits';

/** Classes whose terms are added up before they join the row's sums, so that 1e5 equal ones keep 13 digits. */
const CHUNK: usize = 1024;

// Of the call.
/** Bytes of an element: both dtypes go through the same code. */
let size: usize = 0;
let classes: usize = 0;
/** Bytes between two classes of a row. */
let stride: usize = 0;
let weights: usize = 0;
let isHard: bool = false;
/** What is left of a target, and what every class is given. */
let share: v128 = i32x4.splat(0);
let spread: v128 = i32x4.splat(0);
/** The z-loss's factor, as a part of what is divided by the weights' sum. */
let zLoss: f64 = 0;
let gradScale: f64 = 0;
let isCurved: bool = false;
/** All bits of the first lane. */
let FIRST: v128 = i64x2(-1, 0);

// Of the present row: addresses, 0 where not given.
let x: usize = 0;
let t: usize = 0;
let mask: usize = 0;
let grad: usize = 0;
let gradTarget: usize = 0;
let hess: usize = 0;
let label: v128 = i32x4.splat(0);
let scale: v128 = i32x4.splat(0);
/** Its greatest logit. */
let top: v128 = i32x4.splat(0);
/** Σ e^(z − max z) without one maximum, Σa of the maxima, of the others, Σ a (max z − z). */
let rest: f64 = 0;
let tied: f64 = 0;
let others: f64 = 0;
let weighted: f64 = 0;
/** Σ a φ″ */
let bends: f64 = 0;

/** Elements j and j + 1 of a row at p; j twice where it is the last. */
function LOAD(p: usize, j: usize, step: usize): v128 {
  p += j * step;
  const q = j + 1 == classes ? p : p + step;
  return size == 4 ? Pair.of<f32>(p, q) : Pair.of<f64>(p, q);
}

function LOAD_FIRST(p: usize): f64 {
  return size == 4 ? Lanes.load<f32>(p) : Lanes.load<f64>(p);
}

function STORE(p: usize, j: usize, v: v128): void {
  p += j * stride;
  STORE_FIRST(p, v);
  if (j + 1 < classes) STORE_FIRST(p + stride, Pair.swap(v));
}

function STORE_FIRST(p: usize, v: v128): void {
  if (size == 4) Pair.storeFirst<f32>(p, v);
  else Pair.storeFirst<f64>(p, v);
}

function CLEAR(p: usize): void {
  if (!p) return;
  for (let j: usize = 0; j < classes; j += 2) STORE(p, j, Lanes.zero());
}

/** All bits of the lanes whose class there is, and is not masked. */
function LIVE(j: usize): v128 {
  const all = j + 1 == classes ? FIRST : v128.not(Lanes.zero());
  return mask ? v128.and(all, v128.ne<f64>(LOAD(mask, j, stride), Lanes.zero())) : all;
}

/** w ((1 − ε) t + ε/C), or w at the label alone. */
function COEFFICIENT(j: usize): v128 {
  const isLabel = v128.eq<i64>(v128.add<i64>(i64x2.splat(j), Lanes.iota<f64>()), label);
  const target = t ? LOAD(t, j, stride) : v128.and(isLabel, Lanes.one<f64>());
  const a = v128.mul<f64>(v128.add<f64>(v128.mul<f64>(target, share), spread), WEIGHT(j));
  if (isHard) return v128.and(a, isLabel);
  return j + 1 == classes ? v128.and(a, FIRST) : a;
}

function WEIGHT(j: usize): v128 {
  return weights ? LOAD(weights, j, size) : Lanes.one<f64>();
}

/** How far z is below its greatest: infinitely, where the class is masked. */
function GAP(xs: v128, live: v128): v128 {
  return v128.bitselect(Shaped.gap(top, xs), Lanes.infinity<f64>(), live);
}

/** e^−gap */
function EXP(gap: v128): v128 {
  return Exp.flush<f64>(Lanes.neg<f64>(gap));
}

/** Finds the greatest logit; false where all classes are masked. */
function FIND_TOP(): bool {
  let m = Lanes.minusInfinity<f64>();
  let any = Lanes.zero();
  for (let j: usize = 0; j < classes; j += 2) {
    const live = LIVE(j);
    any = v128.or(any, live);
    m = v128.pmax<f64>(m, v128.bitselect(LOAD(x, j, stride), Lanes.minusInfinity<f64>(), live));
  }
  top = Lanes.foldMax<f64>(m);
  return v128.any_true(any);
}

function SUMS(): void {
  const zero = Lanes.zero();
  const one = Lanes.one<f64>();
  let restSum = zero;
  let ties = zero;
  let tiedSum = zero;
  let othersSum = zero;
  let weightedSum = zero;
  for (let from: usize = 0; from < classes; from += CHUNK) {
    const end = min(classes, from + CHUNK);
    let e = zero;
    let a = zero;
    let cost = zero;
    for (let j = from; j < end; j += 2) {
      const live = LIVE(j);
      const aj = COEFFICIENT(j);
      const gap = GAP(LOAD(x, j, stride), live);
      const tie = v128.eq<f64>(gap, zero);
      ties = v128.add<f64>(ties, v128.and(tie, one));
      e = v128.add<f64>(e, v128.andnot(v128.and(EXP(gap), live), tie));
      tiedSum = v128.add<f64>(tiedSum, v128.and(aj, tie));
      a = v128.add<f64>(a, v128.andnot(aj, tie));
      cost = v128.add<f64>(cost, v128.andnot(v128.mul<f64>(aj, gap), v128.eq<f64>(aj, zero)));
    }
    restSum = v128.add<f64>(restSum, e);
    othersSum = v128.add<f64>(othersSum, a);
    weightedSum = v128.add<f64>(weightedSum, cost);
  }
  // NaN where the greatest z is infinite
  const z = Lanes.first<f64>(Shaped.value(top));
  rest = Tree.fold(restSum) + (Tree.fold(ties) - 1) + (z - z);
  tied = Tree.fold(tiedSum);
  others = Tree.fold(othersSum);
  weighted = Tree.fold(weightedSum);
}

/** The sums of a curved loss, from those of cross entropy: `weighted` is all of it, `tied` and `others` are sums of a φ′. */
function CURVE_SUMS(logZ: f64): void {
  const zero = Lanes.zero();
  let tiedSum = zero;
  let othersSum = zero;
  let bendSum = zero;
  let valueSum = zero;
  for (let from: usize = 0; from < classes; from += CHUNK) {
    const end = min(classes, from + CHUNK);
    let a = zero;
    let bend = zero;
    let value = zero;
    for (let j = from; j < end; j += 2) {
      const aj = COEFFICIENT(j);
      if (!v128.any_true(v128.ne<f64>(aj, zero))) continue;
      const gap = GAP(LOAD(x, j, stride), LIVE(j));
      const l = v128.add<f64>(f64x2.splat(logZ), gap);
      const slope = Curve.weigh<f64>(aj, changetype<Curve<f64>>(0).slope(l));
      const tie = v128.eq<f64>(gap, zero);
      tiedSum = v128.add<f64>(tiedSum, v128.and(slope, tie));
      a = v128.add<f64>(a, v128.andnot(slope, tie));
      value = v128.add<f64>(value, Curve.weigh<f64>(aj, changetype<Curve<f64>>(0).value(l)));
      if (hess) bend = v128.add<f64>(bend, Curve.weigh<f64>(aj, changetype<Curve<f64>>(0).bend(l)));
    }
    othersSum = v128.add<f64>(othersSum, a);
    bendSum = v128.add<f64>(bendSum, bend);
    valueSum = v128.add<f64>(valueSum, value);
  }
  tied = Tree.fold(tiedSum);
  others = Tree.fold(othersSum);
  bends = Tree.fold(bendSum);
  // NaN where a logit is, be its class without a part
  weighted = Tree.fold(valueSum) + (rest - rest);
}

/** Σ_c a_c φ″_c ([c = j] − p_j)², of which `turn` is class j's a φ″ */
function TURNS(p: v128, q: v128, turn: v128): v128 {
  const rests = v128.mul<f64>(v128.sub<f64>(f64x2.splat(bends), turn), v128.mul<f64>(p, p));
  return v128.add<f64>(rests, v128.mul<f64>(turn, v128.mul<f64>(q, q)));
}

/** The derivatives; `pull` is 2s lse. */
function GRADS(logZ: f64, pull: f64): void {
  const zero = Lanes.zero();
  const s = scale;
  const rests = f64x2.splat(rest);
  const z = v128.add<f64>(Lanes.one<f64>(), rests);
  const total = f64x2.splat(others + tied);
  for (let j: usize = 0; j < classes; j += 2) {
    const xs = LOAD(x, j, stride);
    const live = LIVE(j);
    let a = COEFFICIENT(j);
    const gap = GAP(xs, live);
    const tie = v128.eq<f64>(gap, zero);
    const l = v128.add<f64>(f64x2.splat(logZ), gap);
    let turn = zero;
    if (isCurved && v128.any_true(v128.ne<f64>(a, zero))) {
      if (hess) turn = Curve.weigh<f64>(a, changetype<Curve<f64>>(0).bend(l));
      a = Curve.weigh<f64>(a, changetype<Curve<f64>>(0).slope(l));
    }
    if (gradTarget) {
      const c = v128.mul<f64>(share, WEIGHT(j));
      const loss = isCurved ? changetype<Curve<f64>>(0).value(l) : l;
      // what has no weight does not count, be its loss infinite
      const none = v128.and(v128.eq<f64>(c, zero), v128.eq<f64>(loss, Lanes.infinity<f64>()));
      STORE(gradTarget, j, v128.mul<f64>(v128.andnot(v128.mul<f64>(loss, c), none), s));
    }
    if (!(grad | hess)) continue;
    const e = v128.and(EXP(gap), live);
    const p = v128.div<f64>(e, z);
    const below = v128.sub<f64>(v128.mul<f64>(p, total), a);
    const left = v128.add<f64>(f64x2.splat(others), v128.sub<f64>(f64x2.splat(tied), a));
    const atTop = v128.div<f64>(v128.sub<f64>(left, v128.mul<f64>(a, rests)), z);
    const pulled = v128.mul<f64>(f64x2.splat(pull), p);
    const g = v128.add<f64>(v128.bitselect(atTop, below, tie), pulled);
    const slope = Shaped.slope(xs);
    if (hess) {
      const q = v128.div<f64>(v128.bitselect(rests, v128.sub<f64>(z, e), tie), z);
      const twice = f64x2.splat(2 * zLoss);
      let h = v128.add<f64>(
        v128.mul<f64>(v128.mul<f64>(v128.add<f64>(total, f64x2.splat(pull)), p), q),
        v128.mul<f64>(v128.mul<f64>(twice, p), p),
      );
      if (isCurved) h = v128.add<f64>(h, TURNS(p, q, turn));
      const bent = v128.mul<f64>(Shaped.bend(xs, slope), g);
      const second = v128.add<f64>(v128.mul<f64>(v128.mul<f64>(h, slope), slope), bent);
      STORE(hess, j, v128.mul<f64>(v128.and(Hessian.of<f64>(second), live), s));
    }
    if (grad) STORE(grad, j, v128.mul<f64>(v128.and(v128.mul<f64>(g, slope), live), s));
  }
}

/** Works on row i; its value. */
function ROW(call: usize, i: usize): f64 {
  const inner = Call.at(call, CALL_INNER);
  const offset = ((i / inner) * classes * inner + (i % inner)) * size;
  x = Call.at(call, CALL_IN0) + offset;
  mask = Call.into(call, CALL_IN2, offset);
  grad = Call.into(call, CALL_GRAD0, offset);
  gradTarget = Call.into(call, CALL_GRAD1, offset);
  hess = Call.into(call, CALL_HESS, offset);
  return WORK(call, i, offset);
}

/** The same of row i whose logits are at `at`, where its gradient goes if it has one. */
export function SHAPED_ROW(call: usize, i: usize, at: usize, hasGrad: bool): f64 {
  x = at;
  mask = 0;
  grad = hasGrad ? at : 0;
  gradTarget = 0;
  hess = 0;
  return WORK(call, i, i * classes * size);
}

/** Row i, whose places are set but for its targets', which are so far from the first. */
function WORK(call: usize, i: usize, offset: usize): f64 {
  const isIndex = Call.has(call, FLAG_INDEX);
  t = isIndex ? 0 : Call.at(call, CALL_IN1) + offset;
  const weightAt = Call.into(call, CALL_SAMPLE_WEIGHT, i * size);
  const outputAt = Call.into(call, CALL_GRAD_OUTPUT, i * size);
  const sampleWeight = weightAt ? LOAD_FIRST(weightAt) : 1;
  let counts = sampleWeight != 0;
  if (isIndex) {
    const at = load<i32>(Call.at(call, CALL_IN1) + 4 * i);
    label = i64x2.splat(i64(at));
    counts = counts && at != load<i32>(call, CALL_IGNORE_INDEX) && u32(at) < u32(classes);
  }
  if (!counts || !FIND_TOP()) {
    CLEAR(grad);
    CLEAR(gradTarget);
    CLEAR(hess);
    return 0;
  }
  scale = f64x2.splat(gradScale * sampleWeight * (outputAt ? LOAD_FIRST(outputAt) : 1));
  SUMS();
  const logZ = Lanes.first<f64>(Log1p.of<f64>(f64x2.splat(rest)));
  if (isCurved) CURVE_SUMS(logZ);
  const lse = zLoss == 0 ? 0 : Lanes.first<f64>(Shaped.value(top)) + logZ;
  if (grad | gradTarget | hess) GRADS(logZ, 2 * zLoss * lse);
  if (isCurved) return sampleWeight * weighted;
  return sampleWeight * ((others + tied) * logZ + weighted + zLoss * lse * lse);
}

/** Starts a call. */
export function BEGIN_SHAPED<T extends number>(call: usize): void {
  size = sizeof<T>();
  classes = Call.at(call, CALL_CLASSES);
  stride = Call.at(call, CALL_INNER) * size;
  weights = Call.at(call, CALL_WEIGHT);
  isHard = !Call.has(call, FLAG_SOFT);
  share = f64x2.splat(load<f64>(call, CALL_P0));
  spread = f64x2.splat(load<f64>(call, CALL_P1));
  gradScale = load<f64>(call, CALL_SCALE) / Call.divisor(call);
  zLoss = load<f64>(call, CALL_P4);
  // class weights are none of its business: its mean divides by the sum without them
  if (zLoss != 0 && weights && Call.has(call, FLAG_INDEX) && Call.has(call, FLAG_WEIGHTED_MEAN))
    zLoss *= load<f64>(call, CALL_WEIGHT_SUM) / COUNTED(call);
  Shaped.begin(call);
  isCurved = Curve.isOf(call);
}

/** The rows that count, each with its sampleWeight, of a call that is not staged in tiles where there are such. */
function COUNTED(call: usize): f64 {
  const sampleWeight = Call.at(call, CALL_SAMPLE_WEIGHT);
  if (!sampleWeight) return f64(load<u32>(call, CALL_ACTIVE));
  const labels = Call.at(call, CALL_IN1);
  const ignore = load<i32>(call, CALL_IGNORE_INDEX);
  const rows = Call.at(call, CALL_OUTER) * Call.at(call, CALL_INNER);
  let sum: f64 = 0;
  for (let from: usize = 0; from < rows; from += BLOCK) {
    const end = min(rows, from + BLOCK);
    let part: f64 = 0;
    for (let i = from; i < end; i++) {
      const at = load<i32>(labels + 4 * i);
      if (at != ignore && u32(at) < u32(classes)) part += LOAD_FIRST(sampleWeight + i * size);
    }
    sum += part;
  }
  return sum;
}

export function SHAPED<T extends number>(call: usize): f64 {
  BEGIN_SHAPED<T>(call);
  Hessian.begin<f64>(call);
  if (isCurved) changetype<Curve<f64>>(0).begin(call);
  const rows = Call.at(call, CALL_TO);
  const values = Call.at(call, CALL_SCRATCH) + SCRATCH_VALUES;
  const hasValue = Call.has(call, FLAG_VALUE);
  for (let from = Call.at(call, CALL_FROM); from < rows; from += BLOCK) {
    const n = min(BLOCK, rows - from);
    for (let i: usize = 0; i < n; i++) {
      const value = ROW(call, from + i);
      if (hasValue) Pair.storeFirst<T>(values + i * sizeof<T>(), f64x2.splat(value));
    }
    if (hasValue) END_BLOCK<T>(call, from, n);
  }
  return END(call);
}
