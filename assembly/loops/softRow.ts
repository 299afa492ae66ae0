// A row every class of which has a target probability.

import { Exp } from '../math/exp';
import { P0 } from '../params';
import { Tree } from '../reduce/tree';
import { Lanes } from '../simd/lanes';
import { Hessian } from './hessian';
import { LogProbability } from './logProbability';
import * as row from './row';
import { LEAST_EXP, RANGE, rowMax } from './rowRange';
import { SoftmaxOp } from './softmax';
import { othersSum, restSum, Soft, SoftSums, tieLanes, tiesSum, weightedSum } from './softSum';

// What the gradient pass of a soft row needs, in every lane.
let rowRest: v128 = i32x4.splat(0);
let rowLogZ: v128 = i32x4.splat(0);
let rowOthers: v128 = i32x4.splat(0);
let rowTies: v128 = i32x4.splat(0);

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
  const scale = row.scale;
  const total = v128.add<T>(rowOthers, rowTies);
  const sz = v128.div<T>(scale, v128.add<T>(Lanes.one<T>(), rowRest));
  const k = v128.mul<T>(total, sz);
  const c = v128.mul<T>(scale, P0);
  const least = Lanes.leastFactor<T>(k);
  for (let i: usize = 0; i < bytes; i += 16) {
    const xv = v128.load(x + i);
    const a = Soft.coefficient<T>(t ? t + i : 0, w ? w + i : 0, label, index);
    const ev = stored ? v128.load(grad + i) : Exp.coarseFlush<T>(v128.sub<T>(xv, m));
    const below = changetype<L>(0).grad(Lanes.flushBelow<T>(ev, least), a, k, scale);
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

/** Both gradients, or that of the target alone. `stored` as in SOFT_GRAD. */
function GRADS<T extends number, L extends SoftmaxOp<T>>(stored: bool, m: v128): void {
  const x = row.x;
  const t = row.t;
  const w = row.weights;
  const grad = row.grad;
  const gradTarget = row.gradTarget;
  if (!grad) {
    LogProbability.row<T, L>(x, w, gradTarget, row.classes, m, rowLogZ, v128.mul<T>(row.scale, P0));
    return;
  }
  const label = Lanes.indexSplat<T>(row.label);
  const tail = row.tail;
  const whole = row.bytes & ~15;
  SOFT_GRAD<T, L>(x, t, w, grad, gradTarget, stored, label, 0, whole, m);
  const left = (row.bytes - whole) / sizeof<T>();
  if (!left) return;
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
    label,
    i32(row.classes - left),
    16,
    m,
  );
  if (gradTarget) Lanes.copy<T>(gradTarget + whole, tail + 64, left);
  Lanes.copy<T>(grad + whole, tail + 48, left);
}

export function SOFT_ROW<T extends number, L extends SoftmaxOp<T>>(): void {
  const grad = row.grad;
  const hess = row.hess;
  RANGE<T>(row.x, row.classes);
  const max = rowMax;
  // e is kept in grad for the second pass unless that would overwrite an operand which it still needs
  const stored = grad != 0 && row.gradTarget == 0 && grad != row.x && grad != row.t;
  SoftSums.add<T>(stored ? grad : 0, v128.any_true(LEAST_EXP<T>()));
  const ties = Tree.fold(tiesSum);
  const others = Tree.fold(othersSum);
  const total = Lanes.splat<T>(others + ties);
  const rest = v128.add<T>(
    Lanes.splat<T>(Tree.fold(restSum) + (Lanes.indexFold<T>(tieLanes) - 1)),
    v128.sub<T>(max, max),
  );
  if (hess) {
    Hessian.exps<T>(row.x, hess, row.classes, max);
    Hessian.row<T>(hess, hess, row.classes, total, rest, row.scale);
  }
  if (grad | row.gradTarget) {
    rowRest = rest;
    rowOthers = Lanes.splat<T>(others);
    rowTies = Lanes.splat<T>(ties);
    rowLogZ = changetype<L>(0).loss(Lanes.one<T>(), Lanes.zero(), rest);
    GRADS<T, L>(stored, max);
  }
  row.Terms.keep(rest, total, Lanes.splat<T>(Tree.fold(weightedSum)));
}
