// One row after another, the class axis contiguous and long: three passes over a row that stays in the cache
// (maximum; exponentials and their sum; gradient).

import { Call } from '../call';
import {
  BLOCK,
  CALL_CLASSES,
  CALL_FROM,
  CALL_GRAD_OUTPUT,
  CALL_GRAD0,
  CALL_GRAD1,
  CALL_HESS,
  CALL_IGNORE_INDEX,
  CALL_IN0,
  CALL_IN1,
  CALL_SAMPLE_WEIGHT,
  CALL_SCRATCH,
  CALL_TO,
  CALL_WEIGHT,
  FLAG_INDEX,
  FLAG_SOFT,
  FLAG_VALUE,
  SCRATCH_A,
  SCRATCH_B,
  SCRATCH_C,
  SCRATCH_STACK,
  SCRATCH_TAIL,
  SCRATCH_VALUES,
} from '../generated/abi';
import { APPLY_UNIT, gradScale, hasUnit } from '../gradScale';
import { Exp } from '../math/exp';
import { P0, P1, setParams } from '../params';
import { GROUP, Tree } from '../reduce/tree';
import { Lanes } from '../simd/lanes';
import { Hessian } from './hessian';
import { ROW_LOSSES, SoftmaxOp } from './softmax';

/** Maximum of the n elements at x in every lane; NaNs lose (they reach the result through the sum). */
function ROW_MAX<T extends number>(x: usize, n: usize): v128 {
  let a = Lanes.minusInfinity<T>();
  let b = a;
  let c = a;
  let d = a;
  let left = n * sizeof<T>();
  for (; left >= 64; left -= 64) {
    a = v128.pmax<T>(a, v128.load(x));
    b = v128.pmax<T>(b, v128.load(x, 16));
    c = v128.pmax<T>(c, v128.load(x, 32));
    d = v128.pmax<T>(d, v128.load(x, 48));
    x += 64;
  }
  for (; left >= 16; left -= 16) {
    a = v128.pmax<T>(a, v128.load(x));
    x += 16;
  }
  for (; left; left -= sizeof<T>()) {
    b = v128.pmax<T>(b, Lanes.loadSplat<T>(x));
    x += sizeof<T>();
  }
  return Lanes.foldMax<T>(v128.pmax<T>(v128.pmax<T>(a, b), v128.pmax<T>(c, d)));
}

// Sums of a row, carried from the whole groups to the staged tail: f64x2, and integer lanes for the ties.
let restSum: v128 = i32x4.splat(0);
let tieLanes: v128 = i32x4.splat(0);
let othersSum: v128 = i32x4.splat(0);
let tiesSum: v128 = i32x4.splat(0);
let weightedSum: v128 = i32x4.splat(0);

class ExpSum {
  /** e^(x − m), stored where e is not 0; returned with 0 in the lanes that hold the maximum. */
  @inline static term<T extends number>(x: usize, e: usize, m: v128): v128 {
    const xv = v128.load(x);
    const ev = Exp.flush<T>(v128.sub<T>(xv, m));
    const tie = v128.eq<T>(xv, m);
    tieLanes = Lanes.indexSub<T>(tieLanes, tie);
    if (e) v128.store(e, ev);
    return v128.andnot(ev, tie);
  }
}

/** Adds `groups` groups of eight vectors, a block's partial sum after the other, to restSum and tieLanes. */
function EXP_SUM<T extends number>(x: usize, e: usize, groups: usize, m: v128): void {
  const step: usize = e ? 64 : 0;
  const perBlock = (BLOCK * sizeof<T>()) / GROUP;
  let acc = Lanes.zero();
  for (let g: usize = 1; g <= groups; g++) {
    let sum = Lanes.zero();
    for (let half = 0; half < 2; half++) {
      // four vectors in flight; two halves make the tree of eight
      const a = ExpSum.term<T>(x, e, m);
      const b = ExpSum.term<T>(x + 16, e ? e + 16 : 0, m);
      const c = ExpSum.term<T>(x + 32, e ? e + 32 : 0, m);
      const d = ExpSum.term<T>(x + 48, e ? e + 48 : 0, m);
      sum = v128.add<T>(sum, v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d)));
      x += 64;
      e += step;
    }
    acc = Tree.accumulate<T>(acc, sum);
    if (g % perBlock == 0) {
      restSum = v128.add<f64>(restSum, acc);
      acc = Lanes.zero();
    }
  }
  restSum = v128.add<f64>(restSum, acc);
}

