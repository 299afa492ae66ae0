// The sums of a row every class of which has a target probability.

import { BLOCK } from '../generated/abi';
import { Exp } from '../math/exp';
import { P0, P1 } from '../params';
import { GROUP, Tree } from '../reduce/tree';
import { Lanes } from '../simd/lanes';
import * as row from './row';
import { FIND_MAX, rowMax } from './rowRange';

// Carried from span to span of the row's groups: f64x2, and integer lanes for the maxima that were left out.
/** Σ e^(x − m) without one maximum, as a hard row has it */
export let restSum: v128 = i32x4.splat(0);
export let tieLanes: v128 = i32x4.splat(0);
/** Σ a of the maxima that were left out, and of all others */
export let tiesSum: v128 = i32x4.splat(0);
export let othersSum: v128 = i32x4.splat(0);
/** Σ a (m − x) */
export let weightedSum: v128 = i32x4.splat(0);

// The same of the present block.
let restBlock: v128 = i32x4.splat(0);
let tiesBlock: v128 = i32x4.splat(0);
let othersBlock: v128 = i32x4.splat(0);
let weightedBlock: v128 = i32x4.splat(0);

export class Soft {
  /** w_j ((1 − ε) t_j + ε/C): t from memory, or 1 at the label. P0 = 1 − ε, P1 = ε/C. GUARD: a logit may be infinite. */
  @inline static coefficient<T extends number>(
    t: usize,
    w: usize,
    label: v128,
    index: v128,
    GUARD: bool = false,
  ): v128 {
    const tv = t ? v128.load(t) : v128.and(Lanes.indexEq<T>(index, label), Lanes.one<T>());
    const a = v128.add<T>(v128.mul<T>(tv, P0), P1);
    if (!w) return a;
    return GUARD ? Lanes.weigh<T>(a, v128.load(w)) : v128.mul<T>(a, v128.load(w));
  }
}

class Sums {
  /** a (m − x), 0 where a is */
  @inline static cost<T extends number>(a: v128, distance: v128): v128 {
    return v128.andnot(v128.mul<T>(a, distance), v128.eq<T>(a, Lanes.zero()));
  }

  /** Adds the groups from `from` to before `to` of the row at x, whose first class is `first`; e^(x − m) goes to e where that is not 0. */
  @inline static span<T extends number>(
    x: usize,
    t: usize,
    w: usize,
    e: usize,
    first: usize,
    from: usize,
    to: usize,
    GUARD: bool,
    TIES: bool,
  ): void {
    if (from == to) return;
    const perGroup = GROUP / sizeof<T>();
    const perBlock = (BLOCK * sizeof<T>()) / GROUP;
    const m = rowMax;
    const ring = row.tail + 4 * GROUP;
    const label = Lanes.indexSplat<T>(row.label);
    const step = Lanes.indexSplat<T>(i32(Lanes.count<T>()));
    let index = Lanes.indexAdd<T>(Lanes.indexSplat<T>(i32(first + from * perGroup)), Lanes.iota<T>());
    let rest = restBlock;
    let ties = tiesBlock;
    let others = othersBlock;
    let weighted = weightedBlock;
    x += from * GROUP;
    if (t) t += from * GROUP;
    if (w) w += from * GROUP;
    if (e) e += from * GROUP;
    while (from < to) {
      for (let i: usize = 0; i < GROUP; i += 16) {
        const xv = v128.load(x + i);
        const d = v128.sub<T>(xv, m);
        const ev = GUARD ? Exp.coarseFlush<T>(d) : Exp.coarse<T>(d);
        const a = Soft.coefficient<T>(t ? t + i : 0, w ? w + i : 0, label, index, GUARD);
        if (e) v128.store(e + i, ev);
        if (TIES) {
          const tie = v128.eq<T>(xv, m);
          tieLanes = Lanes.indexSub<T>(tieLanes, tie);
          v128.store(ring + i, v128.andnot(ev, tie));
          v128.store(ring + i, v128.andnot(a, tie), 128);
          v128.store(ring + i, v128.and(a, tie), 256);
        } else {
          v128.store(ring + i, ev);
          v128.store(ring + i, a, 128);
        }
        v128.store(ring + i, Sums.cost<T>(a, v128.sub<T>(m, xv)), 384);
        index = Lanes.indexAdd<T>(index, step);
      }
      rest = Tree.accumulate<T>(rest, Tree.load8<T>(ring));
      others = Tree.accumulate<T>(others, Tree.load8<T>(ring + 128));
      if (TIES) ties = Tree.accumulate<T>(ties, Tree.load8<T>(ring + 256));
      weighted = Tree.accumulate<T>(weighted, Tree.load8<T>(ring + 384));
      x += GROUP;
      if (t) t += GROUP;
      if (w) w += GROUP;
      if (e) e += GROUP;
      if (++from % perBlock == 0) {
        restSum = v128.add<f64>(restSum, rest);
        tiesSum = v128.add<f64>(tiesSum, ties);
        othersSum = v128.add<f64>(othersSum, others);
        weightedSum = v128.add<f64>(weightedSum, weighted);
        rest = Lanes.zero();
        ties = rest;
        others = rest;
        weighted = rest;
      }
    }
    restBlock = rest;
    tiesBlock = ties;
    othersBlock = others;
    weightedBlock = weighted;
  }
}

