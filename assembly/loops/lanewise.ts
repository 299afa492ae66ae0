// One lane a row (or a position of the strided class axis of (N, C, d1 … dk)), classes one after another: the loop
// for few classes, where a row is too short for a vector, and for an axis whose neighbours are not classes.
import {
  BLOCK,
  CALL_CLASSES,
  CALL_GRAD,
  CALL_GRAD_OUTPUT,
  CALL_GRAD_TARGET,
  CALL_IGNORE_INDEX,
  CALL_INNER,
  CALL_INPUT,
  CALL_OUTER,
  CALL_SAMPLE_WEIGHT,
  CALL_SCRATCH,
  CALL_TARGET,
  CALL_TILE,
  CALL_VALUE,
  CALL_WEIGHT,
  FLAG_INDEX,
  FLAG_SOFT,
  FLAG_VALUE,
  SCRATCH_STACK,
  SCRATCH_TAIL,
  SCRATCH_VALUES,
  TILE_WIDTH,
} from '../abi';
import { Call } from '../call';
import { P0, P1, setParams } from '../params';
import { GROUP, Tree } from '../reduce/tree';
import { Lanes } from '../simd/lanes';
import { LOAD_TILE, STORE_TILE } from './tile';

// What a column is worked on with, as lane vectors: set by the lanewise loop for each column.
export let labels: v128 = i32x4.splat(0);
export let active: v128 = i32x4.splat(0);
export let sampleWeights: v128 = i32x4.splat(0);
export let scales: v128 = i32x4.splat(0);

/** How one vector of lanes is worked through. */
export abstract class Column<T extends number> {
  /**
   * Returns the lanes' losses. x is their column in the tile of inputs, e one for working values (its padding to
   * whole groups of eight classes is 0), t that of the second tensor (0 without one), w the class weights. The
   * gradients overwrite the columns: that of the input x, that of the target t, or x where there is no t.
   */
  abstract run(
    x: usize,
    e: usize,
    t: usize,
    w: usize,
    isIndex: bool,
    isSoft: bool,
    classes: usize,
    wantGrad: bool,
    wantTarget: bool,
  ): v128;
}

export class Coefficient {
  /** w_j ((1 − ε) t_j + ε/C); t from the tile, or 1 where class j is the lane's label. P0 = 1 − ε, P1 = ε/C. */
  @inline static soft<T extends number>(t: usize, w: usize, isLabel: v128): v128 {
    const tv = t ? v128.load(t) : v128.and(isLabel, Lanes.one<T>());
    const a = v128.add<T>(v128.mul<T>(tv, P0), P1);
    return w ? v128.mul<T>(a, Lanes.loadSplat<T>(w)) : a;
  }
}

export function LANEWISE<T extends number, K extends Column<T>>(call: usize): f64 {
  setParams<T>(call);
  const scale = Lanes.splat<T>(Call.gradScale(call));
  const inner = Call.at(call, CALL_INNER);
  const rows = Call.at(call, CALL_OUTER) * inner;
  const classes = Call.at(call, CALL_CLASSES);
  const scratch = Call.at(call, CALL_SCRATCH);
  const target = Call.at(call, CALL_TARGET);
  const w = Call.at(call, CALL_WEIGHT);
  const sampleWeight = Call.at(call, CALL_SAMPLE_WEIGHT);
  const gradOutput = Call.at(call, CALL_GRAD_OUTPUT);
  const none = Call.at(call, CALL_VALUE);
  const x = Call.at(call, CALL_INPUT);
  const grad = Call.at(call, CALL_GRAD);
  const gradTarget = Call.at(call, CALL_GRAD_TARGET);
  const ignore = Lanes.indexSplat<T>(load<i32>(call, CALL_IGNORE_INDEX));
  const hasValue = Call.has(call, FLAG_VALUE);
  const isIndex = Call.has(call, FLAG_INDEX);
  const isSoft = Call.has(call, FLAG_SOFT);
  const size = sizeof<T>();
  const lanes = TILE_WIDTH / size;
  const padded = (classes + 7) & ~7;
  const xTile = Call.at(call, CALL_TILE);
  const eTile = xTile + padded * TILE_WIDTH;
  const tTile = isSoft && !isIndex ? eTile + padded * TILE_WIDTH : 0;
  const tail = scratch + SCRATCH_TAIL;
  Lanes.fill<T>(eTile + classes * TILE_WIDTH, Lanes.zero(), (padded - classes) * lanes);

  for (let from: usize = 0; from < rows; from += BLOCK) {
    const m = min(BLOCK, rows - from);
    const values = scratch + SCRATCH_VALUES;
    for (let i: usize = 0; i < m; i += lanes) {
      const row = from + i;
      const n = min(lanes, m - i);
      LOAD_TILE<T>(xTile, x, row, n, classes, inner);
      if (tTile) LOAD_TILE<T>(tTile, target, row, n, classes, inner);
      // per-row operands, staged where fewer than a tile's lanes are left
      let labelsAt = isIndex ? target + 4 * row : 0;
      let weightsAt = sampleWeight ? sampleWeight + row * size : 0;
      let outputsAt = gradOutput ? gradOutput + row * size : 0;
      if (n < lanes) {
        if (labelsAt) {
          Lanes.copy<f32>(tail, labelsAt, n);
          labelsAt = tail;
        }
        if (weightsAt) {
          Lanes.copy<T>(tail + GROUP, weightsAt, n);
          weightsAt = tail + GROUP;
        }
        if (outputsAt) {
          Lanes.copy<T>(tail + 2 * GROUP, outputsAt, n);
          outputsAt = tail + 2 * GROUP;
        }
      }
      for (let v: usize = 0; v < TILE_WIDTH; v += 16) {
        scales = scale;
        sampleWeights = Lanes.one<T>();
        active = Lanes.indexEq<T>(ignore, ignore);
        labels = Lanes.indexSplat<T>(-1);
        if (labelsAt) {
          labels = Lanes.loadIndices<T>(labelsAt + (v / size) * 4);
          active = v128.not(Lanes.indexEq<T>(labels, ignore));
        }
        if (weightsAt) {
          sampleWeights = v128.load(weightsAt + v);
          scales = v128.mul<T>(scales, sampleWeights);
          active = v128.andnot(active, v128.eq<T>(sampleWeights, Lanes.zero()));
        }
        if (outputsAt) scales = v128.mul<T>(scales, v128.load(outputsAt + v));
        const loss = changetype<K>(0).run(
          xTile + v,
          eTile + v,
          tTile ? tTile + v : 0,
          w,
          isIndex,
          isSoft,
          classes,
          grad != 0,
          gradTarget != 0,
        );
        v128.store(values + i * size + v, loss);
      }
      if (grad) STORE_TILE<T>(xTile, grad, row, n, classes, inner);
      if (gradTarget) STORE_TILE<T>(tTile ? tTile : xTile, gradTarget, row, n, classes, inner);
    }
    if (hasValue) {
      if (none) Lanes.copy<T>(none + from * size, values, m);
      else Tree.push(scratch + SCRATCH_STACK, from / BLOCK, Tree.block<T>(values, m));
    }
  }
  return none || !hasValue ? 0 : Call.reduced(call, Tree.total(scratch + SCRATCH_STACK, Tree.blocks(rows)));
}
