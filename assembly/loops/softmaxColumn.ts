// The column of a loss over softmax: maximum, exponentials and their sum, gradient.
import { SCRATCH_A, SCRATCH_B, SCRATCH_C, TILE_WIDTH } from '../generated/abi';
import { hasUnit, unit } from '../gradScale';
import { Exp } from '../math/exp';
import { P0 } from '../params';
import { Wide } from '../reduce/wide';
import { Lanes } from '../simd/lanes';
import {
  active,
  Coefficient,
  Column,
  classes,
  columnGrads,
  columnLabels,
  eTile,
  factors,
  isIndex,
  isSoft,
  labels,
  PICK_LANES,
  ranges,
  sampleWeights,
  scales,
  tTile,
  wantGrad,
  wantHess,
  wantTarget,
  weights,
  xTile,
} from './column';
import { Hessian } from './hessian';
import { ROW_LOSSES, SoftmaxOp } from './softmax';

let TWO_52: v128 = f64x2.splat(4503599627370496);
let LOG2E_F32: v128 = f32x4.splat(1.442696);
let LOG2E_F64: v128 = f64x2.splat(1.4426951);
let MARGIN_F32: v128 = f32x4.splat(1.125);
let MARGIN_F64: v128 = f64x2.splat(1.125);

export class SoftmaxColumn<T extends number, L extends SoftmaxOp<T>> extends Column<T> {
  prepare(used: usize): void {
    EXPS<T>(used);
  }

  run(lane: usize, value: usize): void {
    if (isSoft) SOFT_COLUMN<T, L>(lane, value);
    else HARD_COLUMN<T, L>(lane, value);
  }

  losses(p: usize, n: usize): void {
    ROW_LOSSES<T, L>(p, n);
  }
}

/** Whether Exp.coarse has a meaning for the whole tile: not where a maximum is infinite, which makes a NaN that a minimum keeps. */
function IS_NEAR<T extends number>(): bool {
  const p = ranges;
  const a = v128.sub<T>(v128.load(p, TILE_WIDTH), v128.load(p));
  const b = v128.sub<T>(v128.load(p, TILE_WIDTH + 16), v128.load(p, 16));
  const c = v128.sub<T>(v128.load(p, TILE_WIDTH + 32), v128.load(p, 32));
  const d = v128.sub<T>(v128.load(p, TILE_WIDTH + 48), v128.load(p, 48));
  return v128.all_true<i32>(Exp.isNear<T>(v128.min<T>(v128.min<T>(a, b), v128.min<T>(c, d))));
}

/** e^(x − m) of the tile to eTile. */
function EXPS<T extends number>(used: usize): void {
  const end = xTile + classes * TILE_WIDTH;
  let e = eTile;
  if (used == TILE_WIDTH && IS_NEAR<T>()) {
    const a = v128.load(ranges);
    const b = v128.load(ranges, 16);
    const c = v128.load(ranges, 32);
    const d = v128.load(ranges, 48);
    for (let p = xTile; p < end; p += TILE_WIDTH) {
      v128.store(e, Exp.coarse<T>(v128.sub<T>(v128.load(p), a)));
      v128.store(e, Exp.coarse<T>(v128.sub<T>(v128.load(p, 16), b)), 16);
      v128.store(e, Exp.coarse<T>(v128.sub<T>(v128.load(p, 32), c)), 32);
      v128.store(e, Exp.coarse<T>(v128.sub<T>(v128.load(p, 48), d)), 48);
      e += TILE_WIDTH;
    }
    return;
  }
  const greatest = Lanes.greatest<T>();
  for (let lane: usize = 0; lane < used; lane += 16) {
    // of an infinite maximum, where only logSumExp is a number, the same as of the greatest finite one
    const m = v128.pmax<T>(v128.pmin<T>(v128.load(ranges + lane), greatest), Lanes.neg<T>(greatest));
    e = eTile + lane;
    for (let p = xTile + lane; p < end; p += TILE_WIDTH) {
      v128.store(e, Exp.coarseFlush<T>(v128.sub<T>(v128.pmin<T>(v128.load(p), greatest), m)));
      e += TILE_WIDTH;
    }
  }
}

