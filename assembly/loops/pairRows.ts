// The rows that a loss of all pairs compares: which of them count, what they are divided by, copies of them that are scaled, and the
// way back from a gradient of these. A row that does not count is not there for the others either.

import { Call } from '../call';
import {
  CALL_CLASSES,
  CALL_FEATURES,
  CALL_GRAD0,
  CALL_GRAD1,
  CALL_GRAD2,
  CALL_IN0,
  CALL_IN1,
  CALL_IN2,
  CALL_OUTER,
  CALL_P0,
  CALL_P1,
  CALL_P2,
  CALL_P3,
  CALL_P4,
  CALL_SAMPLE_WEIGHT,
  CALL_TILE,
  CALL_VALUE,
  LINE,
} from '../generated/abi';
import { Scale } from '../math/scale';
import { Lanes } from '../simd/lanes';
import { Pair } from '../simd/pair';
import * as chunk from './chunk';

// Of the call.
/** How many rows count, and how many these are compared with. */
export let rows: usize = 0;
export let others: usize = 0;
/** What similarities are multiplied by. */
export let factor: f64 = 1;
/** What all slopes are multiplied by, a power of two: more than f32 has may cancel, or be divided by a norm. */
let unit: f64 = 1;
/** Whether columns, too, are rows of the loss. */
export let hasColumns: bool = false;
/** Whether rows are divided by their norms. */
let isNormalized: bool = false;
/** The greatest inverse of a norm. */
let mostInverse: f64 = Infinity;
/** Whether rows are compared with those of the same input. */
export let isOfOne: bool = false;
let features: usize = 0;
/** Whether the rows' own gradient is wanted, and that of what they are compared with. */
export let hasOwn: bool = false;
export let hasShared: bool = false;

// The working space: arrays of 8 bytes a row and a line more.
/** Which rows of the call those that count are. */
let order: usize = 0;
/** What the slopes of a row's loss are multiplied by. */
export let ups: usize = 0;
/** Of a row of similarities: the greatest, what e^(s − m) add up to, and one number more; likewise of a column. */
export let rowMax: usize = 0;
export let rowRest: usize = 0;
export let rowOwn: usize = 0;
export let columnMax: usize = 0;
export let columnRest: usize = 0;
export let columnFactor: usize = 0;
/** Products of rows and their gradients. */
let dots: usize = 0;
/** Where the rows' values go. */
export let values: usize = 0;
/** What rows are multiplied by: a power of two, then the inverse of a norm. */
let scales: usize = 0;
let inverses: usize = 0;
let otherScales: usize = 0;
let otherInverses: usize = 0;
/** The scaled rows, then their gradients; what they are compared with, and its gradient. */
let scaled: usize = 0;
let scaledOthers: usize = 0;
let gradOthers: usize = 0;

let at: usize = 0;
function take(bytes: usize): usize {
  const from = at;
  at += (bytes + LINE - 1) & ~(LINE - 1);
  return from;
}

export function begin<T extends number>(call: usize): void {
  const own = Call.at(call, CALL_OUTER);
  const all = Call.at(call, CALL_CLASSES);
  const scaleAt = Call.at(call, CALL_IN2);
  features = Call.at(call, CALL_FEATURES);
  factor = scaleAt ? Lanes.load<T>(scaleAt) : load<f64>(call, CALL_P0);
  hasColumns = load<f64>(call, CALL_P1) != 0;
  isNormalized = load<f64>(call, CALL_P2) != 0;
  isOfOne = load<f64>(call, CALL_P3) != 0;
  hasOwn = (Call.at(call, CALL_GRAD0) | Call.at(call, CALL_GRAD2)) != 0;
  hasShared = isOfOne ? hasOwn : Call.at(call, CALL_GRAD1) != 0;
  mostInverse = 1 / load<f64>(call, CALL_P4);
  const space = Call.at(call, CALL_TILE);
  rows = load<u32>(space, 4);
  others = load<u32>(space, 8);
  unit = load<f64>(space, 16);
  at = chunk.layOut<T>(call, all);
  const bytes: usize = 8 * all + LINE;
  order = take(bytes);
  ups = take(bytes);
  rowMax = take(bytes);
  rowRest = take(bytes);
  rowOwn = take(bytes);
  columnMax = take(bytes);
  columnRest = take(bytes);
  columnFactor = take(bytes);
  dots = take(bytes);
  scales = take(bytes);
  inverses = take(bytes);
  otherScales = take(bytes);
  otherInverses = take(bytes);
  const none = Call.at(call, CALL_VALUE);
  values = take(bytes + 2 * LINE);
  if (none) values = none;
  scaled = take(own * features * sizeof<T>());
  scaledOthers = take(all * features * sizeof<T>());
  gradOthers = at;
  chunk.setFactors(others, scaledOthers, 0, hasOwn ? scaled : 0, hasShared ? gradOthers : 0, 0);
}

