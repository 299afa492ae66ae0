// One lane a row (or a position of the strided class axis of (N, C, d1 … dk)), classes one after another: the loop
// for few classes, where a row is too short for a vector, and for an axis whose neighbours are not classes.
//
// Works tile by tile (see tile.ts). All that does not depend on the loss is in functions that every loss shares; what
// a column is worked on with lies in module globals.

import { Call } from '../call';
import {
  BLOCK,
  CALL_CLASSES,
  CALL_FROM,
  CALL_GRAD_OUTPUT,
  CALL_GRAD0,
  CALL_GRAD1,
  CALL_HESS,
  CALL_IGNORE_INDEX,
  CALL_IN0,
  CALL_IN1,
  CALL_INNER,
  CALL_SAMPLE_WEIGHT,
  CALL_SCRATCH,
  CALL_TILE,
  CALL_TO,
  CALL_WEIGHT,
  FLAG_INDEX,
  FLAG_SOFT,
  FLAG_VALUE,
  SCRATCH_STACK,
  SCRATCH_TAIL,
  SCRATCH_VALUES,
  TILE_WIDTH,
} from '../generated/abi';
import { APPLY_UNIT, gradScale, hasUnit } from '../gradScale';
import { P0, P1, setParams } from '../params';
import { GROUP, Tree } from '../reduce/tree';
import { Lanes } from '../simd/lanes';
import { Hessian } from './hessian';
import { LOAD_TILE, STORE_LABELS, STORE_TILE } from './tile';

/** How one vector of lanes is worked through. */
export abstract class Column<T extends number> {
  /**
   * Works on the lanes `lane` bytes into the tiles and writes their losses, or what `losses` makes them from, to `value`. The
   * gradients overwrite the tiles: that of the input xTile, that of the target tTile, or xTile where there is none.
   * Returns how many bytes of lanes that were: 16, or all of them.
   */
  abstract run(lane: usize, value: usize): usize;
  /** Turns what `run` has written for n rows of a block at p into their losses. */
  abstract losses(p: usize, n: usize): void;
}

// Of the call.
export let classes: usize = 0;
export let weights: usize = 0; // [classes], or 0
export let isIndex: bool = false;
export let isSoft: bool = false;
export let wantGrad: bool = false;
export let wantTarget: bool = false;
/** Second derivatives overwrite eTile. */
export let wantHess: bool = false;
export let xTile: usize = 0;
/** A tile for working values; its padding to whole groups of eight classes is 0. */
export let eTile: usize = 0;
/** The second tensor (probability targets), or 0. */
export let tTile: usize = 0;

/**
 * Set where the tile is vectors of rows of two logits with index targets and no class weights, up to a block of them: the column
 * reads them at `pairs` and writes their gradients at `pairGrads` itself, past the tile.
 */
export let pairs: usize = 0;
export let pairGrads: usize = 0;

// Of the present column, in its lanes.
export let labels: v128 = i32x4.splat(0);
export let active: v128 = i32x4.splat(0);
export let sampleWeights: v128 = i32x4.splat(0);
export let scales: v128 = i32x4.splat(0);
/** Where its labels are, as i32; not read where they are not given. */
export let columnLabels: usize = 0;
/** Room for what belongs to its labels' classes, which END_TILE writes to the gradient. */
export let columnGrads: usize = 0;

let first: usize = 0; // of this part
let isHard: bool = false; // index targets, and only the gradient with respect to the input
let rows: usize = 0; // after the last one
let row: usize = 0; // first of the present tile
export let count: usize = 0; // its rows
let scratch: usize = 0;
let hasValue: bool = false;
let values: usize = 0; // the block's losses
export let scale: v128 = i32x4.splat(0);
export let ignore: v128 = i32x4.splat(0);
// the tile's operands, one element a row; 0 where not given
export let labelsAt: usize = 0;
export let weightsAt: usize = 0;
export let outputsAt: usize = 0;

function BEGIN<T extends number>(call: usize): void {
  setParams<T>(call);
  Hessian.begin<T>(call);
  scale = gradScale;
  ignore = Lanes.indexSplat<T>(load<i32>(call, CALL_IGNORE_INDEX));
  first = Call.at(call, CALL_FROM);
  rows = Call.at(call, CALL_TO);
  row = first;
  count = 0;
  classes = Call.at(call, CALL_CLASSES);
  weights = Call.at(call, CALL_WEIGHT);
  isIndex = Call.has(call, FLAG_INDEX);
  isSoft = Call.has(call, FLAG_SOFT);
  wantGrad = Call.at(call, CALL_GRAD0) != 0;
  wantTarget = Call.at(call, CALL_GRAD1) != 0;
  wantHess = Call.at(call, CALL_HESS) != 0;
  isHard = isIndex && !isSoft && !wantTarget;
  scratch = Call.at(call, CALL_SCRATCH);
  hasValue = Call.has(call, FLAG_VALUE);
  values = scratch + SCRATCH_VALUES;
  const bytes = ((classes + 7) & ~7) * TILE_WIDTH;
  xTile = Call.at(call, CALL_TILE);
  eTile = xTile + bytes;
  tTile = isSoft && !isIndex ? eTile + bytes : 0;
  const used = classes * TILE_WIDTH;
  Lanes.fill<T>(eTile + used, Lanes.zero(), (bytes - used) / sizeof<T>());
}

