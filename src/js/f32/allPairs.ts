// Losses of all pairs of rows, as in assembly/loops/allPairs.ts: a chunk of rows has its similarities, which become slopes.
import { FLAGS, GRAD0, GRAD1, GRAD2, IN0, IN1, IN2, SAMPLE_WEIGHT, VALUE } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { reduce } from '../reduce.ts';
import { isPlain, scaleOf } from '../scale.ts';

/** Features of the rows that there are: without any they may be any number. */
const widthOf = (classes: number, features: number): number => (classes === 0 ? 0 : features);

/** What a call keeps for the next one. */
export class Pairs {
  /** How many rows count, and how many these are compared with. */
  rows = 0;
  others = 0;
  factor = 1;
  /** The present chunk's. */
  first = 0;
  count = 0;
  /** Which rows of the call those that count are. */
  readonly order: Int32Array;
  /** What the slopes of a row's loss are multiplied by. */
  readonly ups: Float64Array;
  readonly rowMax: Float64Array;
  readonly rowRest: Float64Array;
  readonly rowOwn: Float64Array;
  readonly columnMax: Float64Array;
  readonly columnRest: Float64Array;
  readonly labels: Int32Array;
  readonly values: Float64Array;
  /** Of each row, what it is multiplied by: a power of two, then the inverse of a norm. */
  readonly scales: Float64Array;
  readonly otherScales: Float64Array;
  /** In f64, as more than f32 has may cancel, or be divided by a norm. */
  readonly scaled: Float64Array;
  readonly scaledOthers: Float64Array;
  readonly gradOthers: Float64Array;
  readonly similarities: Float64Array;
  readonly sums: Float64Array;

  constructor({ outer, classes, features, chunk }: KernelCall) {
    this.order = new Int32Array(classes);
    this.ups = new Float64Array(outer);
    this.rowMax = new Float64Array(outer);
    this.rowRest = new Float64Array(outer);
    this.rowOwn = new Float64Array(outer);
    this.columnMax = new Float64Array(classes);
    this.columnRest = new Float64Array(classes);
    this.labels = new Int32Array(classes);
    this.values = new Float64Array(outer);
    this.scales = new Float64Array(2 * outer);
    this.otherScales = new Float64Array(2 * classes);
    this.scaled = new Float64Array(outer * features);
    this.scaledOthers = new Float64Array(classes * features);
    this.gradOthers = new Float64Array(classes * features);
    this.similarities = new Float64Array(chunk * classes);
    this.sums = new Float64Array(widthOf(classes, features));
  }

  fits({ outer, classes, features, chunk }: KernelCall): boolean {
    return (
      this.ups.length === outer &&
      this.order.length === classes &&
      this.sums.length === widthOf(classes, features) &&
      this.similarities.length === chunk * classes
    );
  }
}
const spaces = /* @__PURE__ */ new WeakMap<KernelCall, Pairs>();

function pairsOf(call: KernelCall): Pairs {
  const known = spaces.get(call);
  if (known?.fits(call)) return known;
  const space = new Pairs(call);
  spaces.set(call, space);
  return space;
}

/** What is made of similarities: row k's are at `at`. */
export interface PairsOp {
  /** Once the rows that count are known: what their slopes are multiplied by. */
  begin(call: KernelCall, pairs: Pairs): void;
  /** Notes what row k's loss and slopes take. */
  measure(pairs: Pairs, k: number, at: number): void;
  /** Adds what the chunk has of the columns. */
  columns?(pairs: Pairs): void;
  slopes(call: KernelCall, pairs: Pairs, k: number, at: number): void;
  /** The value of row k. */
  value(call: KernelCall, pairs: Pairs, k: number): number;
}

export const weightOf = ({ arrays }: KernelCall, row: number): number =>
  arrays[SAMPLE_WEIGHT] === null ? 1 : (arrays[SAMPLE_WEIGHT] as Float32Array)[row];

