// Losses in which a class's cost does not depend on the other classes: given log-probabilities (NLL) or
// probabilities (cross entropy of a softmax output).
import {
  BLOCK,
  CALL_CLASSES,
  CALL_GRAD,
  CALL_GRAD_OUTPUT,
  CALL_IGNORE_INDEX,
  CALL_INNER,
  CALL_INPUT,
  CALL_OUTER,
  CALL_SAMPLE_WEIGHT,
  CALL_SCRATCH,
  CALL_TARGET,
  CALL_VALUE,
  CALL_WEIGHT,
  FLAG_VALUE,
  SCRATCH_A,
  SCRATCH_B,
  SCRATCH_C,
  SCRATCH_STACK,
  SCRATCH_VALUES,
  TILE_WIDTH,
} from '../abi';
import { Call } from '../call';
import { P0, setParams } from '../params';
import { Tree } from '../reduce/tree';
import { Wide } from '../reduce/wide';
import { Lanes } from '../simd/lanes';
import {
  active,
  Coefficient,
  Column,
  classes,
  labels,
  sampleWeights,
  scales,
  tTile,
  wantGrad,
  wantTarget,
  weights,
  xTile,
} from './lanewise';

export abstract class ClassOp<T extends number> {
  /** −log of the class's probability. */
  abstract cost(x: v128): v128;
  /** d cost / d x. */
  abstract slope(x: v128): v128;
}

/** Σ_j a_j cost(x_j) over all classes: the lanewise column. */
export class ClassColumn<T extends number, L extends ClassOp<T>> extends Column<T> {
  run(lane: usize): v128 {
    const x = xTile + lane;
    let t = tTile ? tTile + lane : 0;
    let w = weights;
    const end = x + classes * TILE_WIDTH;
    const one = Lanes.indexSplat<T>(1);
    const c = v128.mul<T>(scales, P0);
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
      if (wantGrad) {
        const g = v128.mul<T>(v128.mul<T>(a, changetype<L>(0).slope(xv)), scales);
        v128.store(p, v128.and(v128.andnot(g, none), active));
      }
      if (wantTarget) {
        const cw = w ? v128.mul<T>(c, Lanes.loadSplat<T>(w)) : c;
        v128.store(t, v128.and(v128.mul<T>(cost, cw), active));
      }
      if (t) t += TILE_WIDTH;
      if (w) w += sizeof<T>();
      index = Lanes.indexAdd<T>(index, one);
    }
    return v128.and(v128.mul<T>(Wide.narrow<T>(low, high), sampleWeights), active);
  }
}

/** Zeros rows r .. r + n of the tensor [outer, classes, inner]. */
function ZERO_ROWS<T extends number>(tensor: usize, r: usize, n: usize, classes: usize, inner: usize): void {
  if (inner == 1) {
    Lanes.fill<T>(tensor + r * classes * sizeof<T>(), Lanes.zero(), n * classes);
    return;
  }
  while (n) {
    const at = r % inner;
    const run = min(n, inner - at);
    let p = tensor + ((r / inner) * classes * inner + at) * sizeof<T>();
    for (let c: usize = 0; c < classes; c++) {
      Lanes.fill<T>(p, Lanes.zero(), run);
      p += inner * sizeof<T>();
    }
    r += run;
    n -= run;
  }
}

/** w_t cost(x_t) at the target t alone: gathered, computed as vectors of rows, scattered. */
export function PICK<T extends number, L extends ClassOp<T>>(call: usize): f64 {
  setParams<T>(call);
  const scale = Lanes.splat<T>(Call.gradScale(call));
  const inner = Call.at(call, CALL_INNER);
  const rows = Call.at(call, CALL_OUTER) * inner;
  const classes = Call.at(call, CALL_CLASSES);
  const scratch = Call.at(call, CALL_SCRATCH);
  const labelsAt = Call.at(call, CALL_TARGET);
  const w = Call.at(call, CALL_WEIGHT);
  const sampleWeight = Call.at(call, CALL_SAMPLE_WEIGHT);
  const gradOutput = Call.at(call, CALL_GRAD_OUTPUT);
  const none = Call.at(call, CALL_VALUE);
  const x = Call.at(call, CALL_INPUT);
  const grad = Call.at(call, CALL_GRAD);
  const ignore = load<i32>(call, CALL_IGNORE_INDEX);
  const hasValue = Call.has(call, FLAG_VALUE);
  const size = sizeof<T>();
  const values = scratch + SCRATCH_VALUES;
  const picked = scratch + SCRATCH_A;
  const weights = scratch + SCRATCH_B;
  const slopes = scratch + SCRATCH_C;

  for (let from: usize = 0; from < rows; from += BLOCK) {
    const m = min(BLOCK, rows - from);
    const bytes = m * size;
    for (let i: usize = 0; i < m; i++) {
      const row = from + i;
      const label = load<i32>(labelsAt + 4 * row);
      const at = i * size;
      let weight = Lanes.one<T>();
      let counts = label != ignore && u32(label) < u32(classes);
      if (sampleWeight) {
        weight = Lanes.loadSplat<T>(sampleWeight + row * size);
        counts = counts && Lanes.first<T>(weight) != 0;
      }
      if (counts) {
        if (w) weight = v128.mul<T>(weight, Lanes.loadSplat<T>(w + usize(label) * size));
        Lanes.copyOne<T>(picked + at, TARGET_AT<T>(x, row, label, classes, inner));
      } else {
        weight = Lanes.zero();
        Lanes.storeFirst<T>(picked + at, Lanes.one<T>());
      }
      Lanes.storeFirst<T>(weights + at, weight);
    }
    for (let at: usize = 0; at < bytes; at += 16) {
      const xv = v128.load(picked + at);
      const weight = v128.load(weights + at);
      if (hasValue) {
        const cost = v128.mul<T>(weight, changetype<L>(0).cost(xv));
        v128.store(values + at, v128.andnot(cost, v128.eq<T>(weight, Lanes.zero())));
      }
      if (grad) {
        v128.store(slopes + at, v128.mul<T>(v128.mul<T>(weight, changetype<L>(0).slope(xv)), scale));
      }
    }
    if (grad) {
      ZERO_ROWS<T>(grad, from, m, classes, inner);
      for (let i: usize = 0; i < m; i++) {
        const row = from + i;
        const label = load<i32>(labelsAt + 4 * row);
        if (label == ignore || u32(label) >= u32(classes)) continue;
        if (sampleWeight && Lanes.load<T>(sampleWeight + row * size) == 0) continue;
        let g = Lanes.loadSplat<T>(slopes + i * size);
        if (gradOutput) g = v128.mul<T>(g, Lanes.loadSplat<T>(gradOutput + row * size));
        Lanes.storeFirst<T>(TARGET_AT<T>(grad, row, label, classes, inner), g);
      }
    }
    if (hasValue) {
      if (none) Lanes.copy<T>(none + from * size, values, m);
      else Tree.push(scratch + SCRATCH_STACK, from / BLOCK, Tree.block<T>(values, m));
    }
  }
  return none || !hasValue ? 0 : Call.reduced(call, Tree.total(scratch + SCRATCH_STACK, Tree.blocks(rows)));
}

/** Address of class `label` of the row in [outer, classes, inner]. */
function TARGET_AT<T extends number>(
  tensor: usize,
  row: usize,
  label: i32,
  classes: usize,
  inner: usize,
): usize {
  if (inner == 1) return tensor + (row * classes + usize(label)) * sizeof<T>();
  return tensor + (((row / inner) * classes + usize(label)) * inner + (row % inner)) * sizeof<T>();
}