/** Loads the next tile; false after the last one. */
function NEXT_TILE<T extends number>(call: usize): bool {
  row += count;
  if (row >= rows) return false;
  const lanes = TILE_WIDTH / sizeof<T>();
  const inner = Call.at(call, CALL_INNER);
  count = min(lanes, rows - row);
  pairs = 0;
  if (classes == 2 && inner == 1 && count == lanes && isHard && !weights && !wantHess && !hasUnit) {
    count = min(BLOCK - (row & (BLOCK - 1)), rows - row) & ~(lanes - 1);
    pairs = Call.at(call, CALL_IN0) + 2 * row * sizeof<T>();
    pairGrads = Call.at(call, CALL_GRAD0) + 2 * row * sizeof<T>();
  } else LOAD_TILE<T>(xTile, Call.at(call, CALL_IN0), row, count, classes, inner);
  if (tTile) LOAD_TILE<T>(tTile, Call.at(call, CALL_IN1), row, count, classes, inner);
  const tail = scratch + SCRATCH_TAIL;
  labelsAt = isIndex ? Call.at(call, CALL_IN1) + 4 * row : 0;
  weightsAt = ROW_OPERAND<T>(call, CALL_SAMPLE_WEIGHT, tail + GROUP);
  outputsAt = ROW_OPERAND<T>(call, CALL_GRAD_OUTPUT, tail + 2 * GROUP);
  if (labelsAt && count < lanes) {
    Lanes.copy<f32>(tail, labelsAt, count);
    labelsAt = tail;
  }
  return true;
}

/** Where the tile's elements of a per-row operand are: staged if fewer than a tile's lanes are left. */
function ROW_OPERAND<T extends number>(call: usize, field: usize, slot: usize): usize {
  const operand = Call.at(call, field);
  if (!operand) return 0;
  const at = operand + row * sizeof<T>();
  if (count >= TILE_WIDTH / sizeof<T>()) return at;
  Lanes.copy<T>(slot, at, count);
  return slot;
}

/** Sets the lane vectors of the column `lane` bytes into the tile. */
function SET_COLUMN<T extends number>(lane: usize): void {
  scales = scale;
  sampleWeights = Lanes.one<T>();
  active = Lanes.indexEq<T>(ignore, ignore);
  labels = ignore;
  if (labelsAt) {
    columnLabels = labelsAt + (lane / sizeof<T>()) * 4;
    columnGrads = scratch + SCRATCH_TAIL + 3 * GROUP + lane;
    labels = Lanes.loadIndices<T>(columnLabels);
    active = v128.not(Lanes.indexEq<T>(labels, ignore));
  }
  if (weightsAt) {
    sampleWeights = v128.load(weightsAt + lane);
    scales = v128.mul<T>(scales, sampleWeights);
    active = v128.andnot(active, v128.eq<T>(sampleWeights, Lanes.zero()));
  }
  if (outputsAt) scales = v128.mul<T>(scales, v128.load(outputsAt + lane));
}

/** The row whose value comes first in the present block. */
function BLOCK_START(): usize {
  return max(row & ~(BLOCK - 1), first);
}

/** Stores the tile's gradients. */
function END_TILE<T extends number>(call: usize): void {
  const inner = Call.at(call, CALL_INNER);
  if (sizeof<T>() == 4 && hasUnit) {
    // the tiles, whatever is in them
    APPLY_UNIT<T>(xTile, ((eTile - xTile) * 3) / sizeof<T>());
  }
  if (wantGrad && !pairs) {
    const grad = Call.at(call, CALL_GRAD0);
    STORE_TILE<T>(xTile, grad, row, count, classes, inner);
    if (isHard)
      STORE_LABELS<T>(scratch + SCRATCH_TAIL + 3 * GROUP, labelsAt, grad, row, count, classes, inner);
  }
  if (wantHess) STORE_TILE<T>(eTile, Call.at(call, CALL_HESS), row, count, classes, inner);
  if (wantTarget) STORE_TILE<T>(tTile ? tTile : xTile, Call.at(call, CALL_GRAD1), row, count, classes, inner);
}

/** Stores the values of the block that ends before row `end`, or adds them up. */
function END_BLOCK<T extends number>(call: usize, end: usize): void {
  const from = BLOCK_START();
  const none = Call.values(call);
  if (none) Lanes.copy<T>(none + from * sizeof<T>(), values, end - from);
  else Tree.push(scratch + SCRATCH_STACK, from / BLOCK, Tree.block<T>(values, end - from));
}

function END(call: usize): f64 {
  if (!hasValue || Call.values(call)) return 0;
  return Call.reduced(call, Tree.total(scratch + SCRATCH_STACK, Tree.blocks(rows)));
}

export function LANEWISE<T extends number, K extends Column<T>>(call: usize): f64 {
  BEGIN<T>(call);
  while (NEXT_TILE<T>(call)) {
    const at = values + (row - BLOCK_START()) * sizeof<T>();
    const used = count * sizeof<T>();
    for (let lane: usize = 0; lane < used; ) {
      SET_COLUMN<T>(lane);
      lane += changetype<K>(0).run(lane, at + lane);
    }
    END_TILE<T>(call);
    const end = row + count;
    if (hasValue && (end == rows || end % BLOCK == 0)) {
      changetype<K>(0).losses(values, end - BLOCK_START());
      END_BLOCK<T>(call, end);
    }
  }
  return END(call);
}

export class Coefficient {
  /** w_j ((1 − ε) t_j + ε/C); t from the tile, or 1 where class j is the lane's label. P0 = 1 − ε, P1 = ε/C. */
  @inline static soft<T extends number>(t: usize, w: usize, isLabel: v128): v128 {
    const tv = t ? v128.load(t) : v128.and(isLabel, Lanes.one<T>());
    const a = v128.add<T>(v128.mul<T>(tv, P0), P1);
    return w ? v128.mul<T>(a, Lanes.loadSplat<T>(w)) : a;
  }
}
