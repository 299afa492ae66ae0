// Losses in which a class's cost does not depend on the other classes: given log-probabilities (NLL) or
// probabilities (cross entropy of a softmax output).

import { Call } from '../call';
import {
  BLOCK,
  CALL_CLASSES,
  CALL_FROM,
  CALL_GRAD_OUTPUT,
  CALL_GRAD0,
  CALL_HESS,
  CALL_IGNORE_INDEX,
  CALL_IN0,
  CALL_IN1,
  CALL_INNER,
  CALL_SAMPLE_WEIGHT,
  CALL_SCRATCH,
  CALL_TO,
  CALL_WEIGHT,
  FLAG_VALUE,
  SCRATCH_A,
  SCRATCH_B,
  SCRATCH_C,
  SCRATCH_STACK,
  SCRATCH_VALUES,
  TILE_WIDTH,
} from '../generated/abi';
import { gradScale, unit } from '../gradScale';
import { P0, setParams } from '../params';
import { Tree } from '../reduce/tree';
import { Wide } from '../reduce/wide';
import { Lanes } from '../simd/lanes';
import {
  active,
  Coefficient,
  Column,
  classes,
  eTile,
  labels,
  sampleWeights,
  scales,
  tTile,
  wantGrad,
  wantHess,
  wantTarget,
  weights,
  xTile,
} from './column';
import { Hessian } from './hessian';

export abstract class ClassOp<T extends number> {
  /** −log of the class's probability. */
  abstract cost(x: v128): v128;
  /** d cost / d x, times a: a/x may be a number where 1/x is not. */
  abstract slope(x: v128, a: v128): v128;
  /** d slope / d x, times a. */
  abstract curve(x: v128, a: v128): v128;
}

/**
 * Σ_j a_j cost(x_j) over all classes: the lanewise column. A class of coefficient 0 does not count, even where its cost or
 * slope is infinite; it is masked before the scale, so that a divisor of 0 still gives NaN.
 */
export class ClassColumn<T extends number, L extends ClassOp<T>> extends Column<T> {
  prepare(used: usize): void {}

  run(lane: usize, value: usize): void {
    const x = xTile + lane;
    let t = tTile ? tTile + lane : 0;
    let w = weights;
    const end = x + classes * TILE_WIDTH;
    const one = Lanes.indexSplat<T>(1);
    let index = Lanes.zero();
    let low = Lanes.zero();
    let high = Lanes.zero();
    for (let p = x; p < end; p += TILE_WIDTH) {
      const xv = v128.load(p);
      const a = Coefficient.soft<T>(t, w, Lanes.indexEq<T>(index, labels));
      const cost = changetype<L>(0).cost(xv);
      const none = v128.eq<T>(a, Lanes.zero());
      const term = v128.andnot(v128.mul<T>(a, cost), none);
      low = v128.add<f64>(low, Wide.low<T>(term));
      if (sizeof<T>() == 4) high = v128.add<f64>(high, Wide.high<T>(term));
      if (wantHess) {
        const h = Hessian.of<T>(v128.andnot(changetype<L>(0).curve(xv, a), none));
        v128.store(p, v128.and(v128.mul<T>(h, scales), active));
      }
      if (wantGrad) {
        const g = v128.andnot(changetype<L>(0).slope(xv, a), none);
        v128.store(p - xTile + eTile, v128.and(v128.mul<T>(g, scales), active));
      }
      if (wantTarget) {
        const c = w ? Lanes.weigh<T>(P0, Lanes.loadSplat<T>(w)) : P0;
        const g = v128.andnot(v128.mul<T>(cost, c), v128.eq<T>(c, Lanes.zero()));
        v128.store(t, v128.and(v128.mul<T>(g, scales), active));
      }
      if (t) t += TILE_WIDTH;
      if (w) w += sizeof<T>();
      index = Lanes.indexAdd<T>(index, one);
    }
    v128.store(value, v128.and(v128.mul<T>(Wide.narrow<T>(low, high), sampleWeights), active));
  }

  losses(p: usize, n: usize): void {}
}