/** Which row of the call row k of those that count is. */
export function indexOf(k: usize): usize {
  return usize(load<u32>(order + 4 * k));
}

/** Its sample weight. */
export function weightOf<T extends number>(call: usize, index: usize): f64 {
  const weights = Call.at(call, CALL_SAMPLE_WEIGHT);
  return weights ? Lanes.load<T>(weights + index * sizeof<T>()) : 1;
}

/** Finds the rows that count; the others' values and gradients are 0. */
export function ORDER<T extends number>(call: usize): void {
  const own = Call.at(call, CALL_OUTER);
  const all = Call.at(call, CALL_CLASSES);
  const space = Call.at(call, CALL_TILE);
  const bytes = features * sizeof<T>();
  const grad = Call.at(call, CALL_GRAD0);
  const gradOther = Call.at(call, CALL_GRAD1);
  let count: usize = 0;
  for (let i: usize = 0; i < own; i++) {
    if (weightOf<T>(call, i) != 0) {
      store<u32>(order + 4 * count, u32(i));
      count++;
      continue;
    }
    Lanes.storeFirst<T>(values + i * sizeof<T>(), Lanes.zero());
    if (grad) Lanes.clear<T>(grad + i * bytes, features);
    if (gradOther) Lanes.clear<T>(gradOther + i * bytes, features);
  }
  rows = count;
  // what belongs to no row is compared with all of them
  for (let i = own; i < all; i++) {
    store<u32>(order + 4 * count, u32(i));
    count++;
  }
  others = count;
  store<u32>(space, u32(rows), 4);
  store<u32>(space, u32(others), 8);
}

/** More than what slopes of one row, each times the factor, may add up to in f32. */
const MOST_SLOPES: f64 = 1.329227995784916e36; // 2¹²⁰
const LEAST_UNIT: f64 = 3.054936363499605e-151; // 2⁻⁵⁰⁰

/** Brings the rows' factors to where f32 has room for sums of slopes. */
export function SET_UNIT<T extends number>(call: usize): void {
  let most: f64 = 0;
  for (let k: usize = 0; k < rows; k++) most = max(most, abs(load<f64>(ups + 8 * k)));
  most *= max(1, abs(factor)) * f64(others);
  unit = 1;
  if (sizeof<T>() == 4 && most != Infinity) {
    while (most * unit > MOST_SLOPES && unit > LEAST_UNIT) unit *= 0.5;
    for (let k: usize = 0; k < rows; k++) store<f64>(ups + 8 * k, load<f64>(ups + 8 * k) * unit);
  }
  store<f64>(Call.at(call, CALL_TILE), unit, 16);
}

/** Σ of the products of two rows, each multiplied by a number first. */
function DOT<T extends number>(a: usize, ofA: f64, b: usize, ofB: f64): f64 {
  const byA = f64x2.splat(ofA);
  const byB = f64x2.splat(ofB);
  let sum = Lanes.zero();
  let n = features;
  for (; n >= 2; n -= 2) {
    const product = v128.mul<f64>(v128.mul<f64>(Pair.load<T>(a), byA), v128.mul<f64>(Pair.load<T>(b), byB));
    sum = v128.add<f64>(sum, product);
    a += 2 * sizeof<T>();
    b += 2 * sizeof<T>();
  }
  const total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  return n ? total + Lanes.load<T>(a) * ofA * (Lanes.load<T>(b) * ofB) : total;
}

/** (a − x scale along) scale by, to `to`. */
function PUT<T extends number>(to: usize, a: usize, x: usize, along: f64, scale: f64, by: f64): void {
  const size = sizeof<T>();
  const first = f64x2.splat(scale);
  let n = features;
  for (; n >= 2; n -= 2) {
    const away = v128.mul<f64>(v128.mul<f64>(Pair.load<T>(x), first), f64x2.splat(along));
    const across = v128.sub<f64>(Pair.load<T>(a), away);
    Pair.store<T>(to, v128.mul<f64>(v128.mul<f64>(across, first), f64x2.splat(by)));
    to += 2 * size;
    a += 2 * size;
    x += 2 * size;
  }
  if (n) {
    const across = Lanes.load<T>(a) - Lanes.load<T>(x) * scale * along;
    Lanes.storeFirst<T>(to, Lanes.splat<T>(across * scale * by));
  }
}

/** The greatest |x| of a row; NaN wins. */
function GREATEST<T extends number>(x: usize): f64 {
  let most: f64 = 0;
  for (let k: usize = 0; k < features; k++) most = max(most, abs(Lanes.load<T>(x + k * sizeof<T>())));
  return most;
}

