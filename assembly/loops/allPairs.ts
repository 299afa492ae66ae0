// Losses of all pairs of rows of two inputs, or of one with itself: their similarities are a product, of which there is a chunk of rows
// at once. What a chunk's rows or columns add up to is measured before its similarities become slopes; where columns count, too, all
// chunks are measured first, and are made anew unless there is one alone.

import { Call } from '../call';
import {
  CALL_CHUNK,
  CALL_FIRST,
  CALL_FROM,
  CALL_PARTIALS,
  CALL_STEP,
  CALL_TO,
  CALL_VALUE,
  FLAG_VALUE,
  STEP_BACK,
  STEP_COLUMNS,
  STEP_END,
  STEP_GATHER,
  STEP_GRAD_INPUT,
  STEP_GRAD_WEIGHT,
  STEP_LOGITS,
  STEP_MEASURE,
  STEP_ORDER,
  STEP_ROWS,
  STEP_SCALE,
} from '../generated/abi';
import { Exp } from '../math/exp';
import { ADD_ROWS } from '../reduce/parts';
import * as chunk from './chunk';
import * as pairs from './pairRows';
import * as row from './row';

/** What is made of similarities. */
export abstract class PairsOp<T extends number> {
  /** Once the rows that count are known: what their slopes are multiplied by. */
  abstract begin(call: usize): void;
  /** Notes what row k's loss and slopes take, its similarities being at s. */
  abstract measure(call: usize, k: usize, s: usize): void;
  /** Adds what the chunk has of the columns in lines `from` to before `to`. */
  abstract columns(call: usize, from: usize, to: usize): void;
  /** Puts slopes in the place of row k's similarities. */
  abstract slopes(k: usize, s: usize): void;
  /** The values of all rows. */
  abstract values(call: usize): void;
}

export class Similarity {
  /** e^x of what is not above 0. Not inlined: all of these losses have it, and a call is little beside a row of a product. */
  static exp<T extends number>(x: v128): v128 {
    return Exp.coarseFlush<T>(x);
  }
}

function MEASURE<T extends number, L extends PairsOp<T>>(call: usize, from: usize, to: usize): void {
  row.beginAlone<T>(call, pairs.others);
  for (let i = from; i < to; i++)
    changetype<L>(0).measure(call, chunk.INDEX(i), chunk.logits + i * chunk.stride);
}

function SLOPES<T extends number, L extends PairsOp<T>>(from: usize, to: usize): void {
  for (let i = from; i < to; i++) changetype<L>(0).slopes(chunk.INDEX(i), chunk.logits + i * chunk.stride);
}

function GRADS<T extends number, L extends PairsOp<T>>(call: usize): void {
  if (!pairs.hasOwn && !pairs.hasShared) return;
  SLOPES<T, L>(0, chunk.count);
  if (pairs.hasOwn) chunk.GRAD_INPUT<T>(call, 0, chunk.panels);
  if (pairs.hasShared) chunk.GRAD_WEIGHT<T>(call, 0, chunk.linesOf<T>());
}

/** The next chunk's similarities; returns the row after it. */
function NEXT<T extends number>(call: usize, first: usize): usize {
  store<usize>(call, first, CALL_FIRST);
  const next = pairs.GATHER<T>(first, Call.at(call, CALL_CHUNK));
  chunk.LOGITS<T>(call, 0, chunk.linesOf<T>());
  return next;
}

function FINISH<T extends number, L extends PairsOp<T>>(call: usize): f64 {
  store<usize>(call, 0, CALL_FIRST);
  pairs.FACTOR_GRAD<T>(call);
  if (!Call.has(call, FLAG_VALUE)) return 0;
  changetype<L>(0).values(call);
  if (Call.at(call, CALL_VALUE)) return 0;
  store<usize>(call, pairs.values, CALL_PARTIALS);
  const value = ADD_ROWS<T>(call);
  store<usize>(call, 0, CALL_PARTIALS);
  return value;
}

/** All of it, or the step that is asked for. */
export function ALL_PAIRS<T extends number, L extends PairsOp<T>>(call: usize): f64 {
  pairs.begin<T>(call);
  const step = load<u32>(call, CALL_STEP);
  const from = Call.at(call, CALL_FROM);
  const to = Call.at(call, CALL_TO);
  if (step == STEP_SCALE) pairs.SCALE_ROWS<T>(call, from, to);
  else if (step == STEP_LOGITS) chunk.LOGITS<T>(call, from, to);
  else if (step == STEP_MEASURE) MEASURE<T, L>(call, from, to);
  else if (step == STEP_COLUMNS) changetype<L>(0).columns(call, from, to);
  else if (step == STEP_ROWS) SLOPES<T, L>(from, to);
  else if (step == STEP_GRAD_INPUT) chunk.GRAD_INPUT<T>(call, from, to);
  else if (step == STEP_GRAD_WEIGHT) chunk.GRAD_WEIGHT<T>(call, from, to);
  else if (step == STEP_BACK) pairs.BACK_ROWS<T>(call, from, to);
  if (step == STEP_GATHER) return f64(pairs.GATHER<T>(Call.at(call, CALL_FIRST), Call.at(call, CALL_CHUNK)));
  if (step == STEP_END) return FINISH<T, L>(call);
  if (step == 0 || step == STEP_ORDER) {
    pairs.ORDER<T>(call);
    changetype<L>(0).begin(call);
    pairs.SET_UNIT<T>(call);
  }
  if (step) return 0;
  pairs.begin<T>(call);
  pairs.SCALE_ROWS<T>(call, 0, pairs.others);
  let first: usize = 0;
  if (pairs.hasColumns) {
    do {
      first = NEXT<T>(call, first);
      MEASURE<T, L>(call, 0, chunk.count);
      changetype<L>(0).columns(call, 0, chunk.linesOf<T>());
    } while (first < pairs.rows);
    if (chunk.count == pairs.rows) GRADS<T, L>(call);
    else if (pairs.hasOwn || pairs.hasShared) {
      first = 0;
      do {
        first = NEXT<T>(call, first);
        GRADS<T, L>(call);
      } while (first < pairs.rows);
    }
  } else {
    do {
      first = NEXT<T>(call, first);
      MEASURE<T, L>(call, 0, chunk.count);
      GRADS<T, L>(call);
    } while (first < pairs.rows);
  }
  pairs.BACK_ROWS<T>(call, 0, pairs.others);
  return FINISH<T, L>(call);
}
