// A row with one target class, or with none at all (softmax, logSoftmax, logSumExp).

import { BLOCK } from '../generated/abi';
import { Exp } from '../math/exp';
import { GROUP, Tree } from '../reduce/tree';
import { Lanes } from '../simd/lanes';
import { Hessian } from './hessian';
import { LogProbability } from './logProbability';
import * as row from './row';
import { FIND_MAX, LEAST_EXP, RANGE, rowMax } from './rowRange';
import { SoftmaxOp } from './softmax';

// Σ e^(x − m) without one maximum, carried from span to span of the row's groups: f64x2 of whole blocks and of the present one,
// and integer lanes for the maxima that were left out.
let restSum: v128 = i32x4.splat(0);
let blockSum: v128 = i32x4.splat(0);
let tieLanes: v128 = i32x4.splat(0);

/** What is summed beside the exponentials of a row. */
export abstract class Beside<T extends number> {
  /** Of four vectors at x, m their row's maximum: e^(x − m), 0 where a maximum is left out. */
  abstract add(x: usize, m: v128, a: v128, b: v128, c: v128, d: v128): void;
}

class Nothing<T extends number> extends Beside<T> {
  @inline add(x: usize, m: v128, a: v128, b: v128, c: v128, d: v128): void {}
}

class ExpSum {
  /** e^(x − m), stored where e is not 0. */
  @inline static vector<T extends number>(x: usize, e: usize, m: v128, GUARD: bool): v128 {
    const d = v128.sub<T>(v128.load(x), m);
    const ev = GUARD ? Exp.coarseFlush<T>(d) : Exp.coarse<T>(d);
    if (e) v128.store(e, ev);
    return ev;
  }

  /** The same, returned with 0 in the lanes that hold the maximum, which are counted. */
  @inline static withoutMax<T extends number>(x: usize, e: usize, m: v128): v128 {
    const tie = v128.eq<T>(v128.load(x), m);
    tieLanes = Lanes.indexSub<T>(tieLanes, tie);
    return v128.andnot(ExpSum.vector<T>(x, e, m, true), tie);
  }

  /** Adds the groups from `from` to before `to` of the row at x. */
  @inline static span<T extends number, K extends Beside<T>>(
    x: usize,
    e: usize,
    from: usize,
    to: usize,
    m: v128,
    GUARD: bool,
    TIES: bool,
  ): void {
    const perBlock = (BLOCK * sizeof<T>()) / GROUP;
    const step: usize = e ? 64 : 0;
    let acc = blockSum;
    x += from * GROUP;
    if (e) e += from * GROUP;
    while (from < to) {
      let sum = Lanes.zero();
      for (let half = 0; half < 2; half++) {
        // four vectors in flight; two halves make the tree of eight
        const a = TIES ? ExpSum.withoutMax<T>(x, e, m) : ExpSum.vector<T>(x, e, m, GUARD);
        const b = TIES
          ? ExpSum.withoutMax<T>(x + 16, e ? e + 16 : 0, m)
          : ExpSum.vector<T>(x + 16, e ? e + 16 : 0, m, GUARD);
        const c = TIES
          ? ExpSum.withoutMax<T>(x + 32, e ? e + 32 : 0, m)
          : ExpSum.vector<T>(x + 32, e ? e + 32 : 0, m, GUARD);
        const d = TIES
          ? ExpSum.withoutMax<T>(x + 48, e ? e + 48 : 0, m)
          : ExpSum.vector<T>(x + 48, e ? e + 48 : 0, m, GUARD);
        sum = v128.add<T>(sum, v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d)));
        changetype<K>(0).add(x, m, a, b, c, d);
        x += 64;
        e += step;
      }
      acc = Tree.accumulate<T>(acc, sum);
      if (++from % perBlock == 0) {
        restSum = v128.add<f64>(restSum, acc);
        acc = Lanes.zero();
      }
    }
    blockSum = acc;
  }
}

function SPAN<T extends number, K extends Beside<T>>(x: usize, e: usize, from: usize, to: usize): void {
  ExpSum.span<T, K>(x, e, from, to, rowMax, false, false);
}

function SPAN_GUARDED<T extends number, K extends Beside<T>>(
  x: usize,
  e: usize,
  from: usize,
  to: usize,
): void {
  ExpSum.span<T, K>(x, e, from, to, rowMax, true, false);
}

function SPAN_TIES<T extends number, K extends Beside<T>>(x: usize, e: usize, from: usize, to: usize): void {
  ExpSum.span<T, K>(x, e, from, to, rowMax, true, true);
}

class Scale {
  @inline static vector<T extends number>(e: v128, k: v128, b: v128, least: v128, GUARD: bool): v128 {
    if (!GUARD) return v128.mul<T>(e, k);
    return v128.sub<T>(v128.mul<T>(Lanes.flushBelow<T>(e, least), k), b);
  }

  /** e = e·k − b, elementwise, and without the guard e·k. */
  @inline static span<T extends number>(e: usize, k: v128, b: v128, n: usize, GUARD: bool): void {
    const least = Lanes.leastFactor<T>(k);
    let left = n * sizeof<T>();
    for (; left >= 64; left -= 64) {
      v128.store(e, Scale.vector<T>(v128.load(e), k, b, least, GUARD));
      v128.store(e, Scale.vector<T>(v128.load(e, 16), k, b, least, GUARD), 16);
      v128.store(e, Scale.vector<T>(v128.load(e, 32), k, b, least, GUARD), 32);
      v128.store(e, Scale.vector<T>(v128.load(e, 48), k, b, least, GUARD), 48);
      e += 64;
    }
    for (; left >= 16; left -= 16) {
      v128.store(e, Scale.vector<T>(v128.load(e), k, b, least, GUARD));
      e += 16;
    }
    for (; left; left -= sizeof<T>()) {
      Lanes.storeFirst<T>(e, Scale.vector<T>(Lanes.loadSplat<T>(e), k, b, least, GUARD));
      e += sizeof<T>();
    }
  }
}