class Scale {
  @inline static vector<T extends number>(e: v128, k: v128, b: v128, least: v128): v128 {
    return v128.sub<T>(v128.mul<T>(Lanes.flushBelow<T>(e, least), k), b);
  }
}

/** out = e·k − b, elementwise; the row's argmax needs nothing special unless it is the target. */
function SCALE<T extends number>(e: usize, k: v128, b: v128, n: usize): void {
  const least = Lanes.leastFactor<T>(k);
  let left = n * sizeof<T>();
  for (; left >= 64; left -= 64) {
    v128.store(e, Scale.vector<T>(v128.load(e), k, b, least));
    v128.store(e, Scale.vector<T>(v128.load(e, 16), k, b, least), 16);
    v128.store(e, Scale.vector<T>(v128.load(e, 32), k, b, least), 32);
    v128.store(e, Scale.vector<T>(v128.load(e, 48), k, b, least), 48);
    e += 64;
  }
  for (; left >= 16; left -= 16) {
    v128.store(e, Scale.vector<T>(v128.load(e), k, b, least));
    e += 16;
  }
  for (; left; left -= sizeof<T>()) {
    Lanes.storeFirst<T>(e, Scale.vector<T>(Lanes.loadSplat<T>(e), k, b, least));
    e += sizeof<T>();
  }
}

/** Gradient with respect to the target alone (and, with c = −1, log-softmax): c·w·(logZ + (m − x)). */
function LOG_PROBABILITY<T extends number, L extends SoftmaxOp<T>>(
  x: usize,
  w: usize,
  out: usize,
  n: usize,
  m: v128,
  logZ: v128,
  c: v128,
): void {
  for (; n >= Lanes.count<T>(); n -= Lanes.count<T>()) {
    let cw = c;
    if (w) {
      cw = v128.mul<T>(c, v128.load(w));
      w += 16;
    }
    v128.store(out, changetype<L>(0).gradTarget(logZ, m, v128.load(x), cw));
    x += 16;
    out += 16;
  }
  for (; n; n--) {
    let cw = c;
    if (w) {
      cw = v128.mul<T>(c, Lanes.loadSplat<T>(w));
      w += sizeof<T>();
    }
    Lanes.storeFirst<T>(out, changetype<L>(0).gradTarget(logZ, m, Lanes.loadSplat<T>(x), cw));
    x += sizeof<T>();
    out += sizeof<T>();
  }
}

class Soft {
  /** w_j ((1 − ε) t_j + ε/C): t from memory, or 1 at the label. P0 = 1 − ε, P1 = ε/C. */
  @inline static coefficient<T extends number>(t: usize, w: usize, label: v128, index: v128): v128 {
    const tv = t ? v128.load(t) : v128.and(Lanes.indexEq<T>(index, label), Lanes.one<T>());
    const a = v128.add<T>(v128.mul<T>(tv, P0), P1);
    return w ? v128.mul<T>(a, v128.load(w)) : a;
  }
}

/** Whether SOFT_SUM adds the target's coefficients in f64 one by one. */
let isWide: bool = false;

