// One lane a row (or a position of the strided class axis of (N, C, d1 … dk)), classes one after another: the loop
// for few classes, where a row is too short for a vector, and for an axis whose neighbours are not classes.
//
// Works tile by tile (see tile.ts), and on each by columns (see column.ts).

import { Call } from '../call';
import {
  BLOCK,
  CALL_FROM,
  CALL_GRAD_OUTPUT,
  CALL_GRAD0,
  CALL_GRAD1,
  CALL_HESS,
  CALL_IN0,
  CALL_IN1,
  CALL_INNER,
  CALL_SAMPLE_WEIGHT,
  CALL_SCRATCH,
  CALL_TO,
  FLAG_VALUE,
  SCRATCH_TAIL,
  SCRATCH_VALUES,
  TILE_WIDTH,
} from '../generated/abi';
import { APPLY_UNIT, hasUnit } from '../gradScale';
import { setParams } from '../params';
import { GROUP } from '../reduce/tree';
import { Lanes } from '../simd/lanes';
import {
  beginColumns,
  Column,
  classes,
  eTile,
  factors,
  isIndex,
  isSoft,
  labelTile,
  ranges,
  setColumn,
  tTile,
  wantGrad,
  wantHess,
  wantTarget,
  xTile,
} from './column';
import { Hessian } from './hessian';
import { END, END_BLOCK } from './rowValues';
import { LOAD_TILE, STORE_LABELS, STORE_TILE } from './tile';

// The present tile: its first row, how many, and its operands of one element a row, 0 where not given.
let row: usize = 0;
let count: usize = 0;
let labelsAt: usize = 0;
let weightsAt: usize = 0;
let outputsAt: usize = 0;

/** Loads the next tile; false after the last one. */
function NEXT_TILE<T extends number>(call: usize): bool {
  row += count;
  const rows = Call.at(call, CALL_TO);
  if (row >= rows) return false;
  const lanes = TILE_WIDTH / sizeof<T>();
  const inner = Call.at(call, CALL_INNER);
  count = min(lanes, rows - row);
  if (tTile) LOAD_TILE<T>(tTile, Call.at(call, CALL_IN1), row, count, classes, inner, ranges);
  LOAD_TILE<T>(xTile, Call.at(call, CALL_IN0), row, count, classes, inner, ranges);
  const tail = Call.at(call, CALL_SCRATCH) + SCRATCH_TAIL;
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
  if (count == TILE_WIDTH / sizeof<T>()) return at;
  Lanes.copy<T>(slot, at, count);
  return slot;
}

/** Stores the tile's gradients. */
function END_TILE<T extends number>(call: usize): void {
  const inner = Call.at(call, CALL_INNER);
  if (sizeof<T>() == 4 && hasUnit) {
    // the tiles, whatever is in them
    APPLY_UNIT<T>(xTile, ((eTile - xTile) * 3) / sizeof<T>());
  }
  if (wantGrad) {
    const grad = Call.at(call, CALL_GRAD0);
    STORE_TILE<T>(eTile, grad, row, count, classes, inner, factors);
    const isHard = isIndex && !isSoft && !wantTarget;
    if (isHard) STORE_LABELS<T>(labelTile, labelsAt, grad, row, count, classes, inner);
  }
  const ones = factors + TILE_WIDTH;
  if (wantHess) STORE_TILE<T>(xTile, Call.at(call, CALL_HESS), row, count, classes, inner, ones);
  if (wantTarget) {
    STORE_TILE<T>(tTile ? tTile : eTile, Call.at(call, CALL_GRAD1), row, count, classes, inner, ones);
  }
}

export function LANEWISE<T extends number, K extends Column<T>>(call: usize): f64 {
  setParams<T>(call);
  Hessian.begin<T>(call);
  beginColumns<T>(call);
  const first = Call.at(call, CALL_FROM);
  const rows = Call.at(call, CALL_TO);
  const values = Call.at(call, CALL_SCRATCH) + SCRATCH_VALUES;
  const hasValue = Call.has(call, FLAG_VALUE);
  row = first;
  count = 0;
  while (NEXT_TILE<T>(call)) {
    // the row whose value comes first in the present block
    const start = max(row & ~(BLOCK - 1), first);
    const at = values + (row - start) * sizeof<T>();
    const used = count * sizeof<T>();
    changetype<K>(0).prepare(used);
    for (let lane: usize = 0; lane < used; lane += 16) {
      setColumn<T>(lane, labelsAt, weightsAt, outputsAt);
      changetype<K>(0).run(lane, at + lane);
    }
    END_TILE<T>(call);
    const end = row + count;
    if (hasValue && (end == rows || end % BLOCK == 0)) {
      changetype<K>(0).losses(values, end - start);
      END_BLOCK<T>(call, start, end - start);
    }
  }
  return END(call);
}