/** For rows whose products are normal numbers all. */
function SCALE<T extends number>(e: usize, k: v128, n: usize): void {
  Scale.span<T>(e, k, k, n, false);
}

function SCALE_GUARDED<T extends number>(e: usize, k: v128, b: v128, n: usize): void {
  Scale.span<T>(e, k, b, n, true);
}

/**
 * e^(x − m) to the gradient, where there is one, and Σ over the others than one maximum. Only the group that holds the first
 * maximum looks for ties: every other maximum adds 1, exactly. Where the maximum is infinite, those would be NaN, and all groups
 * look.
 */
export function EXPS<T extends number, K extends Beside<T>>(isNear: bool): v128 {
  const perGroup = GROUP / sizeof<T>();
  const groups = row.body / perGroup;
  const left = row.classes - row.body;
  const x = row.x;
  const e = row.grad;
  restSum = Lanes.zero();
  blockSum = Lanes.zero();
  tieLanes = Lanes.zero();
  const hasMax = Lanes.first<T>(v128.sub<T>(rowMax, rowMax)) == 0;
  const top = hasMax ? FIND_MAX<T>(x, groups) : 0;
  const after = hasMax ? min(top + 1, groups) : groups;
  if (isNear) {
    SPAN<T, K>(x, e, 0, top);
    SPAN_TIES<T, K>(x, e, top, after);
    SPAN<T, K>(x, e, after, groups);
  } else {
    SPAN_GUARDED<T, K>(x, e, 0, top);
    SPAN_TIES<T, K>(x, e, top, after);
    SPAN_GUARDED<T, K>(x, e, after, groups);
  }
  if (left) {
    const tail = row.tail;
    const tailE = e ? tail + GROUP : 0;
    Lanes.fill<T>(tail, Lanes.minusInfinity<T>(), perGroup);
    Lanes.copy<T>(tail, x + row.body * sizeof<T>(), left);
    if (top < groups && hasMax) SPAN_GUARDED<T, K>(tail, tailE, 0, 1);
    else SPAN_TIES<T, K>(tail, tailE, 0, 1);
    if (e) Lanes.copy<T>(e + row.body * sizeof<T>(), tailE, left);
  }
  const sum = Tree.fold(v128.add<f64>(restSum, blockSum));
  return Lanes.splat<T>(sum + TIES<T>());
}

/** How many maxima but one EXPS has left out of what was summed beside. */
export function TIES<T extends number>(): f64 {
  return Lanes.indexFold<T>(tieLanes) - 1;
}

/** The gradient from e^(x − m), which is in its place; a: the label's weight, `distance` how far it is below the maximum. */
function GRAD<T extends number, L extends SoftmaxOp<T>>(
  a: v128,
  distance: v128,
  rest: v128,
  leastExp: v128,
): void {
  const s = row.scale;
  const sz = v128.div<T>(s, v128.add<T>(Lanes.one<T>(), rest));
  const k = v128.mul<T>(a, sz);
  const e = row.isIndex ? row.grad + usize(row.label) * sizeof<T>() : row.grad;
  const own = Lanes.flushBelow<T>(Lanes.loadSplat<T>(e), Lanes.leastFactor<T>(k));
  const below = changetype<L>(0).grad(own, a, k, s);
  const top = changetype<L>(0).gradAtMax(a, v128.sub<T>(a, a), rest, sz);
  const isTop = v128.eq<T>(distance, Lanes.zero());
  // half of it: e^x is monotonous but for its rounding
  const isNormal = v128.ge<T>(v128.mul<T>(leastExp, Lanes.half<T>()), Lanes.leastFactor<T>(k));
  if (v128.any_true(isNormal)) SCALE<T>(row.grad, k, row.classes);
  else SCALE_GUARDED<T>(row.grad, k, v128.mul<T>(Lanes.zero(), s), row.classes);
  if (row.isIndex) Lanes.storeFirst<T>(e, v128.bitselect(top, below, isTop));
}

export function HARD_ROW<T extends number, L extends SoftmaxOp<T>>(hasValue: bool): void {
  const x = row.x;
  RANGE<T>(x, row.classes);
  const max = rowMax;
  const leastExp = LEAST_EXP<T>();
  let a = Lanes.one<T>();
  let distance = max; // without a target, which makes the loss logSumExp
  if (row.isIndex) {
    const at = usize(row.label) * sizeof<T>();
    if (row.weights) a = Lanes.loadSplat<T>(row.weights + at);
    distance = v128.sub<T>(max, Lanes.loadSplat<T>(x + at));
  }
  let rest = EXPS<T, Nothing<T>>(v128.any_true(leastExp));
  // NaN where the maximum is infinite, but for logSumExp, which is the maximum there
  if (row.isIndex || !hasValue) rest = v128.add<T>(rest, v128.sub<T>(max, max));
  if (row.hess) Hessian.row<T>(row.grad, row.hess, row.classes, a, rest, row.scale);
  if (row.grad) GRAD<T, L>(a, distance, rest, leastExp);
  if (row.gradTarget) {
    const logZ = changetype<L>(0).loss(Lanes.one<T>(), Lanes.zero(), rest);
    LogProbability.row<T, L>(x, 0, row.gradTarget, row.classes, max, logZ, row.scale);
  }
  row.Terms.keep(rest, a, v128.andnot(v128.mul<T>(a, distance), v128.eq<T>(a, Lanes.zero())));
}
