// A row with one target class, or with none at all (softmax, logSoftmax, logSumExp).

import { BLOCK } from '../generated/abi';
import { Exp } from '../math/exp';
import { GROUP, Tree } from '../reduce/tree';
import { Lanes } from '../simd/lanes';
import { Hessian } from './hessian';
import { LogProbability } from './logProbability';
import * as row from './row';
import { ROW_MAX } from './rowMax';
import { SoftmaxOp } from './softmax';

// Sums of the row, carried from the whole groups to the staged tail: f64x2, and integer lanes for the ties.
let restSum: v128 = i32x4.splat(0);
let tieLanes: v128 = i32x4.splat(0);

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

/** e^(x − m) to the gradient, where there is one, and Σ over those that are not the maximum + (ties − 1). */
function EXPS<T extends number>(m: v128): v128 {
  const perGroup = GROUP / sizeof<T>();
  restSum = Lanes.zero();
  tieLanes = Lanes.zero();
  EXP_SUM<T>(row.x, row.grad, row.body / perGroup, m);
  const left = row.classes - row.body;
  if (left) {
    const e = row.grad ? row.tail + GROUP : 0;
    Lanes.fill<T>(row.tail, Lanes.minusInfinity<T>(), perGroup);
    Lanes.copy<T>(row.tail, row.x + row.body * sizeof<T>(), left);
    EXP_SUM<T>(row.tail, e, 1, m);
    if (e) Lanes.copy<T>(row.grad + row.body * sizeof<T>(), e, left);
  }
  return Lanes.splat<T>(Tree.fold(restSum) + (Lanes.indexFold<T>(tieLanes) - 1));
}

/** The gradient from e^(x − m), which is in its place; a: the label's weight, `distance` how far it is below the maximum. */
function GRAD<T extends number, L extends SoftmaxOp<T>>(a: v128, distance: v128, rest: v128): void {
  const s = row.scale;
  const sz = v128.div<T>(s, v128.add<T>(Lanes.one<T>(), rest));
  const k = v128.mul<T>(a, sz);
  const e = row.isIndex ? row.grad + usize(row.label) * sizeof<T>() : row.grad;
  const own = Lanes.flushBelow<T>(Lanes.loadSplat<T>(e), Lanes.leastFactor<T>(k));
  const below = changetype<L>(0).grad(own, a, k, s);
  const top = changetype<L>(0).gradAtMax(a, v128.sub<T>(a, a), rest, sz);
  const isTop = v128.eq<T>(distance, Lanes.zero());
  SCALE<T>(row.grad, k, v128.mul<T>(Lanes.zero(), s), row.classes);
  if (row.isIndex) Lanes.storeFirst<T>(e, v128.bitselect(top, below, isTop));
}

export function HARD_ROW<T extends number, L extends SoftmaxOp<T>>(hasValue: bool): void {
  const x = row.x;
  const max = ROW_MAX<T>(x, row.classes);
  let a = Lanes.one<T>();
  let distance = max; // without a target, which makes the loss logSumExp
  if (row.isIndex) {
    const at = usize(row.label) * sizeof<T>();
    if (row.weights) a = Lanes.loadSplat<T>(row.weights + at);
    distance = v128.sub<T>(max, Lanes.loadSplat<T>(x + at));
  }
  let rest = EXPS<T>(max);
  // NaN where the maximum is infinite, but for logSumExp, which is the maximum there
  if (row.isIndex || !hasValue) rest = v128.add<T>(rest, v128.sub<T>(max, max));
  if (row.hess) Hessian.row<T>(row.grad, row.hess, row.classes, a, rest, row.scale);
  if (row.grad) GRAD<T, L>(a, distance, rest);
  if (row.gradTarget) {
    const logZ = changetype<L>(0).loss(Lanes.one<T>(), Lanes.zero(), rest);
    LogProbability.row<T, L>(x, 0, row.gradTarget, row.classes, max, logZ, row.scale);
  }
  row.Terms.keep(rest, a, v128.andnot(v128.mul<T>(a, distance), v128.eq<T>(a, Lanes.zero())));
}