/** Adds `groups` groups to all five sums; e^(x − m) goes to e where it is not 0. `ring` holds 4 × GROUP bytes. */
function SOFT_SUM<T extends number>(
  x: usize,
  t: usize,
  w: usize,
  e: usize,
  label: v128,
  first: i32,
  groups: usize,
  m: v128,
  ring: usize,
): void {
  let index = Lanes.indexAdd<T>(Lanes.indexSplat<T>(first), Lanes.iota<T>());
  const step = Lanes.indexSplat<T>(i32(Lanes.count<T>()));
  const perBlock = (BLOCK * sizeof<T>()) / GROUP;
  let rest = Lanes.zero();
  let others = rest;
  let ties = rest;
  let weighted = rest;
  for (let g: usize = 1; g <= groups; g++) {
    for (let i: usize = 0; i < GROUP; i += 16) {
      const xv = v128.load(x + i);
      const d = v128.sub<T>(m, xv);
      const ev = Exp.flush<T>(v128.sub<T>(xv, m));
      const tie = v128.eq<T>(xv, m);
      const a = Soft.coefficient<T>(t ? t + i : 0, w ? w + i : 0, label, index);
      tieLanes = Lanes.indexSub<T>(tieLanes, tie);
      if (e) v128.store(e + i, ev);
      v128.store(ring + i, v128.andnot(ev, tie));
      v128.store(ring + i, v128.andnot(a, tie), 128);
      v128.store(ring + i, v128.and(a, tie), 256);
      v128.store(ring + i, v128.andnot(v128.mul<T>(a, d), v128.eq<T>(a, Lanes.zero())), 384);
      index = Lanes.indexAdd<T>(index, step);
    }
    rest = Tree.accumulate<T>(rest, Tree.load8<T>(ring));
    if (sizeof<T>() == 4 && isWide) {
      for (let i: usize = 0; i < GROUP; i += 16) {
        others = Tree.accumulate<T>(others, v128.load(ring + i, 128));
        ties = Tree.accumulate<T>(ties, v128.load(ring + i, 256));
        weighted = Tree.accumulate<T>(weighted, v128.load(ring + i, 384));
      }
    } else {
      others = Tree.accumulate<T>(others, Tree.load8<T>(ring + 128));
      ties = Tree.accumulate<T>(ties, Tree.load8<T>(ring + 256));
      weighted = Tree.accumulate<T>(weighted, Tree.load8<T>(ring + 384));
    }
    if (g == groups || g % perBlock == 0) {
      // a block's partial sums
      restSum = v128.add<f64>(restSum, rest);
      othersSum = v128.add<f64>(othersSum, others);
      tiesSum = v128.add<f64>(tiesSum, ties);
      weightedSum = v128.add<f64>(weightedSum, weighted);
      rest = Lanes.zero();
      others = rest;
      ties = rest;
      weighted = rest;
    }
    x += GROUP;
    if (t) t += GROUP;
    if (w) w += GROUP;
    if (e) e += GROUP;
  }
}

/**
 * Whether a row's sums may be finite after all: where f32 overflows on the way to a sum that it has, some terms are negative,
 * and so are targets or weights.
 */
function HAS_OVERFLOWED<T extends number>(t: usize, w: usize, classes: usize): bool {
  const sums = v128.add<f64>(weightedSum, v128.add<f64>(othersSum, tiesSum));
  return !Tree.isSettled<T>(Tree.fold(sums)) && (ANY_NEGATIVE(t, classes) || ANY_NEGATIVE(w, classes));
}

/** Whether any of the n f32 at p, which may be not given, has its sign set. */
function ANY_NEGATIVE(p: usize, n: usize): bool {
  let bits: i32 = 0;
  if (p) {
    for (; n; n--) {
      bits |= load<i32>(p);
      p += 4;
    }
  }
  return bits < 0;
}

// What the gradient pass of a soft row needs, in every lane.
let rowRest: v128 = i32x4.splat(0);
let rowLogZ: v128 = i32x4.splat(0);
let rowOthers: v128 = i32x4.splat(0);
let rowTies: v128 = i32x4.splat(0);
let rowScale: v128 = i32x4.splat(0);

