// Rows that may have several labels: their targets are lists of classes, which end with the first −1. Each label of a row is compared
// with all classes that are none, and a row costs what these come too near, Σ_{k∈S} Σ_{j∉S} m_jk / C, m_jk = max(0, P0 + (x_j − x_k)).
// A label that is listed twice counts twice, by one sweep: a row takes as many as it has classes that are labels. A row without labels
// costs nothing, and is not read.
//
// A row is copied to the tile, where a mask says which classes are rivals and slopes are added up: one sweep for four labels.

import { Call } from '../call';
import {
  BLOCK,
  CALL_CLASSES,
  CALL_FROM,
  CALL_GRAD_OUTPUT,
  CALL_GRAD0,
  CALL_HESS,
  CALL_IN0,
  CALL_IN1,
  CALL_SAMPLE_WEIGHT,
  CALL_SCRATCH,
  CALL_TILE,
  CALL_TO,
  FLAG_VALUE,
  SCRATCH_VALUES,
} from '../generated/abi';
import { APPLY_UNIT, gradScale, hasUnit } from '../gradScale';
import { P0, setParams } from '../params';
import { Tree } from '../reduce/tree';
import { Wide } from '../reduce/wide';
import { Lanes } from '../simd/lanes';
import { Pair } from '../simd/pair';
import { Hessian } from './hessian';
import { Rival } from './rivals';
import { END, END_BLOCK } from './rowValues';

/** The formulas of what a class is too near to a label, m ≥ 0 or NaN. */
export abstract class SetOp<T extends number> {
  /** d m / d x_j */
  abstract slope(m: v128): v128;
  /** The same of what is no NaN. */
  abstract plainSlope(m: v128): v128;
}

// Of the call. The tile's parts have a row each, padded to whole vectors: its numbers, all bits of the classes that are rivals, slopes;
// then, as u32, how often each class is listed, and which are.
let classes: usize = 0;
let bytes: usize = 0;
let xs: usize = 0;
let rivals: usize = 0;
let slopes: usize = 0;
let counts: usize = 0;
let list: usize = 0;

/** Of the present row's labels: the sum of m in f64x2, and whether their slopes are wanted. */
let costs: v128 = i32x4.splat(0);
let wantSlopes: bool = false;

/** A number of which eight add up to less than the dtype's greatest. */
function MOST<T extends number>(): f64 {
  return sizeof<T>() == 4 ? 2.12676479325587e37 : 1.1235582092889474e307; // 2¹²⁴, 2¹⁰²⁰
}

/** Whether no number of the present row is NaN, or so great that what is missing may add up to more than there is. */
function IS_TAME<T extends number>(): bool {
  const most = Lanes.splat<T>(MOST<T>());
  let isLess = v128.not(Lanes.zero());
  for (let i: usize = 0; i < bytes; i += 16) isLess = v128.and(isLess, v128.lt<T>(v128.load(xs + i), most));
  return v128.all_true<i64>(isLess);
}

/** The sum of a vector's lanes, which are slopes. */
function FOLD<T extends number>(v: v128): f64 {
  return Tree.fold(Tree.accumulate<T>(Lanes.zero(), v));
}

class Labels {
  /** How often the label at p is listed. */
  @inline static count(p: usize): u32 {
    return load<u32>(counts + 4 * usize(load<u32>(p)));
  }

  /** Whether the labels from p up to `end` are listed once each, and whatever is missing to them in a row that is tame is finite. */
  static areSingle<T extends number>(p: usize, end: usize): bool {
    for (; p != end; p += 4) if (Labels.count(p) != 1 || !(Labels.own<T>(p) >= -MOST<T>())) return false;
    return true;
  }

  /** The number of the label at p. */
  @inline static own<T extends number>(p: usize): f64 {
    return Lanes.load<T>(xs + usize(load<u32>(p)) * sizeof<T>());
  }

  /** What classes are too near to a label, 0 where they are no rivals. */
  @inline static missing<T extends number>(x: v128, rivals: v128, own: v128, margin: v128): v128 {
    return v128.and(Rival.missing<T>(x, own, margin), rivals);
  }

  /** Takes a label's pull from its own slope. */
  static pull<T extends number>(at: usize, own: v128, slope: v128): void {
    const p = slopes + usize(load<u32>(at)) * sizeof<T>();
    // NaN where its number is, though it have no rival
    const pull = Lanes.splat<T>(FOLD<T>(slope) + Lanes.first<T>(Rival.lost<T>(own)));
    Lanes.storeFirst<T>(p, v128.sub<T>(Lanes.loadSplat<T>(p), pull));
  }
}

