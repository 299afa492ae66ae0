// One vector of lanes of the lanewise loop, each lane a row: how it is worked through, and what with. Module state, so that all
// columns share the code that sets it.

import { Call } from '../call';
import {
  CALL_CLASSES,
  CALL_GRAD0,
  CALL_GRAD1,
  CALL_HESS,
  CALL_IGNORE_INDEX,
  CALL_SCRATCH,
  CALL_TILE,
  CALL_WEIGHT,
  FLAG_INDEX,
  FLAG_SOFT,
  SCRATCH_TAIL,
  TILE_WIDTH,
} from '../generated/abi';
import { gradScale } from '../gradScale';
import { P0, P1 } from '../params';
import { GROUP } from '../reduce/tree';
import { Lanes } from '../simd/lanes';

/** How one vector of lanes is worked through. */
export abstract class Column<T extends number> {
  /** What is done for the lanes of a tile together: `used` bytes of them are rows. */
  abstract prepare(used: usize): void;
  /**
   * Works on the lanes `lane` bytes into the tiles and writes their losses, or what `losses` makes them from, to `value`. The
   * gradient of the input goes to eTile, less the factor that `factors` holds for the lane; that of the target to tTile, or eTile
   * where there is none; second derivatives to xTile.
   */
  abstract run(lane: usize, value: usize): void;
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
export let wantHess: bool = false;
export let xTile: usize = 0;
/** A tile for working values; its padding to whole groups of eight classes is 0. */
export let eTile: usize = 0;
/** The second tensor (probability targets), or 0. */
export let tTile: usize = 0;
/** Room for what belongs to the labels' classes of a tile, which goes to the gradient where only that of the input is wanted. */
export let labelTile: usize = 0;
/** The greatest number of each lane of xTile, −inf where all are NaN, and the least one TILE_WIDTH further. */
export let ranges: usize = 0;
/** What each lane of the gradient is multiplied by on its way out; TILE_WIDTH further, ones. */
export let factors: usize = 0;
let ignore: v128 = i32x4.splat(0);

// Of the present column, in its lanes.
export let labels: v128 = i32x4.splat(0);
export let active: v128 = i32x4.splat(0);
export let sampleWeights: v128 = i32x4.splat(0);
export let scales: v128 = i32x4.splat(0);
/** Where its labels are, as i32; not read where they are not given. */
export let columnLabels: usize = 0;
/** Its part of labelTile. */
export let columnGrads: usize = 0;

/** Starts a call. */
export function beginColumns<T extends number>(call: usize): void {
  ignore = Lanes.indexSplat<T>(load<i32>(call, CALL_IGNORE_INDEX));
  classes = Call.at(call, CALL_CLASSES);
  weights = Call.at(call, CALL_WEIGHT);
  isIndex = Call.has(call, FLAG_INDEX);
  isSoft = Call.has(call, FLAG_SOFT);
  wantGrad = Call.at(call, CALL_GRAD0) != 0;
  wantTarget = Call.at(call, CALL_GRAD1) != 0;
  wantHess = Call.at(call, CALL_HESS) != 0;
  const bytes = ((classes + 7) & ~7) * TILE_WIDTH;
  xTile = Call.at(call, CALL_TILE);
  eTile = xTile + bytes;
  tTile = isSoft && !isIndex ? eTile + bytes : 0;
  labelTile = Call.at(call, CALL_SCRATCH) + SCRATCH_TAIL + 3 * GROUP;
  ranges = labelTile + GROUP;
  factors = ranges + GROUP;
  Lanes.fill<T>(factors, Lanes.one<T>(), GROUP / sizeof<T>());
  const used = classes * TILE_WIDTH;
  Lanes.fill<T>(eTile + used, Lanes.zero(), (bytes - used) / sizeof<T>());
}

/** Makes the column `lane` bytes into the tiles the present one; the tile's operands, one element a row, are 0 where not given. */
export function setColumn<T extends number>(
  lane: usize,
  labelsAt: usize,
  weightsAt: usize,
  outputsAt: usize,
): void {
  scales = gradScale;
  sampleWeights = Lanes.one<T>();
  active = Lanes.indexEq<T>(ignore, ignore);
  labels = ignore;
  if (labelsAt) {
    columnLabels = labelsAt + (lane / sizeof<T>()) * 4;
    columnGrads = labelTile + lane;
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

/** The element at p + stride · label for each lane's label, lane i's `step` · i bytes further. */
export function PICK_LANES<T extends number>(p: usize, stride: usize, step: usize, labels: usize): v128 {
  if (sizeof<T>() == 8) {
    const v = v128.load_zero<i64>(p + LABEL(labels) * stride);
    return v128.load_lane<i64>(p + step + LABEL(labels + 4) * stride, v, 1);
  }
  let v = v128.load_zero<i32>(p + LABEL(labels) * stride);
  p += step;
  v = v128.load_lane<i32>(p + LABEL(labels + 4) * stride, v, 1);
  p += step;
  v = v128.load_lane<i32>(p + LABEL(labels + 8) * stride, v, 2);
  p += step;
  return v128.load_lane<i32>(p + LABEL(labels + 12) * stride, v, 3);
}

/** Whatever is at p, a class: labels of rows that do not count may be anything. */
function LABEL(p: usize): usize {
  return min<u32>(load<u32>(p), u32(classes) - 1);
}

export class Coefficient {
  /** w_j ((1 − ε) t_j + ε/C); t from the tile, or 1 where class j is the lane's label. P0 = 1 − ε, P1 = ε/C. */
  @inline static soft<T extends number>(t: usize, w: usize, isLabel: v128): v128 {
    const tv = t ? v128.load(t) : v128.and(isLabel, Lanes.one<T>());
    const a = v128.add<T>(v128.mul<T>(tv, P0), P1);
    return w ? Lanes.weigh<T>(a, Lanes.loadSplat<T>(w)) : a;
  }
}