/** Both gradients of `bytes` bytes of a soft row. `stored`: grad already holds e^(x − m). */
function SOFT_GRAD<T extends number, L extends SoftmaxOp<T>>(
  x: usize,
  t: usize,
  w: usize,
  grad: usize,
  gradTarget: usize,
  stored: bool,
  label: v128,
  first: i32,
  bytes: usize,
  m: v128,
): void {
  let index = Lanes.indexAdd<T>(Lanes.indexSplat<T>(first), Lanes.iota<T>());
  const step = Lanes.indexSplat<T>(i32(Lanes.count<T>()));
  const total = v128.add<T>(rowOthers, rowTies);
  const sz = v128.div<T>(rowScale, v128.add<T>(Lanes.one<T>(), rowRest));
  const k = v128.mul<T>(total, sz);
  const c = v128.mul<T>(rowScale, P0);
  const least = Lanes.leastFactor<T>(k);
  for (let i: usize = 0; i < bytes; i += 16) {
    const xv = v128.load(x + i);
    const a = Soft.coefficient<T>(t ? t + i : 0, w ? w + i : 0, label, index);
    const ev = stored ? v128.load(grad + i) : Exp.flush<T>(v128.sub<T>(xv, m));
    const below = changetype<L>(0).grad(Lanes.flushBelow<T>(ev, least), a, k, rowScale);
    const others = v128.add<T>(rowOthers, v128.sub<T>(rowTies, a));
    const top = changetype<L>(0).gradAtMax(a, others, rowRest, sz);
    if (gradTarget) {
      const cw = w ? v128.mul<T>(c, v128.load(w + i)) : c;
      v128.store(gradTarget + i, changetype<L>(0).gradTarget(rowLogZ, m, xv, cw));
    }
    v128.store(grad + i, v128.bitselect(top, below, v128.eq<T>(xv, m)));
    index = Lanes.indexAdd<T>(index, step);
  }
}

