// The sums of a row every class of which has a target probability.

import { BLOCK } from '../generated/abi';
import { Exp } from '../math/exp';
import { P0, P1 } from '../params';
import { GROUP, Tree } from '../reduce/tree';
import { Lanes } from '../simd/lanes';
import * as row from './row';

// Carried from the whole groups to the staged tail: f64x2, and integer lanes for the ties.
/** Σ e^(x − m) of the classes that are not the maximum */
export let restSum: v128 = i32x4.splat(0);
export let tieLanes: v128 = i32x4.splat(0);
/** Σ a of those, and of the maximum */
export let othersSum: v128 = i32x4.splat(0);
export let tiesSum: v128 = i32x4.splat(0);
/** Σ a (m − x) */
export let weightedSum: v128 = i32x4.splat(0);

export class Soft {
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

function CLEAR(): void {
  restSum = Lanes.zero();
  tieLanes = Lanes.zero();
  othersSum = Lanes.zero();
  tiesSum = Lanes.zero();
  weightedSum = Lanes.zero();
}

export class SoftSums {
  /** The row's sums; e^(x − m) goes to e where it is not 0. */
  static add<T extends number>(m: v128, e: usize): void {
    const perGroup = GROUP / sizeof<T>();
    const groups = row.body / perGroup;
    const left = row.classes - row.body;
    const at = row.body * sizeof<T>();
    const tail = row.tail;
    const ring = tail + 4 * GROUP;
    const x = row.x;
    const t = row.t;
    const w = row.weights;
    const label = Lanes.indexSplat<T>(row.label);
    CLEAR();
    SOFT_SUM<T>(x, t, w, e, label, 0, groups, m, ring);
    const tailT: usize = t ? tail + GROUP : 0;
    if (left) {
      // the padding's logit is −inf and its coefficient 0 (through a weight of 0)
      Lanes.fill<T>(tail, Lanes.minusInfinity<T>(), perGroup);
      Lanes.fill<T>(tail + GROUP, Lanes.zero(), 2 * perGroup);
      Lanes.copy<T>(tail, x + at, left);
      if (t) Lanes.copy<T>(tail + GROUP, t + at, left);
      if (w) Lanes.copy<T>(tail + 2 * GROUP, w + at, left);
      else Lanes.fill<T>(tail + 2 * GROUP, Lanes.one<T>(), left);
      const tailE: usize = e ? tail + 3 * GROUP : 0;
      SOFT_SUM<T>(tail, tailT, tail + 2 * GROUP, tailE, label, i32(row.body), 1, m, ring);
      if (e) Lanes.copy<T>(e + at, tailE, left);
    }
    if (HAS_OVERFLOWED<T>(t, w, row.classes)) {
      isWide = true;
      CLEAR();
      SOFT_SUM<T>(x, t, w, 0, label, 0, groups, m, ring);
      if (left) SOFT_SUM<T>(tail, tailT, tail + 2 * GROUP, 0, label, i32(row.body), 1, m, ring);
      isWide = false;
    }
  }
}
