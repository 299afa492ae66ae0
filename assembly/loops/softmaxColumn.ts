// The column of a loss over softmax: maximum, exponentials and their sum, gradient.
import { SCRATCH_A, SCRATCH_B, SCRATCH_C, TILE_WIDTH } from '../generated/abi';
import { unit } from '../gradScale';
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
  isIndex,
  isSoft,
  labels,
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

export class SoftmaxColumn<T extends number, L extends SoftmaxOp<T>> extends Column<T> {
  run(lane: usize, value: usize): void {
    COLUMN<T, L>(lane, value);
  }

  losses(p: usize, n: usize): void {
    ROW_LOSSES<T, L>(p, n);
  }
}

/** Σ over the classes of the column at e (zero rows pad it to whole groups of eight), per lane. */
function COLUMN_SUM<T extends number>(e: usize, classes: usize): v128 {
  let low = Lanes.zero();
  let high = Lanes.zero();
  for (let left = isize(classes); left > 0; left -= 8) {
    // adding the zeros of a shorter column changes no bit, so that 2 classes, or 10, may leave them out
    let sum = v128.add<T>(v128.load(e), v128.load(e, 64));
    if (left > 2) {
      sum = v128.add<T>(
        v128.add<T>(sum, v128.add<T>(v128.load(e, 128), v128.load(e, 192))),
        v128.add<T>(
          v128.add<T>(v128.load(e, 256), v128.load(e, 320)),
          v128.add<T>(v128.load(e, 384), v128.load(e, 448)),
        ),
      );
    }
    low = v128.add<f64>(low, Wide.low<T>(sum));
    if (sizeof<T>() == 4) high = v128.add<f64>(high, Wide.high<T>(sum));
    e += 8 * TILE_WIDTH;
  }
  return Wide.narrow<T>(low, high);
}

/** What ROW_LOSSES needs; zeros for rows that do not count. */
function KEEP_ROWS<T extends number>(value: usize, rest: v128, total: v128, weighted: v128): void {
  v128.store(value, v128.and(rest, active), SCRATCH_A);
  v128.store(value, v128.and(v128.mul<T>(total, sampleWeights), active), SCRATCH_B);
  v128.store(value, v128.and(v128.mul<T>(weighted, sampleWeights), active), SCRATCH_C);
}

/** The element at p + stride · label for each lane's label, lane i's `step` · i bytes further. */
function PICK_LANES<T extends number>(p: usize, stride: usize, step: usize, labels: usize): v128 {
  if (sizeof<T>() == 8) {
    const v = v128.load_zero<i64>(p + LABEL(labels) * stride);
    return v128.load_lane<i64>(p + step + LABEL(labels + 4) * stride, v, 1);
  }
  let v = v128.load_zero<i32>(p + LABEL(labels) * stride);
  p += step;
  v = v128.load_lane<i32>(p + LABEL(labels + 4) * stride, v, 1);
  p += step;
  v = v128.load_lane<i32>(p + LABEL(labels + 8) * stride, v, 2);
  p += step;
  return v128.load_lane<i32>(p + LABEL(labels + 12) * stride, v, 3);
}

/** Whatever is at p, a class: labels of rows that do not count may be anything. */
function LABEL(p: usize): usize {
  return min<u32>(load<u32>(p), u32(classes) - 1);
}