/** Sweeps over the present row for the label at p, however often it is listed. */
function ONE<T extends number, L extends SetOp<T>>(p: usize): void {
  const times = Labels.count(p);
  const own = Lanes.splat<T>(Labels.own<T>(p));
  const wide = f64x2.splat(f64(times));
  const factor = Lanes.splat<T>(f64(times));
  let cost = Wide.low<T>(Rival.lost<T>(own));
  let pull = Lanes.zero();
  const margin = P0;
  const hasSlopes = wantSlopes;
  const end = xs + bytes;
  let r = rivals;
  let g = slopes;
  for (let x = xs; x != end; x += 16) {
    const m = Labels.missing<T>(v128.load(x), v128.load(r), own, margin);
    r += 16;
    const sum = sizeof<T>() == 4 ? v128.add<f64>(Wide.low<T>(m), Wide.high<T>(m)) : m;
    cost = v128.add<f64>(cost, v128.mul<f64>(sum, wide));
    if (hasSlopes) {
      const slope = v128.mul<T>(changetype<L>(0).slope(m), factor);
      pull = v128.add<T>(pull, slope);
      v128.store(g, v128.add<T>(v128.load(g), slope));
      g += 16;
    }
  }
  costs = v128.add<f64>(costs, cost);
  if (wantSlopes) Labels.pull<T>(p, own, pull);
}

/** The same for three or four labels from p up to `end`, each of which is listed once. */
function FOUR<T extends number, L extends SetOp<T>>(p: usize, end: usize): void {
  // nothing is missing to what is infinite
  const none = Lanes.infinity<T>();
  const own0 = Lanes.splat<T>(Labels.own<T>(p));
  const own1 = Lanes.splat<T>(Labels.own<T>(p + 4));
  const own2 = Lanes.splat<T>(Labels.own<T>(p + 8));
  const own3 = p + 12 < end ? Lanes.splat<T>(Labels.own<T>(p + 12)) : none;
  let cost = Lanes.zero();
  let pull0 = Lanes.zero();
  let pull1 = pull0;
  let pull2 = pull0;
  let pull3 = pull0;
  const margin = P0;
  const hasSlopes = wantSlopes;
  const last = xs + bytes;
  let r = rivals;
  let g = slopes;
  for (let x = xs; x != last; x += 16) {
    const own = v128.load(x);
    const isRival = v128.load(r);
    const a = Labels.missing<T>(own, isRival, own0, margin);
    const b = Labels.missing<T>(own, isRival, own1, margin);
    const c = Labels.missing<T>(own, isRival, own2, margin);
    const d = Labels.missing<T>(own, isRival, own3, margin);
    r += 16;
    cost = Tree.accumulate<T>(cost, v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d)));
    if (hasSlopes) {
      const s0 = changetype<L>(0).plainSlope(a);
      const s1 = changetype<L>(0).plainSlope(b);
      const s2 = changetype<L>(0).plainSlope(c);
      const s3 = changetype<L>(0).plainSlope(d);
      pull0 = v128.add<T>(pull0, s0);
      pull1 = v128.add<T>(pull1, s1);
      pull2 = v128.add<T>(pull2, s2);
      pull3 = v128.add<T>(pull3, s3);
      const all = v128.add<T>(v128.add<T>(s0, s1), v128.add<T>(s2, s3));
      v128.store(g, v128.add<T>(v128.load(g), all));
      g += 16;
    }
  }
  costs = v128.add<f64>(costs, cost);
  if (!wantSlopes) return;
  Labels.pull<T>(p, own0, pull0);
  Labels.pull<T>(p + 4, own1, pull1);
  Labels.pull<T>(p + 8, own2, pull2);
  if (p + 12 < end) Labels.pull<T>(p + 12, own3, pull3);
}

/** Lists the labels from p up to `end`, each once, and counts them; they are no rivals. Returns where the list ends. */
function LIST<T extends number>(p: usize, end: usize): usize {
  let to = list;
  for (; p != end; p += 4) {
    const label = load<u32>(p);
    const count = counts + 4 * usize(label);
    const n = load<u32>(count);
    store<u32>(count, n + 1);
    if (n) continue;
    store<u32>(to, label);
    to += 4;
    Lanes.storeFirst<T>(rivals + usize(label) * sizeof<T>(), Lanes.zero());
  }
  return to;
}

/** Forgets the list up to `end`. */
function FORGET<T extends number>(end: usize): void {
  for (let p = list; p != end; p += 4) {
    const label = usize(load<u32>(p));
    store<u32>(counts + 4 * label, 0);
    Lanes.storeFirst<T>(rivals + label * sizeof<T>(), v128.not(Lanes.zero()));
  }
}

/** Labels up to `end` that have no rival, as all classes are labels: what is NaN stays that. */
function NO_RIVALS<T extends number>(end: usize): void {
  for (let p = list; p != end; p += 4) {
    const own = Lanes.splat<T>(Labels.own<T>(p));
    costs = v128.add<f64>(costs, Wide.low<T>(Rival.lost<T>(own)));
    if (wantSlopes) Labels.pull<T>(p, own, Lanes.zero());
  }
}

