// Losses of rows of features: a row's loss follows from sums over its features, its gradient from one more sweep over them. All in
// f64, in pairs of lanes, whatever the dtype: differences of such sums keep their digits, and f32 needs no other formulas (but may have
// them where its bound allows it, as the triplet margin's).
//
// A pair is two features of one row where the features are contiguous and many, else one feature of two rows, in a tile.

import { Call } from '../call';
import {
  BLOCK,
  CALL_CLASSES,
  CALL_FROM,
  CALL_GRAD_OUTPUT,
  CALL_GRAD0,
  CALL_IN0,
  CALL_IN2,
  CALL_INNER,
  CALL_SAMPLE_WEIGHT,
  CALL_SCALE,
  CALL_SCRATCH,
  CALL_TILE,
  CALL_TO,
  FLAG_VALUE,
  SCRATCH_A,
  SCRATCH_TAIL,
  SCRATCH_VALUES,
  TILE_WIDTH,
} from '../generated/abi';
import { GROUP } from '../reduce/tree';
import { Lanes } from '../simd/lanes';
import { Pair } from '../simd/pair';
import { END, END_BLOCK } from './rowValues';
import { LOAD_TILE, STORE_TILE } from './tile';

/** The formulas of a loss of rows x and y, and z where there is a third. What belongs to a pair of lanes is in `Sums`. */
export abstract class FeaturesOp<T extends number> {
  /** Whether the third input is rows, too, and no label. */
  abstract isTriple(): bool;
  /** Starts a call. */
  abstract begin(call: usize): void;
  /** The sweep that a row begins with. */
  abstract first(): i32;
  /** Adds to the sums what n features say, which are `step` bytes apart. */
  abstract sweep(k: i32, x: usize, y: usize, z: usize, step: usize, n: usize): void;
  /** What follows from the sums of sweep k; the sweep that is next, or −1. */
  abstract stage(k: i32, hasValue: bool): i32;
  /** The losses; leaves what `grads` needs. */
  abstract value(): v128;
  /** Writes the gradients of n features to where they are wanted, perhaps over the features. */
  abstract grads(x: usize, y: usize, z: usize, gx: usize, gy: usize, gz: usize, step: usize, n: usize): void;
}

/** Features that are added up before they join the sums. */
const CHUNK: usize = 128;
/** Sums, and what follows from them. */
const COUNT: usize = 16;

// Of the call.
let features: usize = 0;
let record: usize = 0;
let scale: f64 = 0;
/** Whether both lanes are of one row. */
export let isRow: bool = false;
let sums: usize = 0;

// Of the present pair.
let sampleWeights: v128 = i32x4.splat(0);
export let labels: v128 = i32x4.splat(0);
/** What its gradients are multiplied by. */
export let scales: v128 = i32x4.splat(0);
/** All bits of the lanes that count. */
export let active: v128 = i32x4.splat(0);
/** 1 in the lanes that are features, 0 in what pads them. */
export let ones: v128 = i32x4.splat(0);

/** The numbers of a pair. */
export class Sums {
  @inline static at(i: usize): v128 {
    return v128.load(sums + 16 * i);
  }

  @inline static set(i: usize, v: v128): void {
    v128.store(sums + 16 * i, v);
  }

  @inline static add(i: usize, v: v128): void {
    Sums.set(i, v128.add<f64>(Sums.at(i), v));
  }

  /** Sum i of all features, in both lanes where they are of one row. */
  static total(i: usize): v128 {
    const v = Sums.at(i);
    return isRow ? v128.add<f64>(v, Pair.swap(v)) : v;
  }

  /** The same of what is the greatest instead of a sum. */
  static greatest(i: usize): v128 {
    const v = Sums.at(i);
    return isRow ? v128.max<f64>(v, Pair.swap(v)) : v;
  }
}

/** The operands of rows, one after the other, and their gradients, 0 where none is wanted. */
class Operands {
  @inline static count<T extends number, L extends FeaturesOp<T>>(): usize {
    return changetype<L>(0).isTriple() ? 3 : 2;
  }

