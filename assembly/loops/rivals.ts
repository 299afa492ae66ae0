// Rows of classes that are compared with the label's, without a softmax: the others are its rivals, and a row costs what they come
// too near, Σ_{j≠y} cost(m_j) w/C with m_j = max(0, margin + (x_j − x_y)). One row after another, the class axis contiguous and
// long, in one pass. The groups in which the label and the row's end are go by a mask, and so do those that add up to no finite number.

import { Call } from '../call';
import { BLOCK, CALL_FROM, CALL_SCRATCH, CALL_TO, FLAG_VALUE, SCRATCH_VALUES } from '../generated/abi';
import { hasEps as isSquared, P0, setParams } from '../params';
import { GROUP, Tree } from '../reduce/tree';
import { Wide } from '../reduce/wide';
import { Lanes } from '../simd/lanes';
import { Pair } from '../simd/pair';
import { Hessian } from './hessian';
import * as row from './row';
import { END, END_BLOCK } from './rowValues';

/** The formulas of what is missing to the margin, m ≥ 0 or NaN; `power`, 1 or 2, is a constant in the loops. */
export abstract class RivalOp<T extends number> {
  abstract cost(m: v128, power: i32): v128;
  /** The cost of lanes of f64. */
  abstract wide(m: v128, power: i32): v128;
  /** d cost / d x_j */
  abstract slope(m: v128, power: i32): v128;
  /** The same of what is no NaN. */
  abstract plainSlope(m: v128, power: i32): v128;
  /** d slope / d x_j */
  abstract curve(m: v128, power: i32): v128;
}

/** Bytes of the four vectors that are in flight. */
const SPAN: usize = 64;

// Of the present row: sums over its rivals in f64x2, how many have a slope of 1 that is in no sum, and what slopes are multiplied by.
let costs: v128 = i32x4.splat(0);
let slopes: v128 = i32x4.splat(0);
let count: v128 = i32x4.splat(0);
let factor: v128 = i32x4.splat(0);

export class Rival {
  /** What x lacks of being a margin below the label's own. */
  @inline static missing<T extends number>(x: v128, own: v128, margin: v128): v128 {
    return v128.pmax<T>(v128.add<T>(margin, v128.sub<T>(x, own)), Lanes.zero());
  }

  /** NaN where the label's own is: it has no rival where it is the only class. */
  @inline static lost<T extends number>(own: v128): v128 {
    return v128.and(own, v128.ne<T>(own, own));
  }
}

/** The sum of four vectors. */
class Four {
  @inline static sum<T extends number>(a: v128, b: v128, c: v128, d: v128): v128 {
    return v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d));
  }
}

/** The power of what is missing. */
export function power(): i32 {
  return isSquared ? 2 : 1;
}

