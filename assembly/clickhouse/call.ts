// From a block to a call's record, and back: what the functions of the module have in common, of which each loss has some.

import {
  CALL_BYTES,
  CALL_CLASSES,
  CALL_DIVISOR,
  CALL_FLAGS,
  CALL_GRAD0,
  CALL_IGNORE_INDEX,
  CALL_IN0,
  CALL_IN1,
  CALL_INNER,
  CALL_OUTER,
  CALL_SCALE,
  CALL_SCRATCH,
  CALL_TILE,
  CALL_TO,
  CALL_VALUE,
  CALL_WEIGHT,
  FLAG_EVERY_ROW,
  FLAG_INDEX,
  FLAG_VALUE,
  SCRATCH_BYTES,
  TILE_WIDTH,
  TILES,
} from '../generated/abi';
import { column, newBlock, onlyColumn, resize, take } from './buffers';
import { num, raise, text } from './errors';
import { begun } from './live';

export const CALL: usize = memory.data(i32(CALL_BYTES), 16);
const SCRATCH: usize = memory.data(i32(SCRATCH_BYTES), 16);
/** Numbers that broadcast, and their shape: no axis. */
const NUMBERS: usize = memory.data(64, 16);
const NO_AXES: usize = memory.data(16, 16);

/** What a function is called with, and whether it is for the gradient. */
let block: usize = 0;
let count: u32 = 0;
let isForGrad: bool = false;

/** Where the tile is, and of how many classes; 0: there is none. */
let tileAt: usize = 0;
let tileClasses: usize = 0;

export function begin(handle: usize, n: u32, isGrad: bool): void {
  begun();
  block = handle;
  count = n;
  isForGrad = isGrad;
  tileClasses = 0;
  memory.fill(CALL, 0, CALL_BYTES);
  store<f64>(CALL, 1, CALL_SCALE);
  store<f64>(CALL, 1, CALL_DIVISOR);
  store<u32>(CALL, u32(SCRATCH), CALL_SCRATCH);
  store<u32>(CALL, isGrad ? 0 : FLAG_VALUE, CALL_FLAGS);
  store<u32>(CALL, 1, CALL_OUTER);
  store<u32>(CALL, 1, CALL_CLASSES);
}

// ---- options: columns in which all rows have the same

/** Begins a message: the rest of it and `raise` are to follow. */
export function refuse(name: string, what: string): void {
  text('ERR_OPTION: "');
  text(name);
  text('" expected ');
  text(what);
}

export function refuseNumber(name: string, what: string, got: f64): void {
  refuse(name, what);
  text(', got ');
  num(got);
  raise();
}

export function refuseAll(message: string): void {
  text('ERR_OPTION: ');
  text(message);
  raise();
}

function refuseRow(name: string, row: u32): void {
  refuse(name, 'the same in all rows, got another in row ');
  num(row);
  text(' of its block');
  raise();
}

/** A number that is an option: column i. */
export function option(i: i32, name: string): f64 {
  const at = column(block, i);
  const first = load<u64>(at);
  for (let row: u32 = 1; row < count; row++)
    if (load<u64>(at + 8 * usize(row)) != first) refuseRow(name, row);
  return load<f64>(at);
}

/** Makes number k an operand, where it is one. */
export function broadcast(k: usize, value: f64, field: usize, shapeField: usize): void {
  if (F64.isNaN(value)) return;
  store<f32>(NUMBERS + 4 * k, f32(value));
  store<u32>(CALL + field, u32(NUMBERS + 4 * k));
  store<u32>(CALL + shapeField, u32(NO_AXES));
}

/** How many weights of classes there are; 0: all are 1. */
let weightCount: u64 = 0;
let weightsAt: usize = 0;

export function noClassWeights(): void {
  weightCount = 0;
}

export const hasWeights = (): bool => weightCount != 0;