/**
 * Σ over the column at e, per lane, without one maximum of it: 1 for every other one, exactly. A minimum and a maximum part two
 * terms without loss, NaN included, so that eight terms and the maximum so far are eight terms and the new maximum. Zero rows pad the
 * column to whole groups of eight; they change no bit, so that a group of up to 2 or 4 classes may leave them out.
 */
function REST<T extends number>(e: usize, classes: usize): v128 {
  let low = Lanes.zero();
  let high = Lanes.zero();
  let max = Lanes.zero();
  for (let left = isize(classes); left > 0; left -= 8) {
    const a = v128.load(e);
    const b = v128.load(e, 64);
    let top = v128.pmax<T>(b, a);
    let sum = v128.pmin<T>(a, b);
    if (left > 2) {
      const c = v128.load(e, 128);
      const d = v128.load(e, 192);
      const cd = v128.pmax<T>(d, c);
      sum = v128.add<T>(sum, v128.pmin<T>(c, d));
      let next = v128.pmin<T>(top, cd);
      top = v128.pmax<T>(cd, top);
      if (left > 4) {
        const f = v128.load(e, 256);
        const g = v128.load(e, 320);
        const h = v128.load(e, 384);
        const i = v128.load(e, 448);
        const fg = v128.pmax<T>(g, f);
        const hi = v128.pmax<T>(i, h);
        sum = v128.add<T>(sum, v128.add<T>(v128.pmin<T>(f, g), v128.pmin<T>(h, i)));
        next = v128.add<T>(next, v128.pmin<T>(fg, hi));
        const fi = v128.pmax<T>(hi, fg);
        next = v128.add<T>(next, v128.pmin<T>(top, fi));
        top = v128.pmax<T>(fi, top);
      }
      sum = v128.add<T>(sum, next);
    }
    sum = v128.add<T>(sum, v128.pmin<T>(max, top));
    max = v128.pmax<T>(top, max);
    low = v128.add<f64>(low, Wide.low<T>(sum));
    if (sizeof<T>() == 4) high = v128.add<f64>(high, Wide.high<T>(sum));
    e += 8 * TILE_WIDTH;
  }
  return v128.add<T>(Wide.narrow<T>(low, high), v128.sub<T>(max, max));
}

/** What ROW_LOSSES needs; zeros for rows that do not count. */
function KEEP_ROWS<T extends number>(value: usize, rest: v128, total: v128, weighted: v128): void {
  v128.store(value, v128.and(rest, active), SCRATCH_A);
  v128.store(value, v128.and(v128.mul<T>(total, sampleWeights), active), SCRATCH_B);
  v128.store(value, v128.and(v128.mul<T>(weighted, sampleWeights), active), SCRATCH_C);
}

class Exponent {
  /** The biased exponent of k as a number, 0 where k is subnormal. */
  @inline static of<T extends number>(k: v128): v128 {
    if (sizeof<T>() == 4) return f32x4.convert_i32x4_s(i32x4.shr_u(Lanes.abs<T>(k), 23));
    return f64x2.sub(v128.or(i64x2.shr_u(Lanes.abs<T>(k), 52), TWO_52), TWO_52);
  }

  /** Lanes in which e^−gap · k, and so every product that is greater, is a normal number. */
  @inline static isNormal<T extends number>(gap: v128, k: v128): v128 {
    const log2e = sizeof<T>() == 4 ? LOG2E_F32 : LOG2E_F64;
    const margin = sizeof<T>() == 4 ? MARGIN_F32 : MARGIN_F64;
    return v128.ge<T>(Exponent.of<T>(k), v128.add<T>(v128.mul<T>(gap, log2e), margin));
  }
}

