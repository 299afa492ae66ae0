// Products of a chunk of rows, which lie packed in the working space, and of rows that all chunks share (weights, or the rows to be
// compared with): the logits, and from what became of these the gradients of both.
//
// Each step writes what no other part of it reads, and adds up in an order that depends on shapes alone, so that threads may share it.

import { Call } from '../call';
import {
  CALL_CHUNK,
  CALL_FEATURES,
  CALL_FIRST,
  CALL_SCRATCH,
  CALL_TILE,
  LINE,
  PANEL,
  PANEL_ROWS,
  SCRATCH_A,
  SCRATCH_VALUES,
} from '../generated/abi';
import { Lanes } from '../simd/lanes';
import {
  ADD_PRODUCT,
  CLEAR_SUMS,
  LOAD_SUMS,
  PACK_PANEL,
  STORE_SUMS,
  TERMS,
  TILE_ROWS,
  Tile,
  TRANSPOSE,
} from './matmul';

// Of the call.
export let classes: usize = 0;
export let features: usize = 0;
/** Panels of features, and bytes of one of all rows. */
export let panels: usize = 0;
let panelBytes: usize = 0;
/** What the logits are products with, [classes, features], and what is added to them. */
let weight: usize = 0;
let bias: usize = 0;
let gradInput: usize = 0;
let gradWeight: usize = 0;
let gradBias: usize = 0;

// The working space.
/** How many rows the chunk has. */
let countAt: usize = 0;
export let count: usize = 0;
/** Which rows they are. */
let indices: usize = 0;
/** Features by rows: panels of rows, of each feature. */
let byRows: usize = 0;
/** Rows by features: panels of features, of each row. */
let byFeatures: usize = 0;
/** Sums of the input's gradient: a tile for each four rows and panel of features. */
let sums: usize = 0;
/** Logits, then their gradients, and how far their rows are apart. */
export let logits: usize = 0;
export let stride: usize = 0;

/** Cuts up the space of a call of so many classes, which has room for `most`; returns where it ends. */
export function layOut<T extends number>(call: usize, most: usize): usize {
  const size = sizeof<T>();
  features = Call.at(call, CALL_FEATURES);
  const chunk = (Call.at(call, CALL_CHUNK) + PANEL_ROWS - 1) & ~(PANEL_ROWS - 1);
  panels = (features + Tile.width<T>() - 1) / Tile.width<T>();
  panelBytes = chunk * PANEL;
  countAt = Call.at(call, CALL_TILE);
  count = load<u32>(countAt);
  indices = countAt + LINE;
  logits = indices + ((4 * chunk + LINE - 1) & ~(LINE - 1));
  stride = (((most * size + LINE - 1) / LINE) | 1) * LINE;
  byRows = logits + chunk * stride;
  byFeatures = byRows + panels * panelBytes;
  sums = byFeatures + panels * panelBytes;
  return sums + panels * (chunk / TILE_ROWS) * Tile.bytes<T>();
}

/** Says what the rows are multiplied with, and where gradients go; 0: nowhere. */
export function setFactors(
  itsClasses: usize,
  itsWeight: usize,
  itsBias: usize,
  toInput: usize,
  toWeight: usize,
  toBias: usize,
): void {
  classes = itsClasses;
  weight = itsWeight;
  bias = itsBias;
  gradInput = toInput;
  gradWeight = toWeight;
  gradBias = toBias;
}

/** Lines of classes. */
export function linesOf<T extends number>(): usize {
  return (classes * sizeof<T>() + LINE - 1) / LINE;
}

/** Empties the chunk. */
export function clear(): void {
  count = 0;
}

/** Puts a row into the chunk. */
export function add(row: usize): void {
  store<u32>(indices + 4 * count, u32(row));
  count++;
}

/** Which row of the call the chunk's row i is. */
export function INDEX(i: usize): usize {
  return usize(load<u32>(indices + 4 * i));
}

