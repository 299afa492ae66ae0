// What rows of logits say of their labels: one row after another, of any class axis.
//
//   nll         −log softmax(x)_y, with the bits of cross entropy's rows
//   rank        #{x_j > x_y} + #{j < y: x_j = x_y}: of equal logits the first class comes first
//   argmax      the first class of the greatest logit
//   confidence  1/Z, the probability of that
//   entropy     log1p(rest) + Σ e_j (m − x_j) / Z
//   brier       (1 − p_y)² + Σ_{j ≠ y} p_j², 1 − p_y from rest where y is the maximum
//
// with m, rest, Z as in softmax.ts. A row with a NaN is NaN in all of them, and so is one that has no label. All but nll are made where
// they are wanted.

import { Call } from '../call';
import {
  CALL_FROM,
  CALL_GRAD0,
  CALL_GRAD1,
  CALL_GRAD2,
  CALL_GRAD3,
  CALL_HESS,
  CALL_IGNORE_INDEX,
  CALL_IN0,
  CALL_IN1,
  CALL_INNER,
  CALL_TILE,
  CALL_TO,
  CALL_VALUE,
} from '../generated/abi';
import { Exp } from '../math/exp';
import { Tree } from '../reduce/tree';
import { Lanes } from '../simd/lanes';
import { Beside, EXPS, TIES } from './hardRow';
import * as row from './row';
import { LEAST_EXP, RANGE, rowMax } from './rowRange';
import { SoftmaxOp } from './softmax';

// Σ e (m − x) and Σ e² of a row, in f64
let distances: v128 = i32x4.splat(0);
let squares: v128 = i32x4.splat(0);
// whether they are wanted
let hasDistances: bool = false;
let hasSquares: bool = false;

class Moments<T extends number> extends Beside<T> {
  @inline add(x: usize, m: v128, a: v128, b: v128, c: v128, d: v128): void {
    if (hasDistances) {
      const first = v128.add<T>(Moments.distance<T>(x, m, a), Moments.distance<T>(x + 16, m, b));
      const second = v128.add<T>(Moments.distance<T>(x + 32, m, c), Moments.distance<T>(x + 48, m, d));
      distances = Tree.accumulate<T>(distances, v128.add<T>(first, second));
    }
    if (hasSquares) {
      const first = v128.add<T>(v128.mul<T>(a, a), v128.mul<T>(b, b));
      const second = v128.add<T>(v128.mul<T>(c, c), v128.mul<T>(d, d));
      squares = Tree.accumulate<T>(squares, v128.add<T>(first, second));
    }
  }

  /** e (m − x), 0 for −∞ */
  @inline static distance<T extends number>(x: usize, m: v128, e: v128): v128 {
    return v128.andnot(v128.mul<T>(e, v128.sub<T>(m, v128.load(x))), v128.eq<T>(e, Lanes.zero()));
  }
}

/** How many of the n elements at x are greater than y, or equal where EQUAL. */
function COUNT<T extends number>(x: usize, y: v128, n: usize, EQUAL: bool): f64 {
  let a = Lanes.zero();
  let b = Lanes.zero();
  let left = n * sizeof<T>();
  for (; left >= 32; left -= 32) {
    a = Lanes.indexSub<T>(a, EQUAL ? v128.ge<T>(v128.load(x), y) : v128.gt<T>(v128.load(x), y));
    b = Lanes.indexSub<T>(b, EQUAL ? v128.ge<T>(v128.load(x, 16), y) : v128.gt<T>(v128.load(x, 16), y));
    x += 32;
  }
  let count = Lanes.indexFold<T>(Lanes.indexAdd<T>(a, b));
  const limit = Lanes.first<T>(y);
  for (; left; left -= sizeof<T>()) {
    const one = Lanes.load<T>(x);
    count += f64(EQUAL ? one >= limit : one > limit);
    x += sizeof<T>();
  }
  return count;
}

/** The first of the n elements at x that equals m; n where there is none. */
function FIND<T extends number>(x: usize, m: v128, n: usize): usize {
  const lanes = Lanes.count<T>();
  let i: usize = 0;
  while (i + lanes <= n && !v128.any_true(v128.eq<T>(v128.load(x + i * sizeof<T>()), m))) i += lanes;
  const wanted = Lanes.first<T>(m);
  while (i < n && Lanes.load<T>(x + i * sizeof<T>()) != wanted) i++;
  return i;
}

function HAS_NAN<T extends number>(x: usize, n: usize): bool {
  for (let i: usize = 0; i < n; i++) {
    if (isNaN<f64>(Lanes.load<T>(x + i * sizeof<T>()))) return true;
  }
  return false;
}