/** Zeros rows r .. r + n of the tensor [outer, classes, inner]. */
function ZERO_ROWS<T extends number>(tensor: usize, r: usize, n: usize, classes: usize, inner: usize): void {
  if (inner == 1) {
    Lanes.clear<T>(tensor + r * classes * sizeof<T>(), n * classes);
    return;
  }
  while (n) {
    const at = r % inner;
    const run = min(n, inner - at);
    let p = tensor + ((r / inner) * classes * inner + at) * sizeof<T>();
    for (let c: usize = 0; c < classes; c++) {
      Lanes.clear<T>(p, run);
      p += inner * sizeof<T>();
    }
    r += run;
    n -= run;
  }
}

// The present call of PICK.
let rows: usize = 0;
let inner: usize = 0;
let labelsAt: usize = 0;
let ignore: i32 = 0;
let sampleWeightsAt: usize = 0;
let classCount: usize = 0;
let scratch: usize = 0;

function BEGIN_PICK<T extends number>(call: usize): void {
  setParams<T>(call);
  Hessian.begin<T>(call);
  inner = Call.at(call, CALL_INNER);
  rows = Call.at(call, CALL_TO);
  classCount = Call.at(call, CALL_CLASSES);
  scratch = Call.at(call, CALL_SCRATCH);
  labelsAt = Call.at(call, CALL_IN1);
  sampleWeightsAt = Call.at(call, CALL_SAMPLE_WEIGHT);
  ignore = load<i32>(call, CALL_IGNORE_INDEX);
}

/** The row's label, or −1 where the row does not count. */
function LABEL<T extends number>(row: usize): i32 {
  const label = load<i32>(labelsAt + 4 * row);
  if (label == ignore || u32(label) >= u32(classCount)) return -1;
  if (sampleWeightsAt && Lanes.load<T>(sampleWeightsAt + row * sizeof<T>()) == 0) return -1;
  return label;
}

/** The target's inputs of n rows to SCRATCH_A, their weights (0 for rows that don't count) to SCRATCH_B. */
function GATHER<T extends number>(call: usize, from: usize, n: usize): void {
  const x = Call.at(call, CALL_IN0);
  const w = Call.at(call, CALL_WEIGHT);
  for (let i: usize = 0; i < n; i++) {
    const row = from + i;
    const label = LABEL<T>(row);
    let weight = Lanes.zero();
    let picked = Lanes.one<T>();
    if (label >= 0) {
      weight = P0;
      if (sampleWeightsAt)
        weight = v128.mul<T>(weight, Lanes.loadSplat<T>(sampleWeightsAt + row * sizeof<T>()));
      if (w) weight = Lanes.weigh<T>(weight, Lanes.loadSplat<T>(w + usize(label) * sizeof<T>()));
      picked = Lanes.loadSplat<T>(TARGET_AT<T>(x, row, label));
    }
    Lanes.storeFirst<T>(scratch + SCRATCH_A + i * sizeof<T>(), picked);
    Lanes.storeFirst<T>(scratch + SCRATCH_B + i * sizeof<T>(), weight);
  }
}

/** Writes the gradients of n rows: what SCRATCH_C holds at their targets, 0 elsewhere. */
function SCATTER<T extends number>(call: usize, from: usize, n: usize): void {
  const grad = Call.at(call, CALL_GRAD0);
  const gradOutput = Call.at(call, CALL_GRAD_OUTPUT);
  ZERO_ROWS<T>(grad, from, n, classCount, inner);
  for (let i: usize = 0; i < n; i++) {
    const row = from + i;
    const label = LABEL<T>(row);
    if (label < 0) continue;
    let g = Lanes.loadSplat<T>(scratch + SCRATCH_C + i * sizeof<T>());
    if (gradOutput) g = v128.mul<T>(g, Lanes.loadSplat<T>(gradOutput + row * sizeof<T>()));
    Lanes.storeFirst<T>(TARGET_AT<T>(grad, row, label), g);
  }
}

