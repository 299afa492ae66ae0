// Rows that may have several labels: their targets are lists of classes, which end with the first −1. Each label of a row is compared
// with all classes that are none, and a row costs what these come too near, Σ_{k∈S} Σ_{j∉S} m_jk / C, m_jk = max(0, P0 + (x_j − x_k)).
// A label that is listed twice counts twice. A row without labels costs nothing, and is not read.
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
import { setParams } from '../params';
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
}

// Of the call. The tile's parts have a row each, padded to whole vectors: its numbers, all bits of the classes that are rivals, and
// slopes.
let classes: usize = 0;
let bytes: usize = 0;
let xs: usize = 0;
let rivals: usize = 0;
let slopes: usize = 0;

/** Of the present row's labels: the sum of m in f64x2, and whether their slopes are wanted. */
let costs: v128 = i32x4.splat(0);
let wantSlopes: bool = false;

/** Cost of vectors, in f64: of f32 both halves. */
function WIDE<T extends number>(m: v128): v128 {
  return v128.add<f64>(Wide.low<T>(m), Wide.high<T>(m));
}

/** The sum of a vector's lanes, which are slopes. */
function FOLD<T extends number>(v: v128): f64 {
  return Tree.fold(Tree.accumulate<T>(Lanes.zero(), v));
}

class Labels {
  /** What the classes at i are too near to a label, 0 where they are no rivals. */
  @inline static missing<T extends number>(i: usize, own: v128): v128 {
    return v128.and(Rival.missing<T>(v128.load(xs + i), own), v128.load(rivals + i));
  }

  /** Takes a label's pull from its own slope. */
  static pull<T extends number>(label: usize, own: v128, slope: v128): void {
    const p = slopes + label * sizeof<T>();
    // NaN where its number is, though it have no rival
    const pull = Lanes.splat<T>(FOLD<T>(slope) + Lanes.first<T>(Rival.lost<T>(own)));
    Lanes.storeFirst<T>(p, v128.sub<T>(Lanes.loadSplat<T>(p), pull));
  }
}

/** Sweeps over the present row for the label at p. */
function ONE<T extends number, L extends SetOp<T>>(p: usize): void {
  const label = usize(load<u32>(p));
  const own = Lanes.loadSplat<T>(xs + label * sizeof<T>());
  let cost = v128.add<f64>(costs, Wide.low<T>(Rival.lost<T>(own)));
  let pull = Lanes.zero();
  for (let i: usize = 0; i < bytes; i += 16) {
    const m = Labels.missing<T>(i, own);
    cost = sizeof<T>() == 4 ? v128.add<f64>(cost, WIDE<T>(m)) : v128.add<f64>(cost, m);
    if (wantSlopes) {
      const slope = changetype<L>(0).slope(m);
      pull = v128.add<T>(pull, slope);
      v128.store(slopes + i, v128.add<T>(v128.load(slopes + i), slope));
    }
  }
  costs = cost;
  if (wantSlopes) Labels.pull<T>(label, own, pull);
}

/** The same for the four labels from p on. */
function FOUR<T extends number, L extends SetOp<T>>(p: usize): void {
  const k0 = usize(load<u32>(p));
  const k1 = usize(load<u32>(p, 4));
  const k2 = usize(load<u32>(p, 8));
  const k3 = usize(load<u32>(p, 12));
  const own0 = Lanes.loadSplat<T>(xs + k0 * sizeof<T>());
  const own1 = Lanes.loadSplat<T>(xs + k1 * sizeof<T>());
  const own2 = Lanes.loadSplat<T>(xs + k2 * sizeof<T>());
  const own3 = Lanes.loadSplat<T>(xs + k3 * sizeof<T>());
  const lost = v128.add<T>(
    v128.add<T>(Rival.lost<T>(own0), Rival.lost<T>(own1)),
    v128.add<T>(Rival.lost<T>(own2), Rival.lost<T>(own3)),
  );
  let cost = v128.add<f64>(costs, Wide.low<T>(lost));
  let pull0 = Lanes.zero();
  let pull1 = pull0;
  let pull2 = pull0;
  let pull3 = pull0;
  for (let i: usize = 0; i < bytes; i += 16) {
    const a = Labels.missing<T>(i, own0);
    const b = Labels.missing<T>(i, own1);
    const c = Labels.missing<T>(i, own2);
    const d = Labels.missing<T>(i, own3);
    const sum = v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d));
    if (sizeof<T>() == 4 && v128.any_true(v128.eq<T>(sum, Lanes.infinity<T>()))) {
      // more than f32 has may be less when it is divided
      const wide = v128.add<f64>(
        v128.add<f64>(WIDE<T>(a), WIDE<T>(b)),
        v128.add<f64>(WIDE<T>(c), WIDE<T>(d)),
      );
      cost = v128.add<f64>(cost, wide);
    } else cost = Tree.accumulate<T>(cost, sum);
    if (wantSlopes) {
      const s0 = changetype<L>(0).slope(a);
      const s1 = changetype<L>(0).slope(b);
      const s2 = changetype<L>(0).slope(c);
      const s3 = changetype<L>(0).slope(d);
      pull0 = v128.add<T>(pull0, s0);
      pull1 = v128.add<T>(pull1, s1);
      pull2 = v128.add<T>(pull2, s2);
      pull3 = v128.add<T>(pull3, s3);
      const all = v128.add<T>(v128.add<T>(s0, s1), v128.add<T>(s2, s3));
      v128.store(slopes + i, v128.add<T>(v128.load(slopes + i), all));
    }
  }
  costs = cost;
  if (!wantSlopes) return;
  Labels.pull<T>(k0, own0, pull0);
  Labels.pull<T>(k1, own1, pull1);
  Labels.pull<T>(k2, own2, pull2);
  Labels.pull<T>(k3, own3, pull3);
}

/** Sets the mask of the labels from p up to `end`. */
function MARK<T extends number>(p: usize, end: usize, mask: v128): void {
  for (; p != end; p += 4) Lanes.storeFirst<T>(rivals + usize(load<u32>(p)) * sizeof<T>(), mask);
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
  MARK<T>(p, end, Lanes.zero());
  let at = p;
  for (let left = (end - p) >> 2; left >= 4; left -= 4) {
    FOUR<T, L>(at);
    at += 16;
  }
  for (; at != end; at += 4) ONE<T, L>(at);
  MARK<T>(p, end, v128.not(Lanes.zero()));
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

function AT(call: usize, field: usize, offset: usize): usize {
  const address = Call.at(call, field);
  return address ? address + offset : 0;
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
  Lanes.fill<T>(xs, Lanes.zero(), bytes / size);
  Lanes.fill<T>(rivals, Lanes.zero(), bytes / size);
  Lanes.fill<T>(rivals, v128.not(Lanes.zero()), classes);
  wantSlopes = Call.at(call, CALL_GRAD0) != 0;
  const rows = Call.at(call, CALL_TO);
  const values = Call.at(call, CALL_SCRATCH) + SCRATCH_VALUES;
  const hasValue = Call.has(call, FLAG_VALUE);
  for (let from = Call.at(call, CALL_FROM); from < rows; from += BLOCK) {
    const n = min(BLOCK, rows - from);
    for (let i: usize = 0; i < n; i++) {
      const offset = (from + i) * classes * size;
      const grad = AT(call, CALL_GRAD0, offset);
      const hess = AT(call, CALL_HESS, offset);
      const weightAt = AT(call, CALL_SAMPLE_WEIGHT, (from + i) * size);
      const outputAt = AT(call, CALL_GRAD_OUTPUT, (from + i) * size);
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