export function ROWWISE<T extends number, L extends SoftmaxOp<T>>(call: usize): f64 {
  setParams<T>(call);
  Hessian.begin<T>(call);
  const scale = gradScale;
  const first = Call.at(call, CALL_FROM);
  const rows = Call.at(call, CALL_TO);
  const classes = Call.at(call, CALL_CLASSES);
  const scratch = Call.at(call, CALL_SCRATCH);
  const target = Call.at(call, CALL_IN1);
  const w = Call.at(call, CALL_WEIGHT);
  const sampleWeight = Call.at(call, CALL_SAMPLE_WEIGHT);
  const gradOutput = Call.at(call, CALL_GRAD_OUTPUT);
  const none = Call.values(call);
  const ignore = load<i32>(call, CALL_IGNORE_INDEX);
  const hasValue = Call.has(call, FLAG_VALUE);
  const isIndex = Call.has(call, FLAG_INDEX);
  const isSoft = Call.has(call, FLAG_SOFT);
  const size = sizeof<T>();
  const rowBytes = classes * size;
  const perGroup = GROUP / size;
  const groups = classes / perGroup;
  const body = groups * perGroup;
  const rest = classes - body;
  const tail = scratch + SCRATCH_TAIL;
  const ring = tail + 4 * GROUP;
  let x = Call.at(call, CALL_IN0) + first * rowBytes;
  let grad = Call.at(call, CALL_GRAD0);
  let gradTarget = Call.at(call, CALL_GRAD1);
  let hess = Call.at(call, CALL_HESS);
  if (grad) grad += first * rowBytes;
  if (gradTarget) gradTarget += first * rowBytes;
  if (hess) hess += first * rowBytes;

  for (let from = first; from < rows; from += BLOCK) {
    const m = min(BLOCK, rows - from);
    for (let i: usize = 0; i < m; i++) {
      const row = from + i;
      let label: i32 = -1;
      let s = scale;
      let sw = Lanes.one<T>();
      let active = true;
      if (isIndex) {
        label = load<i32>(target + 4 * row);
        active = label != ignore && u32(label) < u32(classes);
      }
      if (sampleWeight) {
        sw = Lanes.loadSplat<T>(sampleWeight + row * size);
        s = v128.mul<T>(s, sw);
        active = active && Lanes.first<T>(sw) != 0;
      }
      if (gradOutput) s = v128.mul<T>(s, Lanes.loadSplat<T>(gradOutput + row * size));
      let restV = Lanes.zero();
      let total = Lanes.zero();
      let weighted = Lanes.zero();

      if (!active) {
        sw = Lanes.one<T>();
        if (grad) Lanes.fill<T>(grad, Lanes.zero(), classes);
        if (gradTarget) Lanes.fill<T>(gradTarget, Lanes.zero(), classes);
        if (hess) Lanes.fill<T>(hess, Lanes.zero(), classes);
      } else {
        const max = ROW_MAX<T>(x, classes);
        restSum = Lanes.zero();
        tieLanes = Lanes.zero();
        if (isSoft) {
          othersSum = Lanes.zero();
          tiesSum = Lanes.zero();
          weightedSum = Lanes.zero();
          const t: usize = isIndex ? 0 : target + row * rowBytes;
          // e is kept in grad for the second pass unless that would overwrite an operand which it still needs
          const stored = grad != 0 && gradTarget == 0 && grad != x && grad != t;
          const labelV = Lanes.indexSplat<T>(label);
          SOFT_SUM<T>(x, t, w, stored ? grad : 0, labelV, 0, groups, max, ring);
          if (rest) {
            // the padding's logit is −inf and its coefficient 0 (through a weight of 0)
            const at = body * size;
            Lanes.fill<T>(tail, Lanes.minusInfinity<T>(), perGroup);
            Lanes.fill<T>(tail + GROUP, Lanes.zero(), 2 * perGroup);
            Lanes.copy<T>(tail, x + at, rest);
            if (t) Lanes.copy<T>(tail + GROUP, t + at, rest);
            if (w) Lanes.copy<T>(tail + 2 * GROUP, w + at, rest);
            else Lanes.fill<T>(tail + 2 * GROUP, Lanes.one<T>(), rest);
            SOFT_SUM<T>(
              tail,
              t ? tail + GROUP : 0,
              tail + 2 * GROUP,
              stored ? tail + 3 * GROUP : 0,
              labelV,
              i32(body),
              1,
              max,
              ring,
            );
            if (stored) Lanes.copy<T>(grad + at, tail + 3 * GROUP, rest);
          }
          if (HAS_OVERFLOWED<T>(t, w, classes)) {
            isWide = true;
            restSum = Lanes.zero();
            tieLanes = Lanes.zero();
            othersSum = Lanes.zero();
            tiesSum = Lanes.zero();
            weightedSum = Lanes.zero();
            SOFT_SUM<T>(x, t, w, 0, labelV, 0, groups, max, ring);
            if (rest)
              SOFT_SUM<T>(tail, t ? tail + GROUP : 0, tail + 2 * GROUP, 0, labelV, i32(body), 1, max, ring);
            isWide = false;
          }
          const self = v128.sub<T>(max, max);
          restV = v128.add<T>(Lanes.splat<T>(Tree.fold(restSum) + (Lanes.indexFold<T>(tieLanes) - 1)), self);
          const others = Tree.fold(othersSum);
          const ties = Tree.fold(tiesSum);
          total = Lanes.splat<T>(others + ties);
          weighted = Lanes.splat<T>(Tree.fold(weightedSum));
          if (hess) {
            Hessian.exps<T>(x, hess, classes, max);
            Hessian.row<T>(hess, hess, classes, total, restV, s);
          }
          if (grad | gradTarget) {
            rowRest = restV;
            rowOthers = Lanes.splat<T>(others);
            rowTies = Lanes.splat<T>(ties);
            rowScale = s;
            rowLogZ = changetype<L>(0).loss(Lanes.one<T>(), Lanes.zero(), restV);
            if (!grad) {
              LOG_PROBABILITY<T, L>(x, w, gradTarget, classes, max, rowLogZ, v128.mul<T>(s, P0));
            } else {
              const whole = rowBytes & ~15;
              SOFT_GRAD<T, L>(x, t, w, grad, gradTarget, stored, labelV, 0, whole, max);
              const left = (rowBytes - whole) / size;
              if (left) {
                v128.store(tail, Lanes.minusInfinity<T>());
                Lanes.copy<T>(tail, x + whole, left);
                if (t) Lanes.copy<T>(tail + 16, t + whole, left);
                if (w) Lanes.copy<T>(tail + 32, w + whole, left);
                if (stored) Lanes.copy<T>(tail + 48, grad + whole, left);
                SOFT_GRAD<T, L>(
                  tail,
                  t ? tail + 16 : 0,
                  w ? tail + 32 : 0,
                  tail + 48,
                  gradTarget ? tail + 64 : 0,
                  stored,
                  labelV,
                  i32(classes - left),
                  16,
                  max,
                );
                if (gradTarget) Lanes.copy<T>(gradTarget + whole, tail + 64, left);
                Lanes.copy<T>(grad + whole, tail + 48, left);
              }
            }
          }
        } else {
          // one target class, or none at all (softmax, logSoftmax, logSumExp)
          let a = Lanes.one<T>();
          let distance = max;
          let at: usize = 0;
          if (isIndex) {
            at = usize(label) * size;
            if (w) a = Lanes.loadSplat<T>(w + at);
            distance = v128.sub<T>(max, Lanes.loadSplat<T>(x + at));
          }
          EXP_SUM<T>(x, grad, groups, max);
          if (rest) {
            Lanes.fill<T>(tail, Lanes.minusInfinity<T>(), perGroup);
            Lanes.copy<T>(tail, x + body * size, rest);
            EXP_SUM<T>(tail, grad ? tail + GROUP : 0, 1, max);
            if (grad) Lanes.copy<T>(grad + body * size, tail + GROUP, rest);
          }
          restV = Lanes.splat<T>(Tree.fold(restSum) + (Lanes.indexFold<T>(tieLanes) - 1));
          // NaN where the maximum is infinite, but for logSumExp, which is the maximum there
          if (isIndex || !hasValue) restV = v128.add<T>(restV, v128.sub<T>(max, max));
          total = a;
          weighted = v128.andnot(v128.mul<T>(a, distance), v128.eq<T>(a, Lanes.zero()));
          if (hess) Hessian.row<T>(grad, hess, classes, a, restV, s);
          if (grad) {
            const sz = v128.div<T>(s, v128.add<T>(Lanes.one<T>(), restV));
            const k = v128.mul<T>(a, sz);
            const e = grad + at;
            const own = Lanes.flushBelow<T>(Lanes.loadSplat<T>(e), Lanes.leastFactor<T>(k));
            const below = changetype<L>(0).grad(own, a, k, s);
            const top = changetype<L>(0).gradAtMax(a, v128.sub<T>(a, a), restV, sz);
            const tie = v128.eq<T>(distance, Lanes.zero());
            SCALE<T>(grad, k, v128.mul<T>(Lanes.zero(), s), classes);
            if (isIndex) Lanes.storeFirst<T>(e, v128.bitselect(top, below, tie));
          }
          if (gradTarget) {
            const logZ = changetype<L>(0).loss(Lanes.one<T>(), Lanes.zero(), restV);
            LOG_PROBABILITY<T, L>(x, 0, gradTarget, classes, max, logZ, s);
          }
        }
      }
      if (hasValue) {
        Lanes.storeFirst<T>(scratch + SCRATCH_A + i * size, restV);
        Lanes.storeFirst<T>(scratch + SCRATCH_B + i * size, v128.mul<T>(total, sw));
        Lanes.storeFirst<T>(scratch + SCRATCH_C + i * size, v128.mul<T>(weighted, sw));
      }
      if (sizeof<T>() == 4 && hasUnit) {
        if (grad) APPLY_UNIT<T>(grad, classes);
        if (gradTarget) APPLY_UNIT<T>(gradTarget, classes);
        if (hess) APPLY_UNIT<T>(hess, classes);
      }
      x += rowBytes;
      if (grad) grad += rowBytes;
      if (gradTarget) gradTarget += rowBytes;
      if (hess) hess += rowBytes;
    }
    if (hasValue) {
      ROW_LOSSES<T, L>(scratch, m);
      if (none) Lanes.copy<T>(none + from * size, scratch + SCRATCH_VALUES, m);
      else Tree.push(scratch + SCRATCH_STACK, from / BLOCK, Tree.block<T>(scratch + SCRATCH_VALUES, m));
    }
  }
  return none || !hasValue ? 0 : Call.reduced(call, Tree.total(scratch + SCRATCH_STACK, Tree.blocks(rows)));
}