/** `lane` bytes into the tiles. */
function COLUMN<T extends number, L extends SoftmaxOp<T>>(lane: usize, value: usize): void {
  const x = xTile + lane;
  const e = eTile + lane;
  const t = tTile ? tTile + lane : 0;
  const w = weights;
  const end = x + classes * TILE_WIDTH;
  const one = Lanes.indexSplat<T>(1);
  let m = Lanes.minusInfinity<T>();
  for (let p = x; p < end; p += TILE_WIDTH) m = v128.pmax<T>(m, v128.load(p));

  let ties = Lanes.zero(); // lanes with x = m, as integers
  let total = Lanes.one<T>(); // Σ a
  let weighted = m; // Σ a (m − x); without a target m itself, which makes the loss logSumExp
  let others = Lanes.zero(); // Σ a below the maximum
  let tied = Lanes.zero(); // Σ a at the maximum
  let index = Lanes.zero();
  let ep = e;
  let tp = t;
  let wp = w;
  if (isSoft) {
    let othersLow = Lanes.zero();
    let othersHigh = Lanes.zero();
    let tiedLow = Lanes.zero();
    let tiedHigh = Lanes.zero();
    let weightedLow = Lanes.zero();
    let weightedHigh = Lanes.zero();
    for (let p = x; p < end; p += TILE_WIDTH) {
      const xv = v128.load(p);
      const tie = v128.eq<T>(xv, m);
      const a = Coefficient.soft<T>(tp, wp, Lanes.indexEq<T>(index, labels));
      v128.store(ep, v128.andnot(Exp.flush<T>(v128.sub<T>(xv, m)), tie));
      ties = Lanes.indexSub<T>(ties, tie);
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
      ep += TILE_WIDTH;
      if (tp) tp += TILE_WIDTH;
      if (wp) wp += sizeof<T>();
      index = Lanes.indexAdd<T>(index, one);
    }
    others = Wide.narrow<T>(othersLow, othersHigh);
    tied = Wide.narrow<T>(tiedLow, tiedHigh);
    total = Wide.narrow<T>(v128.add<f64>(othersLow, tiedLow), v128.add<f64>(othersHigh, tiedHigh));
    weighted = Wide.narrow<T>(weightedLow, weightedHigh);
  } else {
    for (let p = x; p < end; p += TILE_WIDTH) {
      const xv = v128.load(p);
      const tie = v128.eq<T>(xv, m);
      v128.store(ep, v128.andnot(Exp.flush<T>(v128.sub<T>(xv, m)), tie));
      ties = Lanes.indexSub<T>(ties, tie);
      ep += TILE_WIDTH;
    }
    if (isIndex) {
      // the label's logit by its address: comparing every class with the labels costs four instructions a class
      if (w) total = PICK_LANES<T>(w, sizeof<T>(), 0, columnLabels);
      const own = PICK_LANES<T>(x, TILE_WIDTH, sizeof<T>(), columnLabels);
      v128.store(columnGrads, own); // for the gradient, which takes its place
      weighted = v128.mul<T>(total, v128.sub<T>(m, own));
      weighted = v128.andnot(weighted, v128.eq<T>(total, Lanes.zero()));
    }
  }

  const more = Lanes.indexToFloat<T>(Lanes.indexSub<T>(ties, one));
  let rest = v128.add<T>(COLUMN_SUM<T>(e, classes), more);
  // NaN where the maximum is infinite, but for logSumExp, which is the maximum there
  if (isIndex || isSoft || wantGrad || wantTarget) rest = v128.add<T>(rest, v128.sub<T>(m, m));

  if (wantTarget) {
    const logZ = changetype<L>(0).loss(Lanes.one<T>(), Lanes.zero(), rest);
    const c = isSoft ? v128.mul<T>(scales, P0) : scales;
    if (isSoft) {
      // both gradients in one pass, as each overwrites what the other reads
      let p = x;
      wp = w;
      tp = t;
      for (let q = e; p < end; q += TILE_WIDTH) {
        const cw = wp ? v128.mul<T>(c, Lanes.loadSplat<T>(wp)) : c;
        const xv = v128.load(p);
        const g = v128.and(changetype<L>(0).gradTarget(logZ, m, xv, cw), active);
        const a = Coefficient.soft<T>(tp, wp, Lanes.zero());
        v128.store(tp, g);
        if (wantGrad)
          v128.store(p, SOFT_GRAD<T, L>(a, v128.load(q), v128.eq<T>(xv, m), total, others, tied, rest));
        p += TILE_WIDTH;
        tp += TILE_WIDTH;
        if (wp) wp += sizeof<T>();
      }
    } else {
      for (let p = x; p < end; p += TILE_WIDTH) {
        const g = changetype<L>(0).gradTarget(logZ, m, v128.load(p), c);
        v128.store(p, v128.and(g, active));
      }
    }
  } else if (wantGrad) {
    index = Lanes.zero();
    ep = e;
    if (isSoft) {
      tp = t;
      wp = w;
      for (let p = x; p < end; p += TILE_WIDTH) {
        const a = Coefficient.soft<T>(tp, wp, Lanes.indexEq<T>(index, labels));
        const tie = v128.eq<T>(v128.load(p), m);
        const e = v128.load(ep);
        v128.store(p, SOFT_GRAD<T, L>(a, e, tie, total, others, tied, rest));
        if (wantHess)
          v128.store(ep, COLUMN_HESSIAN<T>(v128.or(e, v128.and(tie, Lanes.one<T>())), total, rest));
        ep += TILE_WIDTH;
        if (tp) tp += TILE_WIDTH;
        if (wp) wp += sizeof<T>();
        index = Lanes.indexAdd<T>(index, one);
      }
    } else {
      const sz = v128.div<T>(scales, v128.add<T>(Lanes.one<T>(), rest));
      const k = v128.mul<T>(total, sz);
      const least = Lanes.leastFactor<T>(k);
      if (isIndex) {
        const own = v128.load(columnGrads);
        const flushed = Lanes.flushBelow<T>(PICK_LANES<T>(e, TILE_WIDTH, sizeof<T>(), columnLabels), least);
        const below = changetype<L>(0).grad(flushed, total, k, scales);
        const small = Lanes.flushBelow<T>(rest, least);
        const top = changetype<L>(0).gradAtMax(total, v128.sub<T>(total, total), small, sz);
        const g = v128.mul<T>(v128.bitselect(top, below, v128.eq<T>(own, m)), unit);
        v128.store(columnGrads, v128.and(g, active));
      }
      // NaN where the upstream gradient is no number; 0, and an infinite least e, in rows that do not count
      const factor = v128.and(v128.sub<T>(k, v128.mul<T>(Lanes.zero(), scales)), active);
      const leastCounted = Lanes.leastFactor<T>(factor);
      for (let p = x; p < end; p += TILE_WIDTH) {
        const tie = v128.eq<T>(v128.load(p), m);
        const ev = v128.or(v128.load(ep), v128.and(tie, Lanes.one<T>()));
        v128.store(p, v128.mul<T>(v128.and(ev, v128.ge<T>(ev, leastCounted)), factor));
        if (wantHess) v128.store(ep, COLUMN_HESSIAN<T>(ev, total, rest));
        ep += TILE_WIDTH;
      }
    }
  }
  KEEP_ROWS<T>(value, rest, total, weighted);
}

/** Second derivative of one class of the present column. */
function COLUMN_HESSIAN<T extends number>(e: v128, total: v128, rest: v128): v128 {
  const h = Hessian.of<T>(Hessian.ofSoftmax<T>(e, total, rest));
  return v128.and(v128.mul<T>(h, scales), active);
}

/** Gradient of one class of a soft column; e is 0 in the lanes of `tie`. */
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