class Vectors {
  /** The groups from x up to `end`; their gradients go to g. */
  @inline static span<T extends number, L extends RivalOp<T>>(
    x: usize,
    g: usize,
    end: usize,
    own: v128,
    GRAD: bool,
    POWER: i32,
  ): void {
    const op = changetype<L>(0);
    const margin = P0;
    const k = factor;
    let costSum = costs;
    let slopeSum = slopes;
    let counted = count;
    // 0 where the memory ends there
    while (x != end) {
      const a = Rival.missing<T>(v128.load(x), own, margin);
      const b = Rival.missing<T>(v128.load(x, 16), own, margin);
      const c = Rival.missing<T>(v128.load(x, 32), own, margin);
      const d = Rival.missing<T>(v128.load(x, 48), own, margin);
      const cost = Four.sum<T>(op.cost(a, POWER), op.cost(b, POWER), op.cost(c, POWER), op.cost(d, POWER));
      if ((sizeof<T>() == 8 && !GRAD) || Lanes.areFinite<T>(cost)) {
        costSum = Tree.accumulate<T>(costSum, cost);
        if (GRAD) {
          const p = op.plainSlope(a, POWER);
          const q = op.plainSlope(b, POWER);
          const r = op.plainSlope(c, POWER);
          const s = op.plainSlope(d, POWER);
          v128.store(g, v128.mul<T>(p, k));
          v128.store(g, v128.mul<T>(q, k), 16);
          v128.store(g, v128.mul<T>(r, k), 32);
          v128.store(g, v128.mul<T>(s, k), 48);
          if (POWER == 1) {
            counted = Lanes.indexSub<T>(counted, v128.gt<T>(a, Lanes.zero()));
            counted = Lanes.indexSub<T>(counted, v128.gt<T>(b, Lanes.zero()));
            counted = Lanes.indexSub<T>(counted, v128.gt<T>(c, Lanes.zero()));
            counted = Lanes.indexSub<T>(counted, v128.gt<T>(d, Lanes.zero()));
          } else slopeSum = Tree.accumulate<T>(slopeSum, Four.sum<T>(p, q, r, s));
        }
      } else {
        costs = costSum;
        slopes = slopeSum;
        MASKED<T, L>(x, GRAD ? g : 0, (x - row.x) / sizeof<T>(), own);
        costSum = costs;
        slopeSum = slopes;
      }
      x += SPAN;
      if (GRAD) g += SPAN;
    }
    costs = costSum;
    slopes = slopeSum;
    count = counted;
  }

  /** What is missing to the four at x, 0 where class `at` and those after it are no rivals. */
  @inline static masked<T extends number>(x: usize, at: usize, own: v128): v128 {
    const index = Lanes.indexAdd<T>(Lanes.iota<T>(), Lanes.indexSplat<T>(i32(at)));
    const isLabel = Lanes.indexEq<T>(index, Lanes.indexSplat<T>(row.label));
    const isThere = Lanes.indexLess<T>(index, Lanes.indexSplat<T>(i32(row.classes)));
    return v128.and(Rival.missing<T>(v128.load(x), own, P0), v128.andnot(isThere, isLabel));
  }
}

/** The groups from x up to `end`; their gradients go to g, if given. */
function SPANS<T extends number, L extends RivalOp<T>>(x: usize, g: usize, end: usize, own: v128): void {
  if (g && isSquared) Vectors.span<T, L>(x, g, end, own, true, 2);
  else if (g) Vectors.span<T, L>(x, g, end, own, true, 1);
  else if (isSquared) Vectors.span<T, L>(x, 0, end, own, false, 2);
  else Vectors.span<T, L>(x, 0, end, own, false, 1);
}

/** The costs of a vector in f64. */
function WIDE<T extends number, L extends RivalOp<T>>(m: v128): v128 {
  const op = changetype<L>(0);
  return v128.add<f64>(op.wide(Wide.low<T>(m), power()), op.wide(Wide.high<T>(m), power()));
}

/** The group at x, whose first class is `at`: what a span has no time for. */
function MASKED<T extends number, L extends RivalOp<T>>(x: usize, g: usize, at: usize, own: v128): void {
  const op = changetype<L>(0);
  for (let i: usize = 0; i < SPAN; i += 16) {
    const m = Vectors.masked<T>(x + i, at, own);
    // more than f32 has may be less when it is divided
    costs =
      sizeof<T>() == 4 ? v128.add<f64>(costs, WIDE<T, L>(m)) : v128.add<f64>(costs, op.cost(m, power()));
    if (g) {
      const slope = op.slope(m, power());
      slopes = Tree.accumulate<T>(slopes, slope);
      v128.store(g + i, v128.mul<T>(slope, factor));
    }
    at += Lanes.count<T>();
  }
}