  @inline static input(i: usize): usize {
    return Call.at(record + i * sizeof<usize>(), CALL_IN0);
  }

  @inline static grad(i: usize): usize {
    return Call.at(record + i * sizeof<usize>(), CALL_GRAD0);
  }
}

function BEGIN<T extends number, L extends FeaturesOp<T>>(call: usize, ofRow: bool): void {
  record = call;
  isRow = ofRow;
  features = Call.at(call, CALL_CLASSES);
  scale = load<f64>(call, CALL_SCALE) / Call.divisor(call);
  sums = Call.at(call, CALL_SCRATCH) + SCRATCH_TAIL;
  ones = f64x2.splat(1);
  changetype<L>(0).begin(call);
}

/** The numbers of rows a and b of an operand, or 1. */
function OF_ROWS<T extends number>(operand: usize, a: usize, b: usize): v128 {
  return operand ? Pair.of<T>(operand + a * sizeof<T>(), operand + b * sizeof<T>()) : f64x2.splat(1);
}

/** Makes rows a and b the present pair; false where neither counts. */
function SET<T extends number, L extends FeaturesOp<T>>(call: usize, a: usize, b: usize): bool {
  sampleWeights = OF_ROWS<T>(Call.at(call, CALL_SAMPLE_WEIGHT), a, b);
  labels = OF_ROWS<T>(changetype<L>(0).isTriple() ? 0 : Call.at(call, CALL_IN2), a, b);
  active = v128.ne<f64>(sampleWeights, Lanes.zero());
  const output = OF_ROWS<T>(Call.at(call, CALL_GRAD_OUTPUT), a, b);
  scales = v128.mul<f64>(v128.mul<f64>(f64x2.splat(scale), sampleWeights), output);
  for (let i: usize = 0; i < COUNT; i++) Sums.set(i, Lanes.zero());
  return v128.any_true(active);
}

/** One sweep over n features. */
function SWEEP<T extends number, L extends FeaturesOp<T>>(
  k: i32,
  x: usize,
  y: usize,
  z: usize,
  step: usize,
  n: usize,
): void {
  while (n) {
    const part = min(n, CHUNK);
    changetype<L>(0).sweep(k, x, y, z, step, part);
    n -= part;
    x += part * step;
    y += part * step;
    z += part * step;
  }
}

/** The losses of the present pair, weighted. */
function VALUE<T extends number, L extends FeaturesOp<T>>(): v128 {
  return v128.and(v128.mul<f64>(changetype<L>(0).value(), sampleWeights), active);
}

/** Where gradient i of what is `by` bytes further goes, if at all. */
function GRAD(i: usize, by: usize): usize {
  const address = Operands.grad(i);
  return address ? address + by : 0;
}