export function classWeights(i: i32, name: string): void {
  const ends = column(block, i);
  weightCount = load<u64>(ends);
  weightsAt = ends + 8 * usize(count);
  const bytes = usize(4 * weightCount);
  for (let row: u32 = 1; row < count; row++) {
    const isSame = load<u64>(ends + 8 * usize(row)) == weightCount * (u64(row) + 1);
    if (!isSame || memory.compare(weightsAt, weightsAt + usize(row) * bytes, bytes)) refuseRow(name, row);
  }
}

// ---- elements

/** A result of a number for each row, which is the gradient or the value. */
function ofRows(): usize {
  const out = newBlock(count, 4 * usize(count));
  store<u32>(CALL + (isForGrad ? CALL_GRAD0 : CALL_VALUE), u32(onlyColumn(out)));
  return out;
}

/** Makes the first columns the inputs of a call; returns its result. */
export function elements(inputs: i32): usize {
  const out = ofRows();
  store<u32>(CALL, count, CALL_INNER);
  store<u32>(CALL, count, CALL_TO);
  for (let i = 0; i < inputs; i++) store<u32>(CALL + CALL_IN0 + 4 * usize(i), u32(column(block, i)));
  return out;
}

// ---- rows of classes: columns 0, 1 and 2 are the arrays, the labels, and bytes that say which labels are NULL

const NO_LABEL: f64 = NaN;

let orNan: bool = false;
let ignored: f64 = NO_LABEL;
let ends: usize = 0;
let logits: usize = 0;
let labels: usize = 0;
let nulls: usize = 0;
/** The labels as kernels have them. */
let indices: usize = 0;
let results: usize = 0;
let result: usize = 0;
let row: u32 = 0;
let start: u64 = 0;
/** The classes of the rows before, as soon as one of them counts. */
let usual: u64 = 0;
let hasUsual: bool = false;

/** Classes of the present run. */
export let classes: usize = 0;

/** Makes room for the result of a function of rows. `ignoreIndex`: −1 where no label is ignored, which `isEvery` says. */
export function beginRows(isOrNan: bool, isSoft: u32, isEvery: bool, ignoreIndex: f64): usize {
  orNan = isOrNan;
  ignored = isEvery ? NO_LABEL : ignoreIndex;
  row = 0;
  start = 0;
  hasUsual = false;
  const flags = load<u32>(CALL, CALL_FLAGS) | FLAG_INDEX | isSoft | (isEvery ? FLAG_EVERY_ROW : 0);
  store<u32>(CALL, flags, CALL_FLAGS);
  store<i32>(CALL, i32(ignoreIndex), CALL_IGNORE_INDEX);
  if (!count) return newBlock(0, 0);
  ends = column(block, 0);
  logits = ends + 8 * usize(count);
  labels = column(block, 1);
  nulls = column(block, 2);
  indices = take(4 * usize(count));
  const elements = usize(load<u64>(ends + 8 * usize(count - 1)));
  const out = newBlock(count, isForGrad ? 8 * usize(count) + 4 * elements : 4 * usize(count));
  result = out;
  results = onlyColumn(out);
  if (isForGrad) {
    memory.copy(results, ends, 8 * usize(count));
    results += 8 * usize(count);
  }
  return out;
}

/** Whether a label is no class; one that is ignored is one. */
function isBad(label: f64, classes: u64): bool {
  return !(label >= 0 && label < f64(classes) && trunc(label) == label) && label != ignored;
}