/** Packs the chunk's rows of the input at x. */
export function PACK<T extends number>(x: usize): void {
  const size = sizeof<T>();
  const width = Tile.width<T>();
  const bytes = features * size;
  const needsFeatures = gradWeight != 0;
  store<u32>(countAt, u32(count));
  for (let i: usize = 0; i < count; i++) {
    const from = x + INDEX(i) * bytes;
    let to = byRows + (i / width) * features * PANEL + (i % width) * size;
    for (let k: usize = 0; k < bytes; k += size) {
      Lanes.copyOne<T>(to, from + k);
      to += PANEL;
    }
    for (let p: usize = 0; needsFeatures && p < panels; p++) {
      const left = min(width, features - p * width);
      PACK_PANEL<T>(byFeatures + p * panelBytes + i * PANEL, from + p * PANEL, 0, 1, left);
    }
  }
  // what pads the last panel of rows is in nobody's sum, but may be slow
  const padding = (width - (count % width)) % width;
  for (let k: usize = 0; padding && k < features; k++) {
    const end = byRows + ((count / width) * features + k + 1) * PANEL;
    Lanes.fill<T>(end - padding * size, Lanes.zero(), padding);
  }
}

/** The logits of the classes in lines `from` to before `to`. */
export function LOGITS<T extends number>(call: usize, from: usize, to: usize): void {
  const size = sizeof<T>();
  const width = Tile.width<T>();
  const tile = Call.at(call, CALL_SCRATCH) + SCRATCH_VALUES;
  const rounded = tile + Tile.bytes<T>();
  const bytes = features * size;
  const lanes = Lanes.count<T>();
  const end = min(to * (LINE / size), classes);
  for (let c = from * (LINE / size); c < end; c += TILE_ROWS) {
    const n = min(TILE_ROWS, classes - c);
    let b = byRows;
    for (let r: usize = 0; r < count; r += width) {
      CLEAR_SUMS<T>(tile);
      for (let i: usize = 0; bias && i < n; i++)
        Lanes.fill<f64>(tile + i * Tile.row<T>(), f64x2.splat(Lanes.load<T>(bias + (c + i) * size)), width);
      ADD_PRODUCT<T>(weight + c * bytes, n, bytes, b, features, tile);
      for (let i: usize = 0; i < TILE_ROWS; i++)
        STORE_SUMS<T>(tile + i * Tile.row<T>(), rounded + i * PANEL, width);
      // rows of classes become columns
      for (let i: usize = 0; i < width; i += lanes) {
        for (let j: usize = 0; j < TILE_ROWS; j += lanes) {
          const at = logits + (r + i) * stride + (c + j) * size;
          TRANSPOSE<T>(rounded + j * PANEL + i * size, PANEL, lanes, at, stride);
        }
      }
      b += features * PANEL;
    }
  }
}

/** The input's gradient, features in panels `from` to before `to`. */
export function GRAD_INPUT<T extends number>(call: usize, from: usize, to: usize): void {
  const size = sizeof<T>();
  const width = Tile.width<T>();
  const panel = Call.at(call, CALL_SCRATCH) + SCRATCH_A;
  const bytes = features * size;
  const tiles = (count + TILE_ROWS - 1) / TILE_ROWS;
  for (let p = from; p < to; p++)
    for (let t: usize = 0; t < tiles; t++) CLEAR_SUMS<T>(sums + (p * tiles + t) * Tile.bytes<T>());
  for (let c: usize = 0; c < classes; c += TERMS) {
    const terms = min(TERMS, classes - c);
    for (let p = from; p < to; p++) {
      PACK_PANEL<T>(panel, weight + c * bytes + p * PANEL, bytes, terms, min(width, features - p * width));
      let tile = sums + p * tiles * Tile.bytes<T>();
      for (let r: usize = 0; r < count; r += TILE_ROWS) {
        ADD_PRODUCT<T>(logits + r * stride + c * size, min(TILE_ROWS, count - r), stride, panel, terms, tile);
        tile += Tile.bytes<T>();
      }
    }
  }
  for (let p = from; p < to; p++) {
    let sum = sums + p * tiles * Tile.bytes<T>();
    for (let r: usize = 0; r < count; r++) {
      STORE_SUMS<T>(sum, gradInput + INDEX(r) * bytes + p * PANEL, min(width, features - p * width));
      sum += Tile.row<T>();
    }
  }
}

