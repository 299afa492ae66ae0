// Rows of classes that are compared with the label's, without a softmax: the others are its rivals, and a row costs what they come
// too near, Σ_{j≠y} cost(m_j) w/C with m_j = max(0, margin + (x_j − x_y)). One row after another, the class axis contiguous and
// long, in one pass. The groups in which the label and the row's end are go by a mask.

import { Call } from '../call';
import { BLOCK, CALL_FROM, CALL_SCRATCH, CALL_TO, FLAG_VALUE, SCRATCH_VALUES } from '../generated/abi';
import { P0, setParams } from '../params';
import { GROUP, Tree } from '../reduce/tree';
import { Wide } from '../reduce/wide';
import { Lanes } from '../simd/lanes';
import { Pair } from '../simd/pair';
import { Hessian } from './hessian';
import * as row from './row';
import { END, END_BLOCK } from './rowValues';

/** The formulas of what is missing to the margin, m ≥ 0 or NaN. */
export abstract class RivalOp<T extends number> {
  abstract cost(m: v128): v128;
  /** The cost of lanes of f64. */
  abstract wide(m: v128): v128;
  /** d cost / d x_j */
  abstract slope(m: v128): v128;
  /** d slope / d x_j */
  abstract curve(m: v128): v128;
}

/** Bytes of the four vectors that are in flight. */
const SPAN: usize = 64;

// Of the present row: sums over its rivals in f64x2, and what slopes are multiplied by.
let costs: v128 = i32x4.splat(0);
let slopes: v128 = i32x4.splat(0);
let factor: v128 = i32x4.splat(0);

export class Rival {
  /** What x lacks of being a margin below the label's own. */
  @inline static missing<T extends number>(x: v128, own: v128): v128 {
    return v128.pmax<T>(v128.add<T>(P0, v128.sub<T>(x, own)), Lanes.zero());
  }

  /** NaN where the label's own is: it has no rival where it is the only class. */
  @inline static lost<T extends number>(own: v128): v128 {
    return v128.and(own, v128.ne<T>(own, own));
  }
}

class Sums {
  /** acc (f64x2) + the costs of four vectors. */
  @inline static costs<T extends number, L extends RivalOp<T>>(
    acc: v128,
    a: v128,
    b: v128,
    c: v128,
    d: v128,
  ): v128 {
    const op = changetype<L>(0);
    const sum = v128.add<T>(v128.add<T>(op.cost(a), op.cost(b)), v128.add<T>(op.cost(c), op.cost(d)));
    // more than f32 has may be less when it is divided
    if (sizeof<T>() == 4 && v128.any_true(v128.eq<T>(sum, Lanes.infinity<T>()))) {
      const wide = v128.add<f64>(WIDE<T, L>(a), WIDE<T, L>(b));
      return v128.add<f64>(acc, v128.add<f64>(wide, v128.add<f64>(WIDE<T, L>(c), WIDE<T, L>(d))));
    }
    return Tree.accumulate<T>(acc, sum);
  }

  /** acc (f64x2) + their slopes. */
  @inline static slopes<T extends number, L extends RivalOp<T>>(
    acc: v128,
    a: v128,
    b: v128,
    c: v128,
    d: v128,
  ): v128 {
    const op = changetype<L>(0);
    const sum = v128.add<T>(v128.add<T>(op.slope(a), op.slope(b)), v128.add<T>(op.slope(c), op.slope(d)));
    return Tree.accumulate<T>(acc, sum);
  }
}

/** The costs of a vector in f64. */
function WIDE<T extends number, L extends RivalOp<T>>(m: v128): v128 {
  const low = changetype<L>(0).wide(Wide.low<T>(m));
  return v128.add<f64>(low, changetype<L>(0).wide(Wide.high<T>(m)));
}

class Vectors {
  @inline static slope<T extends number, L extends RivalOp<T>>(g: usize, m: v128): void {
    v128.store(g, v128.mul<T>(changetype<L>(0).slope(m), factor));
  }