export function allPairs(call: KernelCall, op: PairsOp): number {
  const { arrays, chunk, outer } = call;
  const isOfOne = call.p3 !== 0;
  const pairs = pairsOf(call);
  const scale = arrays[IN2] as Float32Array | null;
  pairs.factor = isOfOne || scale === null ? call.p0 : scale[0];
  const hasOwn = arrays[GRAD0] !== null || arrays[GRAD2] !== null;
  const hasShared = isOfOne ? hasOwn : arrays[GRAD1] !== null;
  const hasColumns = call.p1 !== 0;
  order(call, pairs);
  op.begin(call, pairs);
  scaleRows(call, pairs, isOfOne);
  const { rows } = pairs;
  const hasSlopes = hasOwn || hasShared;
  let first = 0;
  do {
    first = similarities(call, pairs, first, chunk);
    for (let i = 0; i < pairs.count; i++) op.measure(pairs, pairs.first + i, i * pairs.others);
    if (hasColumns) op.columns!(pairs);
    else if (hasSlopes) slopes(call, pairs, op, hasOwn, hasShared);
  } while (first < rows);
  if (hasColumns && hasSlopes) {
    if (pairs.count === rows) slopes(call, pairs, op, hasOwn, hasShared);
    else
      for (first = 0; first < rows; ) {
        first = similarities(call, pairs, first, chunk);
        slopes(call, pairs, op, hasOwn, hasShared);
      }
  }
  if (hasSlopes) back(call, pairs, isOfOne);
  if ((call.flags & FLAGS.VALUE) === 0) return 0;
  pairs.values.fill(0);
  for (let k = 0; k < rows; k++) pairs.values[pairs.order[k]] = op.value(call, pairs, k);
  (arrays[VALUE] as Float32Array | null)?.set(pairs.values);
  return reduce(sumOf, call, outer);
}

/** The chunk's similarities become slopes, and these gradients. */
function slopes(call: KernelCall, pairs: Pairs, op: PairsOp, hasOwn: boolean, hasShared: boolean): void {
  for (let i = 0; i < pairs.count; i++) op.slopes(call, pairs, pairs.first + i, i * pairs.others);
  if (hasShared) gradOthers(call, pairs);
  if (hasOwn) gradRows(call, pairs);
}

function sumOf(call: KernelCall, from: number, to: number): number {
  const { values } = pairsOf(call);
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i];
  return sum;
}

/** Finds the rows that count; the others' gradients are 0. */
function order(call: KernelCall, pairs: Pairs): void {
  const { arrays, outer, classes, features } = call;
  let count = 0;
  for (let i = 0; i < classes; i++) {
    if (i === outer) pairs.rows = count;
    if (i >= outer || weightOf(call, i) !== 0) pairs.order[count++] = i;
    else
      for (const slot of [GRAD0, GRAD1])
        (arrays[slot] as Float32Array | null)?.fill(0, i * features, (i + 1) * features);
  }
  if (outer === classes) pairs.rows = count;
  pairs.others = count;
}

/** The greatest size; NaN wins. */
function greatestOf(x: Float32Array, from: number, to: number): number {
  let most = 0;
  for (let k = from; k < to; k++) most = Math.max(most, Math.abs(x[k]));
  return most;
}

function scaleRow(
  call: KernelCall,
  x: Float32Array,
  row: number,
  to: Float64Array,
  k: number,
  scales: Float64Array,
  by: number,
): void {
  const { features } = call;
  const start = row * features;
  const end = start + features;
  let scale = 1;
  let inverse = 1;
  if (call.p2 !== 0) {
    let sum = 0;
    for (let i = start; i < end; i++) sum += x[i] * x[i];
    if (!isPlain(sum)) {
      scale = scaleOf(greatestOf(x, start, end));
      sum = 0;
      for (let i = start; i < end; i++) sum += x[i] * scale * (x[i] * scale);
    }
    inverse = 1 / Math.sqrt(sum);
    if (sum === 0 || inverse * scale > 1 / call.p4) {
      scale = 1;
      // a row of zeros stays one
      inverse = call.p4 === 0 ? 0 : 1 / call.p4;
    }
  }
  scales[2 * k] = scale;
  scales[2 * k + 1] = inverse;
  for (let i = 0; i < features; i++) to[k * features + i] = x[start + i] * scale * (inverse * by);
}