/** Row after row. */
export function FEATURES_ROWS<T extends number, L extends FeaturesOp<T>>(call: usize): f64 {
  BEGIN<T, L>(call, true);
  const size = sizeof<T>();
  const operands = Operands.count<T, L>();
  const hasValue = Call.has(call, FLAG_VALUE);
  const rows = Call.at(call, CALL_TO);
  const values = Call.at(call, CALL_SCRATCH) + SCRATCH_VALUES;
  // where a last odd feature is padded
  const tail = Call.at(call, CALL_SCRATCH) + SCRATCH_A;
  const pairs = features >> 1;
  const body = pairs * 2 * size;
  for (let from = Call.at(call, CALL_FROM); from < rows; from += BLOCK) {
    const n = min(BLOCK, rows - from);
    for (let i: usize = 0; i < n; i++) {
      const at = (from + i) * features * size;
      const x = Operands.input(0) + at;
      const y = Operands.input(1) + at;
      const z = operands == 3 ? Operands.input(2) + at : 0;
      const gx = GRAD(0, at);
      const gy = GRAD(1, at);
      const gz = operands == 3 ? GRAD(2, at) : 0;
      if (!SET<T, L>(call, from + i, from + i)) {
        Pair.storeFirst<T>(values + i * size, Lanes.zero());
        for (let o: usize = 0; o < operands; o++) {
          const g = GRAD(o, at);
          if (g) Lanes.clear<T>(g, features);
        }
        continue;
      }
      const isOdd = features & 1;
      if (isOdd) {
        Lanes.fill<f64>(tail, Lanes.zero(), 6);
        for (let o: usize = 0; o < operands; o++)
          Lanes.copyOne<T>(tail + 16 * o, Operands.input(o) + at + body);
      }
      let k = changetype<L>(0).first();
      while (k >= 0) {
        SWEEP<T, L>(k, x, y, z, 2 * size, pairs);
        if (isOdd) {
          ones = f64x2(1, 0);
          SWEEP<T, L>(k, tail, tail + 16, tail + 32, 0, 1);
          ones = f64x2.splat(1);
        }
        k = changetype<L>(0).stage(k, hasValue);
      }
      Pair.storeFirst<T>(values + i * size, VALUE<T, L>());
      if (!(gx | gy | gz)) continue;
      changetype<L>(0).grads(x, y, z, gx, gy, gz, 2 * size, pairs);
      if (isOdd) {
        changetype<L>(0).grads(tail, tail + 16, tail + 32, tail, tail + 16, tail + 32, 0, 1);
        for (let o: usize = 0; o < operands; o++) {
          const g = GRAD(o, at + body);
          if (g) Lanes.copyOne<T>(g, tail + 16 * o);
        }
      }
    }
    if (hasValue) END_BLOCK<T>(call, from, n);
  }
  return END(call);
}

/** Two rows at a time, in tiles. */
export function FEATURES_LANES<T extends number, L extends FeaturesOp<T>>(call: usize): f64 {
  BEGIN<T, L>(call, false);
  const size = sizeof<T>();
  const operands = Operands.count<T, L>();
  const hasValue = Call.has(call, FLAG_VALUE);
  const inner = Call.at(call, CALL_INNER);
  const first = Call.at(call, CALL_FROM);
  const rows = Call.at(call, CALL_TO);
  const values = Call.at(call, CALL_SCRATCH) + SCRATCH_VALUES;
  // what a tile's load finds, which nobody asks for, and what its store multiplies by
  const ranges = Call.at(call, CALL_SCRATCH) + SCRATCH_A;
  const ones = ranges + GROUP;
  Lanes.fill<T>(ones, Lanes.one<T>(), TILE_WIDTH / size);
  const bytes = ((features + 7) & ~7) * TILE_WIDTH;
  const tiles = Call.at(call, CALL_TILE);
  let hasGrad: usize = 0;
  for (let o: usize = 0; o < operands; o++) hasGrad |= Operands.grad(o);
  for (let row = first; row < rows; ) {
    const count = min(TILE_WIDTH / size, rows - row);
    for (let o: usize = 0; o < operands; o++)
      LOAD_TILE<T>(tiles + o * bytes, Operands.input(o), row, count, features, inner, ranges);
    // the row whose value comes first in the present block
    const start = max(row & ~(BLOCK - 1), first);
    for (let i: usize = 0; i < count; i += 2) {
      SET<T, L>(call, row + i, row + min(i + 1, count - 1));
      const x = tiles + i * size;
      const y = x + bytes;
      const z = y + bytes;
      let k = changetype<L>(0).first();
      while (k >= 0) {
        SWEEP<T, L>(k, x, y, z, TILE_WIDTH, features);
        k = changetype<L>(0).stage(k, hasValue);
      }
      Pair.store<T>(values + (row - start + i) * size, VALUE<T, L>());
      if (hasGrad) changetype<L>(0).grads(x, y, z, x, y, z, TILE_WIDTH, features);
    }
    for (let o: usize = 0; o < operands; o++) {
      const g = Operands.grad(o);
      if (g) STORE_TILE<T>(tiles + o * bytes, g, row, count, features, inner, ones);
    }
    row += count;
    if (hasValue && (row == rows || row % BLOCK == 0)) END_BLOCK<T>(call, start, row - start);
  }
  return END(call);
}