/** A row of `by` times x over its norm, and what that norm is. */
function SCALE_ROW<T extends number>(x: usize, to: usize, scaleAt: usize, inverseAt: usize, by: f64): void {
  let scale: f64 = 1;
  let inverse: f64 = 1;
  if (isNormalized) {
    let sum = DOT<T>(x, 1, x, 1);
    if (sizeof<T>() == 8 && !(sum >= Scale.LEAST && sum <= Scale.MOST)) {
      scale = f64x2.extract_lane(Scale.of(f64x2.splat(GREATEST<T>(x))), 0);
      sum = DOT<T>(x, scale, x, scale);
    }
    inverse = 1 / sqrt(sum);
    if (sum == 0 || inverse * scale > mostInverse) {
      scale = 1;
      // a row of zeros stays one
      inverse = mostInverse == Infinity ? 0 : mostInverse;
    }
  }
  store<f64>(scaleAt, scale);
  store<f64>(inverseAt, inverse);
  PUT<T>(to, x, x, 0, scale, inverse * by);
}

/** Scales rows `from` to before `to`, and what they are compared with. */
export function SCALE_ROWS<T extends number>(call: usize, from: usize, to: usize): void {
  const bytes = features * sizeof<T>();
  const x = Call.at(call, CALL_IN0);
  const y = isOfOne ? x : Call.at(call, CALL_IN1);
  for (let k = from; k < to; k++) {
    const i = indexOf(k);
    if (k < rows) SCALE_ROW<T>(x + i * bytes, scaled + k * bytes, scales + 8 * k, inverses + 8 * k, factor);
    SCALE_ROW<T>(y + i * bytes, scaledOthers + k * bytes, otherScales + 8 * k, otherInverses + 8 * k, 1);
  }
}

/** Gathers the next chunk of rows; returns the row after them. */
export function GATHER<T extends number>(from: usize, most: usize): usize {
  chunk.clear();
  for (; from < rows && chunk.count < most; from++) chunk.add(from);
  chunk.PACK<T>(scaled);
  return from;
}

/** The product of a scaled row's gradient h and the row itself over its norm; writes the gradient of the row to `to`, if given. */
function BACK_ROW<T extends number>(h: usize, x: usize, scale: f64, inverse: f64, by: f64, to: usize): f64 {
  const dot = DOT<T>(h, 1, x, scale) * inverse;
  // of a row that is not over its own norm there is nothing to be taken away
  const along = isNormalized && inverse != mostInverse ? dot * inverse : 0;
  if (to) PUT<T>(to, h, x, along, scale, inverse * by);
  return dot;
}

/** Adds to a row's gradient, which lacks the factor, that of the same row where others were compared with it. */
function JOIN<T extends number>(h: usize, other: usize): void {
  for (let k: usize = 0; k < features; k++) {
    const sum = Lanes.load<T>(h) * factor + Lanes.load<T>(other);
    Lanes.storeFirst<T>(h, Lanes.splat<T>(sum));
    h += sizeof<T>();
    other += sizeof<T>();
  }
}

/** The gradients of rows `from` to before `to` from those of the scaled ones. */
export function BACK_ROWS<T extends number>(call: usize, from: usize, to: usize): void {
  const bytes = features * sizeof<T>();
  const x = Call.at(call, CALL_IN0);
  const y = Call.at(call, CALL_IN1);
  const grad = Call.at(call, CALL_GRAD0);
  const gradOther = Call.at(call, CALL_GRAD1);
  for (let k = from; k < to; k++) {
    const i = indexOf(k) * bytes;
    const h = scaled + k * bytes;
    if (hasOwn && k < rows) {
      if (isOfOne) JOIN<T>(h, gradOthers + k * bytes);
      const by = (isOfOne ? 1 : factor) / unit;
      const scale = load<f64>(scales + 8 * k);
      const inverse = load<f64>(inverses + 8 * k);
      store<f64>(dots + 8 * k, BACK_ROW<T>(h, x + i, scale, inverse, by, grad ? grad + i : 0));
    }
    if (!gradOther) continue;
    const scale = load<f64>(otherScales + 8 * k);
    const inverse = load<f64>(otherInverses + 8 * k);
    BACK_ROW<T>(gradOthers + k * bytes, y + i, scale, inverse, 1 / unit, gradOther + i);
  }
}

/** The gradient of the factor. */
export function FACTOR_GRAD<T extends number>(call: usize): void {
  const to = Call.at(call, CALL_GRAD2);
  if (!to) return;
  let sum: f64 = 0;
  for (let k: usize = 0; k < rows; k++) sum += load<f64>(dots + 8 * k);
  Lanes.storeFirst<T>(to, Lanes.splat<T>(sum / unit));
}