/** The gradients of weights and bias, classes in lines `from` to before `to`: the first chunk's are set, others' added. */
export function GRAD_WEIGHT<T extends number>(call: usize, from: usize, to: usize): void {
  const size = sizeof<T>();
  const isFirst = Call.at(call, CALL_FIRST) == 0;
  if (count == 0 && !isFirst) return;
  const tile = Call.at(call, CALL_SCRATCH) + SCRATCH_VALUES;
  const columns = Call.at(call, CALL_SCRATCH) + SCRATCH_A;
  for (let line = from; line < to; line++) {
    const c = line * (LINE / size);
    const n = min(LINE / size, classes - c);
    let r: usize = 0;
    do {
      const terms = min(TERMS, count - r);
      TURN<T>(columns, r, terms, line);
      const isNew = isFirst && r == 0;
      if (gradBias) BIAS<T>(columns, terms, gradBias + c * size, n, isNew);
      if (gradWeight) WEIGHTS<T>(columns, r, terms, gradWeight + c * features * size, n, isNew, tile);
      r += TERMS;
    } while (r < count);
  }
}

/** Of `terms` rows of gradients from r on, one line: classes as rows of TERMS numbers. */
function TURN<T extends number>(to: usize, r: usize, terms: usize, line: usize): void {
  const size = sizeof<T>();
  const lanes = Lanes.count<T>();
  for (let i: usize = 0; i < terms; i += lanes) {
    const from = logits + (r + i) * stride + line * LINE;
    for (let j: usize = 0; j < LINE / 16; j++) {
      const at = to + (j * lanes * TERMS + i) * size;
      TRANSPOSE<T>(from + 16 * j, stride, min(lanes, terms - i), at, TERMS * size);
    }
  }
}

/** Adds up the rows of `columns`, for n classes. */
function BIAS<T extends number>(columns: usize, terms: usize, to: usize, n: usize, isNew: bool): void {
  const size = sizeof<T>();
  for (let i: usize = 0; i < n; i++) {
    let sum: f64 = isNew ? 0 : Lanes.load<T>(to);
    for (let k: usize = 0; k < terms; k++) sum += Lanes.load<T>(columns + k * size);
    Lanes.storeFirst<T>(to, Lanes.splat<T>(sum));
    columns += TERMS * size;
    to += size;
  }
}

/** The product of the rows of `columns` and the input's rows from r on, for n classes. */
function WEIGHTS<T extends number>(
  columns: usize,
  r: usize,
  terms: usize,
  to: usize,
  n: usize,
  isNew: bool,
  tile: usize,
): void {
  const size = sizeof<T>();
  const width = Tile.width<T>();
  const bytes = features * size;
  for (let c: usize = 0; c < n; c += TILE_ROWS) {
    const count = min(TILE_ROWS, n - c);
    for (let p: usize = 0; p < panels; p++) {
      const m = min(width, features - p * width);
      const at = to + c * bytes + p * PANEL;
      if (isNew) CLEAR_SUMS<T>(tile);
      else for (let i: usize = 0; i < count; i++) LOAD_SUMS<T>(tile + i * Tile.row<T>(), at + i * bytes, m);
      ADD_PRODUCT<T>(
        columns + c * TERMS * size,
        count,
        TERMS * size,
        byFeatures + p * panelBytes + r * PANEL,
        terms,
        tile,
      );
      for (let i: usize = 0; i < count; i++) STORE_SUMS<T>(tile + i * Tile.row<T>(), at + i * bytes, m);
    }
  }
}
