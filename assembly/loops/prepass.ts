// Before anything is written: are all labels classes, how many rows count, and what do their weights add up to.

import { Call } from '../call';
import {
  BLOCK,
  CALL_ACTIVE,
  CALL_CLASSES,
  CALL_FIRST,
  CALL_IGNORE_INDEX,
  CALL_IN1,
  CALL_SAMPLE_WEIGHT,
  CALL_SCRATCH,
  CALL_TO,
  CALL_WEIGHT,
  CALL_WEIGHT_SUM,
  FLAG_EVERY_ROW,
  FLAG_INDEX,
  FLAG_SETS,
  SCRATCH_STACK,
  SCRATCH_VALUES,
} from '../generated/abi';
import { Tree } from '../reduce/tree';
import { Lanes } from '../simd/lanes';

/**
 * First label of a row that counts that is outside [0, classes) and not ignored, or −1. Writes active and weightSum: of all rows of the
 * call up to the last of these, where those before came first, in whole blocks.
 */
export function PREPASS<T extends number>(call: usize): i32 {
  const rows = Call.at(call, CALL_TO);
  const first = Call.at(call, CALL_FIRST);
  const classes = load<u32>(call, CALL_CLASSES);
  const isIndex = Call.has(call, FLAG_INDEX);
  const isEvery = Call.has(call, FLAG_EVERY_ROW);
  // a class where no label is ignored; of sets −1, which is none
  const isSets = Call.has(call, FLAG_SETS);
  const ignore = isEvery && !isSets ? 0 : load<i32>(call, CALL_IGNORE_INDEX);
  const perRow = isSets ? usize(classes) : 1;
  let labels = isIndex ? Call.at(call, CALL_IN1) : 0;
  const w = isIndex && !isEvery ? Call.at(call, CALL_WEIGHT) : 0;
  const sampleWeight = Call.at(call, CALL_SAMPLE_WEIGHT);
  const values = Call.at(call, CALL_SCRATCH) + SCRATCH_VALUES;
  const stack = Call.at(call, CALL_SCRATCH) + SCRATCH_STACK;

  for (let from: usize = 0; labels; from++) {
    from = FIRST_BAD(labels, from, rows * perRow, classes, ignore);
    if (from >= rows * perRow) break;
    // a row of weight 0 may have any label
    if (!sampleWeight || Lanes.load<T>(sampleWeight + (from / perRow) * sizeof<T>()) != 0) return i32(from);
  }
  if (isEvery) labels = 0;
  let active: u32 = first ? load<u32>(call, CALL_ACTIVE) : 0;
  if (!w && !sampleWeight) {
    active += labels ? u32(rows) - COUNT(labels, rows, ignore) : u32(rows);
    store<u32>(call, active, CALL_ACTIVE);
    store<f64>(call, f64(active), CALL_WEIGHT_SUM);
    return -1;
  }
  for (let from: usize = 0; from < rows; from += BLOCK) {
    const m = min(BLOCK, rows - from);
    for (let i: usize = 0; i < m; i++) {
      const row = from + i;
      let weight = Lanes.one<T>();
      let counts = true;
      if (sampleWeight) {
        weight = Lanes.loadSplat<T>(sampleWeight + row * sizeof<T>());
        counts = Lanes.first<T>(weight) != 0;
      }
      if (labels) {
        const label = load<i32>(labels + 4 * row);
        counts = counts && label != ignore && u32(label) < classes;
        if (counts && w) weight = v128.mul<T>(weight, Lanes.loadSplat<T>(w + usize(label) * sizeof<T>()));
      }
      if (!counts) weight = Lanes.zero();
      active += u32(counts);
      Lanes.storeFirst<T>(values + i * sizeof<T>(), weight);
    }
    Tree.push(stack, (first + from) / BLOCK, Tree.block<T>(values, m));
  }
  store<u32>(call, active, CALL_ACTIVE);
  store<f64>(call, Tree.total(stack, Tree.blocks(first + rows)), CALL_WEIGHT_SUM);
  return -1;
}

class Labels {
  /** Four labels, 0 for those that are ignored. */
  @inline static asked(labels: usize, ignored: v128): v128 {
    const v = v128.load(labels);
    return v128.andnot(v, v128.eq<i32>(v, ignored));
  }
}

/** First row from `i` on with a bad label, or `rows`. */
function FIRST_BAD(labels: usize, i: usize, rows: usize, classes: u32, ignore: i32): usize {
  const ignored = i32x4.splat(ignore);
  const limit = i32x4.splat(i32(classes));
  for (; i + 16 <= rows; i += 16) {
    const at = labels + 4 * i;
    const a = v128.max<u32>(Labels.asked(at, ignored), Labels.asked(at + 16, ignored));
    const b = v128.max<u32>(Labels.asked(at + 32, ignored), Labels.asked(at + 48, ignored));
    if (v128.any_true(v128.ge<u32>(v128.max<u32>(a, b), limit))) break;
  }
  for (; i < rows; i++) {
    const label = load<i32>(labels + 4 * i);
    if (label != ignore && u32(label) >= classes) break;
  }
  return i;
}

/** How many of the labels equal `wanted`. */
function COUNT(labels: usize, rows: usize, wanted: i32): u32 {
  const splat = i32x4.splat(wanted);
  let lanes = i32x4.splat(0);
  let i: usize = 0;
  for (; i + 4 <= rows; i += 4) lanes = v128.sub<i32>(lanes, v128.eq<i32>(v128.load(labels + 4 * i), splat));
  let count = u32(Lanes.indexFold<f32>(lanes));
  for (; i < rows; i++) count += u32(load<i32>(labels + 4 * i) == wanted);
  return count;
}