function SPAN<T extends number>(x: usize, t: usize, w: usize, e: usize, from: usize, to: usize): void {
  Sums.span<T>(x, t, w, e, 0, from, to, false, false);
}

function SPAN_GUARDED<T extends number>(
  x: usize,
  t: usize,
  w: usize,
  e: usize,
  first: usize,
  from: usize,
  to: usize,
): void {
  Sums.span<T>(x, t, w, e, first, from, to, true, false);
}

function SPAN_TIES<T extends number>(
  x: usize,
  t: usize,
  w: usize,
  e: usize,
  first: usize,
  from: usize,
  to: usize,
): void {
  Sums.span<T>(x, t, w, e, first, from, to, true, true);
}

/** Adds `groups` groups to the sums of the target's coefficients, each number in f64. */
function SPAN_WIDE<T extends number>(x: usize, t: usize, w: usize, first: usize, groups: usize): void {
  const m = rowMax;
  const label = Lanes.indexSplat<T>(row.label);
  const step = Lanes.indexSplat<T>(i32(Lanes.count<T>()));
  let index = Lanes.indexAdd<T>(Lanes.indexSplat<T>(i32(first)), Lanes.iota<T>());
  let ties = tiesSum;
  let others = othersSum;
  let weighted = weightedSum;
  const bytes = groups * GROUP;
  for (let i: usize = 0; i < bytes; i += 16) {
    const xv = v128.load(x + i);
    const tie = v128.eq<T>(xv, m);
    const a = Soft.coefficient<T>(t ? t + i : 0, w ? w + i : 0, label, index, true);
    ties = Tree.accumulate<T>(ties, v128.and(a, tie));
    others = Tree.accumulate<T>(others, v128.andnot(a, tie));
    weighted = Tree.accumulate<T>(weighted, Sums.cost<T>(a, v128.sub<T>(m, xv)));
    index = Lanes.indexAdd<T>(index, step);
  }
  tiesSum = ties;
  othersSum = others;
  weightedSum = weighted;
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

export class SoftSums {
  /** The row's sums; e^(x − m) goes to e where it is not 0. The groups are gone through as a hard row's are. */
  static add<T extends number>(e: usize, isNear: bool): void {
    const perGroup = GROUP / sizeof<T>();
    const groups = row.body / perGroup;
    const left = row.classes - row.body;
    const at = row.body * sizeof<T>();
    const tail = row.tail;
    const x = row.x;
    const t = row.t;
    const w = row.weights;
    restSum = Lanes.zero();
    tieLanes = Lanes.zero();
    tiesSum = Lanes.zero();
    othersSum = Lanes.zero();
    weightedSum = Lanes.zero();
    restBlock = Lanes.zero();
    tiesBlock = Lanes.zero();
    othersBlock = Lanes.zero();
    weightedBlock = Lanes.zero();
    const top = FIND_MAX<T>(x, groups);
    const after = min(top + 1, groups);
    if (isNear) {
      SPAN<T>(x, t, w, e, 0, top);
      SPAN_TIES<T>(x, t, w, e, 0, top, after);
      SPAN<T>(x, t, w, e, after, groups);
    } else {
      SPAN_GUARDED<T>(x, t, w, e, 0, 0, top);
      SPAN_TIES<T>(x, t, w, e, 0, top, after);
      SPAN_GUARDED<T>(x, t, w, e, 0, after, groups);
    }
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
      if (top < groups) SPAN_GUARDED<T>(tail, tailT, tail + 2 * GROUP, tailE, row.body, 0, 1);
      else SPAN_TIES<T>(tail, tailT, tail + 2 * GROUP, tailE, row.body, 0, 1);
      if (e) Lanes.copy<T>(e + at, tailE, left);
    }
    restSum = v128.add<f64>(restSum, restBlock);
    tiesSum = v128.add<f64>(tiesSum, tiesBlock);
    othersSum = v128.add<f64>(othersSum, othersBlock);
    weightedSum = v128.add<f64>(weightedSum, weightedBlock);
    if (HAS_OVERFLOWED<T>(t, w, row.classes)) {
      tiesSum = Lanes.zero();
      othersSum = Lanes.zero();
      weightedSum = Lanes.zero();
      SPAN_WIDE<T>(x, t, w, 0, groups);
      if (left) SPAN_WIDE<T>(tail, tailT, tail + 2 * GROUP, row.body, 1);
    }
  }
}