/** The column of one target class, or of none at all (softmax, logSoftmax, logSumExp), `lane` bytes into the tiles. */
function HARD_COLUMN<T extends number, L extends SoftmaxOp<T>>(lane: usize, value: usize): void {
  const x = xTile + lane;
  const e = eTile + lane;
  const m = v128.load(ranges + lane);
  const bytes = classes * TILE_WIDTH;
  let total = Lanes.one<T>();
  let own = m;
  let weighted = m; // without a target, which makes the loss logSumExp
  if (isIndex) {
    // the label's logit by its address: comparing every class with the labels costs four instructions a class
    if (weights) total = PICK_LANES<T>(weights, sizeof<T>(), 0, columnLabels);
    own = PICK_LANES<T>(x, TILE_WIDTH, sizeof<T>(), columnLabels);
    weighted = v128.mul<T>(total, v128.sub<T>(m, own));
    weighted = v128.andnot(weighted, v128.eq<T>(total, Lanes.zero()));
  }
  let rest = REST<T>(e, classes);
  // NaN where the maximum is infinite, but for logSumExp, which is the maximum there
  if (isIndex || wantGrad || wantTarget) rest = v128.add<T>(rest, v128.sub<T>(m, m));
  KEEP_ROWS<T>(value, rest, total, weighted);

  if (wantTarget) {
    const logZ = changetype<L>(0).loss(Lanes.one<T>(), Lanes.zero(), rest);
    for (let i: usize = 0; i < bytes; i += TILE_WIDTH) {
      v128.store(e + i, v128.and(changetype<L>(0).gradTarget(logZ, m, v128.load(x + i), scales), active));
    }
    return;
  }
  if (!wantGrad) return;
  const sz = v128.div<T>(scales, v128.add<T>(Lanes.one<T>(), rest));
  const k = v128.mul<T>(total, sz);
  const isNormal = Exponent.isNormal<T>(v128.sub<T>(m, v128.load(ranges + lane, TILE_WIDTH)), k);
  const isNumber = v128.eq<T>(rest, rest);
  // rows that do not count have a factor of 0, which is exact
  const isFast = v128.all_true<i32>(v128.and(isNumber, v128.or(isNormal, v128.not(active)))) && !hasUnit;
  if (isIndex) {
    let below = PICK_LANES<T>(e, TILE_WIDTH, sizeof<T>(), columnLabels);
    let small = rest;
    if (!isFast) {
      const least = Lanes.leastFactor<T>(k);
      below = Lanes.flushBelow<T>(below, least);
      small = Lanes.flushBelow<T>(rest, least);
    }
    below = changetype<L>(0).grad(below, total, k, scales);
    const top = changetype<L>(0).gradAtMax(total, v128.sub<T>(total, total), small, sz);
    const g = v128.mul<T>(v128.bitselect(top, below, v128.eq<T>(own, m)), unit);
    v128.store(columnGrads, v128.and(g, active));
  }
  if (wantHess) {
    for (let i: usize = 0; i < bytes; i += TILE_WIDTH) {
      v128.store(x + i, COLUMN_HESSIAN<T>(v128.load(e + i), total, rest));
    }
  }
  // NaN where the upstream gradient is no number; 0, and an infinite least e, in rows that do not count
  let factor = v128.and(v128.sub<T>(k, v128.mul<T>(Lanes.zero(), scales)), active);
  if (!isFast) {
    const least = Lanes.leastFactor<T>(factor);
    for (let i: usize = 0; i < bytes; i += TILE_WIDTH) {
      const ev = v128.load(e + i);
      v128.store(e + i, v128.mul<T>(v128.and(ev, v128.ge<T>(ev, least)), factor));
    }
    factor = Lanes.one<T>();
  }
  v128.store(factors + lane, factor);
}