/** Works on row i, whose labels begin at p; its loss. */
function ROW<T extends number, L extends SetOp<T>>(x: usize, p: usize): f64 {
  const last = p + 4 * classes;
  let end = p;
  while (end != last && load<i32>(end) >= 0) end += 4;
  costs = Lanes.zero();
  if (wantSlopes) Lanes.fill<T>(slopes, Lanes.zero(), bytes / sizeof<T>());
  if (end == p) return 0;
  Lanes.copy<T>(xs, x, classes);
  const listEnd = LIST<T>(p, end);
  if (listEnd - list == 4 * classes) NO_RIVALS<T>(listEnd);
  else {
    // one label or two are as fast by themselves
    const isTame = listEnd - list > 8 && IS_TAME<T>();
    for (let at = list; at != listEnd; ) {
      const next = min(at + 16, listEnd);
      if (isTame && next - at > 8 && Labels.areSingle<T>(at, next)) {
        FOUR<T, L>(at, next);
        at = next;
      } else for (; at != next; at += 4) ONE<T, L>(at);
    }
  }
  FORGET<T>(listEnd);
  return Tree.fold(costs) / f64(classes);
}

/** Writes the derivatives of the present row. */
function WRITE<T extends number>(grad: usize, hess: usize, scale: v128): void {
  const factor = v128.div<T>(scale, Lanes.splat<T>(f64(classes)));
  const all = classes * sizeof<T>();
  const body = all & ~15;
  for (let i: usize = 0; i < body; i += 16) {
    const slope = v128.load(slopes + i);
    if (hess) v128.store(hess + i, v128.mul<T>(Hessian.of<T>(Hessian.zero<T>(slope)), scale));
    v128.store(grad + i, v128.mul<T>(slope, factor));
  }
  for (let i = body; i < all; i += sizeof<T>()) {
    const slope = Lanes.loadSplat<T>(slopes + i);
    if (hess) Lanes.storeFirst<T>(hess + i, v128.mul<T>(Hessian.of<T>(Hessian.zero<T>(slope)), scale));
    Lanes.storeFirst<T>(grad + i, v128.mul<T>(slope, factor));
  }
  if (sizeof<T>() == 4 && hasUnit) {
    APPLY_UNIT<T>(grad, classes);
    if (hess) APPLY_UNIT<T>(hess, classes);
  }
}

export function LABEL_SETS<T extends number, L extends SetOp<T>>(call: usize): f64 {
  setParams<T>(call);
  Hessian.begin<T>(call);
  const size = sizeof<T>();
  classes = Call.at(call, CALL_CLASSES);
  bytes = (classes * size + 15) & ~15;
  xs = Call.at(call, CALL_TILE);
  rivals = xs + bytes;
  slopes = rivals + bytes;
  counts = slopes + bytes;
  list = counts + 4 * classes;
  Lanes.fill<T>(xs, Lanes.zero(), bytes / size);
  Lanes.fill<T>(rivals, Lanes.zero(), bytes / size);
  Lanes.fill<T>(rivals, v128.not(Lanes.zero()), classes);
  memory.fill(counts, 0, 4 * classes);
  wantSlopes = Call.at(call, CALL_GRAD0) != 0;
  const rows = Call.at(call, CALL_TO);
  const values = Call.at(call, CALL_SCRATCH) + SCRATCH_VALUES;
  const hasValue = Call.has(call, FLAG_VALUE);
  for (let from = Call.at(call, CALL_FROM); from < rows; from += BLOCK) {
    const n = min(BLOCK, rows - from);
    for (let i: usize = 0; i < n; i++) {
      const offset = (from + i) * classes * size;
      const grad = Call.into(call, CALL_GRAD0, offset);
      const hess = Call.into(call, CALL_HESS, offset);
      const weightAt = Call.into(call, CALL_SAMPLE_WEIGHT, (from + i) * size);
      const outputAt = Call.into(call, CALL_GRAD_OUTPUT, (from + i) * size);
      const weight = weightAt ? Lanes.load<T>(weightAt) : 1;
      let value: f64 = 0;
      if (weight == 0) {
        if (grad) Lanes.clear<T>(grad, classes);
        if (hess) Lanes.clear<T>(hess, classes);
      } else {
        value =
          weight *
          ROW<T, L>(Call.at(call, CALL_IN0) + offset, Call.at(call, CALL_IN1) + (from + i) * classes * 4);
        let scale = v128.mul<T>(gradScale, Lanes.splat<T>(weight));
        if (outputAt) scale = v128.mul<T>(scale, Lanes.loadSplat<T>(outputAt));
        if (grad) WRITE<T>(grad, hess, scale);
      }
      Pair.storeFirst<T>(values + i * size, f64x2.splat(value));
    }
    if (hasValue) END_BLOCK<T>(call, from, n);
  }
  return END(call);
}