function STORE<T extends number>(call: usize, field: usize, i: usize, value: f64): void {
  if (!Call.at(call, field)) return;
  const to = Call.at(call, field) + i * sizeof<T>();
  if (sizeof<T>() == 4) store<f32>(to, f32(value));
  else store<f64>(to, value);
}

/** Writes what the present row says to place i of the results. */
function FIGURES_ROW<T extends number, L extends SoftmaxOp<T>>(call: usize, i: usize): void {
  const x = row.x;
  const n = row.classes;
  RANGE<T>(x, n);
  const m = rowMax;
  const at = x + usize(row.label) * sizeof<T>();
  const own = Lanes.loadSplat<T>(at);
  const distance = v128.sub<T>(m, own);
  distances = Lanes.zero();
  squares = Lanes.zero();
  const sum = EXPS<T, Moments<T>>(v128.any_true(LEAST_EXP<T>()));
  // NaN where the maximum is infinite, as cross entropy is
  const rest = v128.add<T>(sum, v128.sub<T>(m, m));
  const others = Lanes.first<T>(rest);
  const isLost = isNaN<f64>(others) && HAS_NAN<T>(x, n);
  const label = usize(row.label);
  const after = at + sizeof<T>();
  const z = 1 + others;
  const nll = changetype<L>(0).rowLoss(Lanes.one<T>(), distance, rest);
  const logZ = Lanes.first<T>(changetype<L>(0).rowLoss(Lanes.one<T>(), Lanes.zero(), rest));
  Lanes.storeFirst<T>(Call.at(call, CALL_VALUE) + i * sizeof<T>(), nll);
  if (Call.at(call, CALL_GRAD0)) {
    const rank = COUNT<T>(x, own, label, true) + COUNT<T>(after, own, n - label - 1, false);
    STORE<T>(call, CALL_GRAD0, i, isLost ? NaN : rank);
  }
  if (Call.at(call, CALL_GRAD1)) STORE<T>(call, CALL_GRAD1, i, isLost ? NaN : f64(FIND<T>(x, m, n)));
  STORE<T>(call, CALL_GRAD2, i, 1 / z);
  STORE<T>(call, CALL_GRAD3, i, logZ + Tree.fold(distances) / z);
  const isTop = Lanes.first<T>(distance) == 0;
  const e = isTop ? 1 : Lanes.first<T>(Exp.coarseFlush<T>(v128.sub<T>(own, m)));
  const missed = (isTop ? others : z - e) / z;
  // the sums leave one maximum out, whose square is 1
  const rests = Tree.fold(squares) + TIES<T>();
  const wrong = isTop ? rests : 1 + rests - e * e;
  STORE<T>(call, CALL_HESS, i, missed * missed + wrong / (z * z));
}

/** NaN in place i of all results. */
function FIGURES_NONE<T extends number>(call: usize, i: usize): void {
  STORE<T>(call, CALL_VALUE, i, NaN);
  STORE<T>(call, CALL_GRAD0, i, NaN);
  STORE<T>(call, CALL_GRAD1, i, NaN);
  STORE<T>(call, CALL_GRAD2, i, NaN);
  STORE<T>(call, CALL_GRAD3, i, NaN);
  STORE<T>(call, CALL_HESS, i, NaN);
}

/** Row i, contiguous: where it is, or where it is copied to. */
function ROW_AT<T extends number>(call: usize, i: usize): usize {
  const inner = Call.at(call, CALL_INNER);
  const input = Call.at(call, CALL_IN0);
  if (inner == 1) return input + i * row.bytes;
  const step = inner * sizeof<T>();
  const tile = Call.at(call, CALL_TILE);
  let from = input + (i / inner) * row.bytes * inner + (i % inner) * sizeof<T>();
  for (let to = tile; to < tile + row.bytes; to += sizeof<T>()) {
    Lanes.copyOne<T>(to, from);
    from += step;
  }
  return tile;
}

export function FIGURES<T extends number, L extends SoftmaxOp<T>>(call: usize): f64 {
  row.begin<T>(call);
  hasDistances = Call.at(call, CALL_GRAD3) != 0;
  hasSquares = Call.at(call, CALL_HESS) != 0;
  const classes = u32(row.classes);
  const ignored = load<i32>(call, CALL_IGNORE_INDEX);
  const to = Call.at(call, CALL_TO);
  for (let i = Call.at(call, CALL_FROM); i < to; i++) {
    const label = load<i32>(Call.at(call, CALL_IN1) + 4 * i);
    if (label == ignored || u32(label) >= classes) {
      FIGURES_NONE<T>(call, i);
      continue;
    }
    row.alone(ROW_AT<T>(call, i), label);
    FIGURES_ROW<T, L>(call, i);
  }
  return 0;
}