/** Goes on to the next rows that have as many classes, and makes them the call; false: there are none. */
export function nextRows(): bool {
  while (row < count) {
    const from = row;
    const first = start;
    const end = load<u64>(ends + 8 * usize(from));
    const each = end - first;
    let last = end;
    for (row++; row < count; row++) {
      const next = load<u64>(ends + 8 * usize(row));
      if (next - last != each) break;
      last = next;
    }
    start = last;
    if (!orNan) expectUsual(from, row, each);
    toIndices(from, row, each);
    if (weightCount && weightCount != each) refuseWeights(each);
    if (!each) {
      // nothing is left but what is ignored, and what will be NaN
      if (!isForGrad) memory.fill(results + 4 * usize(from), 0, 4 * usize(row - from));
      continue;
    }
    classes = usize(each);
    store<u32>(CALL, row - from, CALL_OUTER);
    store<u32>(CALL, u32(each), CALL_CLASSES);
    store<u32>(CALL, 1, CALL_INNER);
    store<u32>(CALL, row - from, CALL_TO);
    store<u32>(CALL, u32(logits + 4 * usize(first)), CALL_IN0);
    store<u32>(CALL, u32(indices + 4 * usize(from)), CALL_IN1);
    store<u32>(CALL, weightCount ? u32(weightsAt) : 0, CALL_WEIGHT);
    if (isForGrad) store<u32>(CALL, u32(results + 4 * usize(first)), CALL_GRAD0);
    else store<u32>(CALL, u32(results + 4 * usize(from)), CALL_VALUE);
    return true;
  }
  return false;
}

const isNull = (row: u32): bool => load<u8>(nulls + usize(row)) != 0;

/** Rows that are not NULL have as many classes as those before. */
function expectUsual(from: u32, to: u32, classes: u64): void {
  if (hasUsual && classes == usual) return;
  while (from < to && isNull(from)) from++;
  if (from == to) return;
  if (hasUsual) refuseRagged(classes, from);
  usual = classes;
  hasUsual = true;
}

/** Labels are checked where it is said what is wrong with them, or they will be NaN; these are read as class 0. */
function toIndices(from: u32, to: u32, classes: u64): void {
  for (let i = from; i < to; i++) {
    const label = load<f64>(labels + 8 * usize(i));
    const bad = isBad(label, classes);
    if (bad && !orNan && !isNull(i)) refuseLabel(label, i, classes);
    store<i32>(indices + 4 * usize(i), bad ? 0 : i32(label));
  }
}

/** Gives the call a tile of the present classes. */
export function needTile(): void {
  if (classes > tileClasses) {
    tileAt = take(TILES * TILE_WIDTH * ((classes + 7) & ~7));
    tileClasses = classes;
  }
  store<u32>(CALL, u32(tileAt), CALL_TILE);
}

/** What has no label is NaN, and the gradient of what is NULL an empty array. */
export function endRows(): void {
  if (orNan) fillBad();
  if (isForGrad && count) removeNulls();
}

function fillBad(): void {
  let first: u64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const end = load<u64>(ends + 8 * usize(i));
    if (isBad(load<f64>(labels + 8 * usize(i)), end - first)) {
      if (isForGrad) for (let k = first; k < end; k++) store<f32>(results + 4 * usize(k), NaN);
      else store<f32>(results + 4 * usize(i), NaN);
    }
    first = end;
  }
}

function removeNulls(): void {
  let first: u64 = 0;
  let kept: u64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const end = load<u64>(ends + 8 * usize(i));
    if (!isNull(i)) {
      const bytes = usize(4 * (end - first));
      if (kept != first) memory.copy(results + usize(4 * kept), results + usize(4 * first), bytes);
      kept += end - first;
    }
    store<u64>(results - 8 * usize(count - i), kept);
    first = end;
  }
  if (kept != first) resize(result, 8 * usize(count) + usize(4 * kept));
}

function refuseLabel(label: f64, row: u32, classes: u64): void {
  text('ERR_LABEL: "target" expected class indices in [0, ');
  num(f64(classes));
  text(')');
  if (!F64.isNaN(ignored)) {
    text(' or ignoreIndex ');
    num(ignored);
  }
  text(', got ');
  num(label);
  text(' in row ');
  num(row);
  text(' of its block');
  raise();
}

function refuseRagged(each: u64, row: u32): void {
  text('ERR_SHAPE: "input" expected arrays of one length, ');
  num(f64(usual));
  text(' as in the rows before, got ');
  num(f64(each));
  text(' in row ');
  num(row);
  text(' of its block');
  raise();
}

function refuseWeights(each: u64): void {
  text('ERR_SHAPE: "weight" expected ');
  num(f64(each));
  text(' numbers, one for each class, got ');
  num(f64(weightCount));
  raise();
}