/** Second derivatives of the present row, `weight` being w/C. */
function SECOND<T extends number, L extends RivalOp<T>>(own: v128, weight: v128): void {
  const size = sizeof<T>();
  let sum = Lanes.zero();
  for (let j: usize = 0; j < row.classes; j++) {
    const m = Rival.missing<T>(Lanes.loadSplat<T>(row.x + j * size), own, P0);
    let curve = changetype<L>(0).curve(m, power());
    if (j == usize(row.label)) curve = Lanes.zero();
    sum = v128.add<T>(sum, curve);
    const h = Hessian.of<T>(v128.mul<T>(curve, weight));
    Lanes.storeFirst<T>(row.hess + j * size, v128.mul<T>(h, row.scale));
  }
  const h = Hessian.of<T>(v128.mul<T>(v128.add<T>(sum, Rival.lost<T>(own)), weight));
  Lanes.storeFirst<T>(row.hess + usize(row.label) * size, v128.mul<T>(h, row.scale));
}

/** Works on the present row; its loss. */
function ROW<T extends number, L extends RivalOp<T>>(): f64 {
  const at = usize(row.label) * sizeof<T>();
  const own = Lanes.loadSplat<T>(row.x + at);
  const w = row.weights ? Lanes.loadSplat<T>(row.weights + at) : Lanes.one<T>();
  const isNone = Lanes.first<T>(w) == 0;
  const weight = v128.div<T>(w, Lanes.splat<T>(f64(row.classes)));
  factor = v128.mul<T>(row.scale, weight);
  if (row.hess) {
    // a class of weight 0 does not count, whatever its row holds
    if (isNone) Lanes.fill<T>(row.hess, v128.mul<T>(Hessian.of<T>(Lanes.zero()), row.scale), row.classes);
    else SECOND<T, L>(own, weight);
  }
  if (isNone) {
    if (row.grad) Lanes.fill<T>(row.grad, v128.mul<T>(Lanes.zero(), factor), row.classes);
    return 0;
  }
  costs = Lanes.zero();
  slopes = Lanes.zero();
  count = Lanes.zero();
  const x = row.x;
  const g = row.grad;
  const left = row.bytes % SPAN;
  const body = row.bytes - left;
  const group = at - (at % SPAN);
  const before = min(group, body);
  SPANS<T, L>(x, g, x + before, own);
  if (group < body) {
    MASKED<T, L>(x + group, g ? g + group : 0, group / sizeof<T>(), own);
    const next = group + SPAN;
    SPANS<T, L>(x + next, g ? g + next : 0, x + body, own);
  }
  if (left) {
    const tail = row.tail;
    const tailGrad = g ? tail + GROUP : 0;
    Lanes.copy<T>(tail, x + body, left / sizeof<T>());
    MASKED<T, L>(tail, tailGrad, body / sizeof<T>(), own);
    if (g) Lanes.copy<T>(g + body, tailGrad, left / sizeof<T>());
  }
  const lost = Lanes.first<T>(Rival.lost<T>(own));
  if (g) {
    const pull = Lanes.splat<T>(
      -Lanes.first<T>(factor) * (Tree.fold(slopes) + Lanes.indexFold<T>(count) + lost),
    );
    Lanes.storeFirst<T>(g + at, pull);
  }
  return ((Tree.fold(costs) + lost) * Lanes.first<T>(w)) / f64(row.classes);
}

export function RIVALS<T extends number, L extends RivalOp<T>>(call: usize): f64 {
  setParams<T>(call);
  Hessian.begin<T>(call);
  row.begin<T>(call);
  const rows = Call.at(call, CALL_TO);
  const values = Call.at(call, CALL_SCRATCH) + SCRATCH_VALUES;
  const hasValue = Call.has(call, FLAG_VALUE);
  for (let from = Call.at(call, CALL_FROM); from < rows; from += BLOCK) {
    const n = min(BLOCK, rows - from);
    for (let i: usize = 0; i < n; i++) {
      let value: f64 = 0;
      if (row.set<T>(call, from + i)) value = ROW<T, L>() * row.sampleWeightOf<T>();
      else row.skip<T>();
      Pair.storeFirst<T>(values + i * sizeof<T>(), f64x2.splat(value));
      row.applyUnit<T>();
    }
    if (hasValue) END_BLOCK<T>(call, from, n);
  }
  return END(call);
}