function scaleRows(call: KernelCall, pairs: Pairs, isOfOne: boolean): void {
  const x = call.arrays[IN0] as Float32Array;
  const y = isOfOne ? x : (call.arrays[IN1] as Float32Array);
  const { rows, others, order: index, factor } = pairs;
  for (let k = 0; k < others; k++) {
    if (k < rows) scaleRow(call, x, index[k], pairs.scaled, k, pairs.scales, factor);
    scaleRow(call, y, index[k], pairs.scaledOthers, k, pairs.otherScales, 1);
  }
}

/** The similarities of the next chunk of rows; returns the row after them. */
function similarities({ features }: KernelCall, pairs: Pairs, first: number, most: number): number {
  const { rows, others, scaled, scaledOthers, similarities: s } = pairs;
  pairs.first = first;
  pairs.count = Math.min(most, rows - first);
  for (let i = 0; i < pairs.count; i++)
    for (let j = 0; j < others; j++) {
      let sum = 0;
      for (let k = 0; k < features; k++)
        sum += scaled[(first + i) * features + k] * scaledOthers[j * features + k];
      s[i * others + j] = sum;
    }
  return first + pairs.count;
}

/** The first chunk's are set, others' added. */
function gradOthers({ features }: KernelCall, pairs: Pairs): void {
  const { first, count, others, scaled, gradOthers: grad, similarities: g, sums } = pairs;
  for (let j = 0; j < others; j++) {
    for (let k = 0; k < features; k++) sums[k] = first === 0 ? 0 : grad[j * features + k];
    for (let i = 0; i < count; i++) {
      const slope = g[i * others + j];
      for (let k = 0; k < features; k++) sums[k] += slope * scaled[(first + i) * features + k];
    }
    grad.set(sums, j * features);
  }
}

/** They take the place of the scaled rows, which are read no more. */
function gradRows({ features }: KernelCall, pairs: Pairs): void {
  const { first, count, others, scaled, scaledOthers, similarities: g, sums } = pairs;
  for (let i = 0; i < count; i++) {
    sums.fill(0);
    for (let j = 0; j < others; j++) {
      const slope = g[i * others + j];
      for (let k = 0; k < features; k++) sums[k] += slope * scaledOthers[j * features + k];
    }
    scaled.set(sums, (first + i) * features);
  }
}

/** The product of a scaled row's gradient and the row over its norm; writes the gradient of the row itself, where it is wanted. */
function backRow(
  call: KernelCall,
  h: Float64Array,
  k: number,
  x: Float32Array,
  row: number,
  scales: Float64Array,
  by: number,
  to: Float32Array | null,
): number {
  const { features } = call;
  const scale = scales[2 * k];
  const inverse = scales[2 * k + 1];
  const at = k * features;
  const start = row * features;
  let dot = 0;
  for (let i = 0; i < features; i++) dot += h[at + i] * (x[start + i] * scale);
  dot *= inverse;
  // of a row that is not over its own norm there is nothing to be taken away
  const away = call.p2 === 0 || inverse === 1 / call.p4 ? 0 : dot * inverse;
  if (to !== null)
    for (let i = 0; i < features; i++)
      to[start + i] = (h[at + i] - x[start + i] * scale * away) * (inverse * by) * scale;
  return dot;
}

function back(call: KernelCall, pairs: Pairs, isOfOne: boolean): void {
  const { arrays, features } = call;
  const { rows, others, order: index, factor, scaled: h, gradOthers: more } = pairs;
  const grad = arrays[GRAD0] as Float32Array | null;
  const gradOther = arrays[GRAD1] as Float32Array | null;
  const x = arrays[IN0] as Float32Array;
  let dots = 0;
  for (let k = 0; k < others; k++) {
    if (k < rows) {
      for (let i = k * features; isOfOne && i < (k + 1) * features; i++) h[i] = h[i] * factor + more[i];
      dots += backRow(call, h, k, x, index[k], pairs.scales, isOfOne ? 1 : factor, grad);
    }
    if (gradOther !== null)
      backRow(call, more, k, arrays[IN1] as Float32Array, index[k], pairs.otherScales, 1, gradOther);
  }
  const gradFactor = arrays[GRAD2] as Float32Array | null;
  if (gradFactor !== null) gradFactor[0] = dots;
}