/** The column of rows whose classes have probabilities, `lane` bytes into the tiles. */
function SOFT_COLUMN<T extends number, L extends SoftmaxOp<T>>(lane: usize, value: usize): void {
  const x = xTile + lane;
  const e = eTile + lane;
  const bytes = classes * TILE_WIDTH;
  const m = v128.load(ranges + lane);
  const one = Lanes.indexSplat<T>(1);
  let index = Lanes.zero();
  let t = tTile ? tTile + lane : 0;
  let w = weights;
  let othersLow = Lanes.zero(); // Σ a below the maximum
  let othersHigh = Lanes.zero();
  let tiedLow = Lanes.zero(); // Σ a at the maximum
  let tiedHigh = Lanes.zero();
  let weightedLow = Lanes.zero(); // Σ a (m − x)
  let weightedHigh = Lanes.zero();
  for (let i: usize = 0; i < bytes; i += TILE_WIDTH) {
    const xv = v128.load(x + i);
    const tie = v128.eq<T>(xv, m);
    const a = Coefficient.soft<T>(t, w, Lanes.indexEq<T>(index, labels));
    const below = v128.andnot(a, tie);
    const top = v128.and(a, tie);
    const cost = v128.andnot(v128.mul<T>(a, v128.sub<T>(m, xv)), v128.eq<T>(a, Lanes.zero()));
    othersLow = v128.add<f64>(othersLow, Wide.low<T>(below));
    tiedLow = v128.add<f64>(tiedLow, Wide.low<T>(top));
    weightedLow = v128.add<f64>(weightedLow, Wide.low<T>(cost));
    if (sizeof<T>() == 4) {
      othersHigh = v128.add<f64>(othersHigh, Wide.high<T>(below));
      tiedHigh = v128.add<f64>(tiedHigh, Wide.high<T>(top));
      weightedHigh = v128.add<f64>(weightedHigh, Wide.high<T>(cost));
    }
    if (t) t += TILE_WIDTH;
    if (w) w += sizeof<T>();
    index = Lanes.indexAdd<T>(index, one);
  }
  const others = Wide.narrow<T>(othersLow, othersHigh);
  const tied = Wide.narrow<T>(tiedLow, tiedHigh);
  const total = Wide.narrow<T>(v128.add<f64>(othersLow, tiedLow), v128.add<f64>(othersHigh, tiedHigh));
  const rest = v128.add<T>(REST<T>(e, classes), v128.sub<T>(m, m)); // NaN where the maximum is infinite
  KEEP_ROWS<T>(value, rest, total, Wide.narrow<T>(weightedLow, weightedHigh));

  // all gradients in one pass, as each overwrites what the others read
  if (!wantGrad && !wantTarget) return;
  const logZ = changetype<L>(0).loss(Lanes.one<T>(), Lanes.zero(), rest);
  const c = v128.mul<T>(scales, P0);
  t = tTile ? tTile + lane : 0;
  w = weights;
  index = Lanes.zero();
  for (let i: usize = 0; i < bytes; i += TILE_WIDTH) {
    const xv = v128.load(x + i);
    const ev = v128.load(e + i);
    const a = Coefficient.soft<T>(t, w, Lanes.indexEq<T>(index, labels));
    if (wantTarget) {
      const cw = w ? v128.mul<T>(c, Lanes.loadSplat<T>(w)) : c;
      v128.store(t, v128.and(changetype<L>(0).gradTarget(logZ, m, xv, cw), active));
    }
    if (wantGrad) v128.store(e + i, SOFT_GRAD<T, L>(a, ev, v128.eq<T>(xv, m), total, others, tied, rest));
    if (wantHess) v128.store(x + i, COLUMN_HESSIAN<T>(ev, total, rest));
    if (t) t += TILE_WIDTH;
    if (w) w += sizeof<T>();
    index = Lanes.indexAdd<T>(index, one);
  }
}

/** Second derivative of one class of the present column. */
function COLUMN_HESSIAN<T extends number>(e: v128, total: v128, rest: v128): v128 {
  const h = Hessian.of<T>(Hessian.ofSoftmax<T>(e, total, rest));
  return v128.and(v128.mul<T>(h, scales), active);
}

/** Gradient of one class of a soft column. */
function SOFT_GRAD<T extends number, L extends SoftmaxOp<T>>(
  a: v128,
  e: v128,
  tie: v128,
  total: v128,
  others: v128,
  tied: v128,
  rest: v128,
): v128 {
  const sz = v128.div<T>(scales, v128.add<T>(Lanes.one<T>(), rest));
  const k = v128.mul<T>(total, sz);
  const flushed = Lanes.flushBelow<T>(e, Lanes.leastFactor<T>(k));
  const below = changetype<L>(0).grad(flushed, a, k, scales);
  const top = changetype<L>(0).gradAtMax(a, v128.add<T>(others, v128.sub<T>(tied, a)), rest, sz);
  return v128.and(v128.bitselect(top, below, tie), active);
}