/** Writes the second derivatives of n rows, whose targets' inputs SCRATCH_A holds. */
function SCATTER_HESSIANS<T extends number, L extends ClassOp<T>>(
  call: usize,
  from: usize,
  n: usize,
  scale: v128,
): void {
  const hess = Call.at(call, CALL_HESS);
  const gradOutput = Call.at(call, CALL_GRAD_OUTPUT);
  const w = Call.at(call, CALL_WEIGHT);
  ZERO_ROWS<T>(hess, from, n, classCount, inner);
  for (let i: usize = 0; i < n; i++) {
    const row = from + i;
    const label = LABEL<T>(row);
    if (label < 0) continue;
    let s = scale;
    if (sampleWeightsAt) s = v128.mul<T>(s, Lanes.loadSplat<T>(sampleWeightsAt + row * sizeof<T>()));
    if (gradOutput) s = v128.mul<T>(s, Lanes.loadSplat<T>(gradOutput + row * sizeof<T>()));
    const a = w ? v128.mul<T>(P0, Lanes.loadSplat<T>(w + usize(label) * sizeof<T>())) : P0;
    const curve = changetype<L>(0).curve(Lanes.loadSplat<T>(scratch + SCRATCH_A + i * sizeof<T>()), a);
    const own = Hessian.of<T>(v128.andnot(curve, v128.eq<T>(a, Lanes.zero())));
    const other = v128.mul<T>(v128.mul<T>(Hessian.of<T>(Lanes.zero()), s), unit);
    let p = TARGET_AT<T>(hess, row, 0);
    for (let c: usize = 0; c < classCount; c++) {
      Lanes.storeFirst<T>(p, other);
      p += inner * sizeof<T>();
    }
    Lanes.storeFirst<T>(TARGET_AT<T>(hess, row, label), v128.mul<T>(v128.mul<T>(own, s), unit));
  }
}

/** Adds the block's values to the sum, or copies them to where 'none' wants them. */
function END_PICK<T extends number>(call: usize, from: usize, n: usize): void {
  if (!Call.has(call, FLAG_VALUE)) return;
  const none = Call.values(call);
  const values = scratch + SCRATCH_VALUES;
  if (none) Lanes.copy<T>(none + from * sizeof<T>(), values, n);
  else Tree.push(scratch + SCRATCH_STACK, from / BLOCK, Tree.block<T>(values, n));
}

/** P0 w_t cost(x_t) at the target t alone, 0 where w_t is 0: gathered, computed as vectors of rows, scattered. */
export function PICK<T extends number, L extends ClassOp<T>>(call: usize): f64 {
  BEGIN_PICK<T>(call);
  const scale = gradScale;
  const wantGrad = Call.at(call, CALL_GRAD0) != 0;
  for (let from = Call.at(call, CALL_FROM); from < rows; from += BLOCK) {
    const n = min(BLOCK, rows - from);
    GATHER<T>(call, from, n);
    const end = scratch + n * sizeof<T>();
    for (let p = scratch; p < end; p += 16) {
      const xv = v128.load(p + SCRATCH_A);
      const weight = v128.load(p + SCRATCH_B);
      const none = v128.eq<T>(weight, Lanes.zero());
      const cost = v128.mul<T>(weight, changetype<L>(0).cost(xv));
      v128.store(p + SCRATCH_VALUES, v128.andnot(cost, none));
      if (wantGrad) {
        const slope = v128.andnot(changetype<L>(0).slope(xv, weight), none);
        v128.store(p + SCRATCH_C, v128.mul<T>(v128.mul<T>(slope, scale), unit));
      }
    }
    if (wantGrad) SCATTER<T>(call, from, n);
    if (Call.at(call, CALL_HESS)) SCATTER_HESSIANS<T, L>(call, from, n, scale);
    END_PICK<T>(call, from, n);
  }
  if (!Call.has(call, FLAG_VALUE) || Call.values(call)) return 0;
  return Call.reduced(call, Tree.total(scratch + SCRATCH_STACK, Tree.blocks(rows)));
}

/** Address of class `label` of the row in [outer, classes, inner]. */
function TARGET_AT<T extends number>(tensor: usize, row: usize, label: i32): usize {
  if (inner == 1) return tensor + (row * classCount + usize(label)) * sizeof<T>();
  return tensor + (((row / inner) * classCount + usize(label)) * inner + (row % inner)) * sizeof<T>();
}