  /** The groups from x up to `end`; their gradients go to g. */
  @inline static span<T extends number, L extends RivalOp<T>>(
    x: usize,
    g: usize,
    end: usize,
    own: v128,
    GRAD: bool,
  ): void {
    let costSum = costs;
    let slopeSum = slopes;
    // 0 where the memory ends there
    while (x != end) {
      const a = Rival.missing<T>(v128.load(x), own);
      const b = Rival.missing<T>(v128.load(x, 16), own);
      const c = Rival.missing<T>(v128.load(x, 32), own);
      const d = Rival.missing<T>(v128.load(x, 48), own);
      costSum = Sums.costs<T, L>(costSum, a, b, c, d);
      if (GRAD) {
        slopeSum = Sums.slopes<T, L>(slopeSum, a, b, c, d);
        Vectors.slope<T, L>(g, a);
        Vectors.slope<T, L>(g + 16, b);
        Vectors.slope<T, L>(g + 32, c);
        Vectors.slope<T, L>(g + 48, d);
        g += SPAN;
      }
      x += SPAN;
    }
    costs = costSum;
    slopes = slopeSum;
  }

  /** What is missing to the four at x, 0 where class `at` and those after it are no rivals. */
  @inline static masked<T extends number>(x: usize, at: usize, own: v128): v128 {
    const index = Lanes.indexAdd<T>(Lanes.iota<T>(), Lanes.indexSplat<T>(i32(at)));
    const isLabel = Lanes.indexEq<T>(index, Lanes.indexSplat<T>(row.label));
    const isThere = Lanes.indexLess<T>(index, Lanes.indexSplat<T>(i32(row.classes)));
    return v128.and(Rival.missing<T>(v128.load(x), own), v128.andnot(isThere, isLabel));
  }
}

function SPANS<T extends number, L extends RivalOp<T>>(x: usize, end: usize, own: v128): void {
  Vectors.span<T, L>(x, 0, end, own, false);
}

function SPANS_GRAD<T extends number, L extends RivalOp<T>>(x: usize, g: usize, end: usize, own: v128): void {
  Vectors.span<T, L>(x, g, end, own, true);
}

/** The group at x, whose first class is `at`. */
function MASKED<T extends number, L extends RivalOp<T>>(x: usize, g: usize, at: usize, own: v128): void {
  const lanes = Lanes.count<T>();
  const a = Vectors.masked<T>(x, at, own);
  const b = Vectors.masked<T>(x + 16, at + lanes, own);
  const c = Vectors.masked<T>(x + 32, at + 2 * lanes, own);
  const d = Vectors.masked<T>(x + 48, at + 3 * lanes, own);
  costs = Sums.costs<T, L>(costs, a, b, c, d);
  if (!g) return;
  slopes = Sums.slopes<T, L>(slopes, a, b, c, d);
  Vectors.slope<T, L>(g, a);
  Vectors.slope<T, L>(g + 16, b);
  Vectors.slope<T, L>(g + 32, c);
  Vectors.slope<T, L>(g + 48, d);
}

/** Second derivatives of the present row, `weight` being w/C. */
function SECOND<T extends number, L extends RivalOp<T>>(own: v128, weight: v128): void {
  const size = sizeof<T>();
  let sum = Lanes.zero();
  for (let j: usize = 0; j < row.classes; j++) {
    const m = Rival.missing<T>(Lanes.loadSplat<T>(row.x + j * size), own);
    let curve = changetype<L>(0).curve(m);
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
  const x = row.x;
  const g = row.grad;
  const left = row.bytes % SPAN;
  const body = row.bytes - left;
  const group = at - (at % SPAN);
  const before = min(group, body);
  if (g) SPANS_GRAD<T, L>(x, g, x + before, own);
  else SPANS<T, L>(x, x + before, own);
  if (group < body) {
    MASKED<T, L>(x + group, g ? g + group : 0, group / sizeof<T>(), own);
    const next = group + SPAN;
    if (g) SPANS_GRAD<T, L>(x + next, g + next, x + body, own);
    else SPANS<T, L>(x + next, x + body, own);
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
    const pull = Lanes.splat<T>(-Lanes.first<T>(factor) * (Tree.fold(slopes) + lost));
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
