// Cross entropy of logits that are a product, as in assembly/loops/projection.ts: the logits of a chunk of rows become their gradients.
import {
  FLAGS,
  GRAD_OUTPUT,
  GRAD0,
  GRAD2,
  GRAD3,
  IN0,
  IN1,
  IN2,
  IN3,
  SAMPLE_WEIGHT,
  VALUE,
  WEIGHT,
} from '../../abi.ts';
import { KernelCall } from '../../call.ts';
import type { TypedArray } from '../../dtypes.ts';
import { reduce } from '../reduce.ts';
import { isCounted } from '../rows.ts';
import { shapedRows, zLossOf } from './shaped.ts';
import { softmax } from './softmax.ts';

/** What a call keeps for the next one. */
class Space {
  readonly call = new KernelCall();
  readonly logits: Float32Array;
  readonly values: Float64Array;
  readonly sums: Float64Array;

  constructor({ chunk, classes, features, outer }: KernelCall) {
    this.logits = new Float32Array(chunk * classes);
    this.values = new Float64Array(outer);
    this.sums = new Float64Array(features);
  }
}
const spaces = /* @__PURE__ */ new WeakMap<KernelCall, Space>();

function spaceOf(call: KernelCall): Space {
  const known = spaces.get(call);
  const { chunk, classes, features, outer } = call;
  const fits =
    known?.logits.length === chunk * classes &&
    known.values.length === outer &&
    known.sums.length === features;
  if (fits) return known;
  const space = new Space(call);
  spaces.set(call, space);
  return space;
}

export function projection(call: KernelCall): number {
  const { outer, chunk, arrays } = call;
  const space = spaceOf(call);
  const { values } = space;
  const zLoss = zLossOf(call);
  let first = 0;
  // without rows, too, the weights have a gradient
  do {
    const to = Math.min(first + chunk, outer);
    product(call, space.logits, first, to);
    toGradients(call, space, first, to, zLoss);
    gradWeight(call, space, first, to);
    gradBias(call, space.logits, first, to);
    // last, as it may be written over the input
    gradInput(call, space, first, to);
    first = to;
  } while (first < outer);
  (arrays[VALUE] as Float32Array | null)?.set(values);
  return reduce(sumOf, call, outer);
}

function sumOf(call: KernelCall, from: number, to: number): number {
  const { values } = spaceOf(call);
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i];
  return sum;
}

/** Whether a row is read at all. */
function counts({ arrays, flags, ignoreIndex, classes }: KernelCall, row: number): boolean {
  const sampleWeight = arrays[SAMPLE_WEIGHT] as Float32Array | null;
  if (sampleWeight !== null && sampleWeight[row] === 0) return false;
  return (flags & FLAGS.INDEX) === 0 || isCounted((arrays[IN1] as Int32Array)[row], ignoreIndex, classes);
}

/** The logits of the rows that count. */
function product(call: KernelCall, logits: Float32Array, from: number, to: number): void {
  const { classes, features } = call;
  const x = call.arrays[IN0] as Float32Array;
  const w = call.arrays[IN2] as Float32Array;
  const bias = call.arrays[IN3] as Float32Array | null;
  for (let row = from; row < to; row++) {
    if (!counts(call, row)) continue;
    const at = row * features;
    const start = (row - from) * classes;
    for (let c = 0; c < classes; c++) {
      const weights = c * features;
      let sum = bias === null ? 0 : bias[c];
      for (let k = 0; k < features; k++) sum += x[at + k] * w[weights + k];
      logits[start + c] = sum;
    }
  }
}

/** Replaces the logits by their gradients, and notes the rows' losses. */
function toGradients(
  call: KernelCall,
  { call: rows, logits, values }: Space,
  from: number,
  to: number,
  zLoss: number,
): void {
  const { arrays, classes, flags } = call;
  const n = to - from;
  const hasGrad = arrays[GRAD0] !== null || arrays[GRAD2] !== null || arrays[GRAD3] !== null;
  const isIndex = (flags & FLAGS.INDEX) !== 0;
  const isWhole = n === call.outer;
  const given = call.given & ((1 << WEIGHT) | (1 << SAMPLE_WEIGHT) | (1 << GRAD_OUTPUT));
  rows.clear();
  rows.given = given | (1 << IN0) | (1 << IN1) | (1 << VALUE) | (hasGrad ? 1 << GRAD0 : 0);
  rows.flags = flags;
  rows.scale = call.scale;
  rows.divisor = call.divisor;
  rows.weightSum = call.weightSum;
  rows.active = call.active;
  rows.p0 = call.p0;
  rows.p1 = call.p1;
  rows.p2 = call.p2;
  rows.p3 = call.p3;
  rows.outer = n;
  rows.classes = classes;
  rows.ignoreIndex = call.ignoreIndex;
  rows.arrays[IN0] = logits;
  rows.arrays[IN1] = isWhole ? arrays[IN1] : partOf(arrays[IN1], from, to, isIndex ? 1 : classes);
  rows.arrays[WEIGHT] = arrays[WEIGHT];
  rows.arrays[SAMPLE_WEIGHT] = isWhole ? arrays[SAMPLE_WEIGHT] : partOf(arrays[SAMPLE_WEIGHT], from, to, 1);
  rows.arrays[GRAD_OUTPUT] = isWhole ? arrays[GRAD_OUTPUT] : partOf(arrays[GRAD_OUTPUT], from, to, 1);
  rows.arrays[VALUE] = isWhole ? values : values.subarray(from, to);
  rows.arrays[GRAD0] = hasGrad ? logits : null;
  if (call.p3 !== 0 || zLoss !== 0) shapedRows(rows, zLoss);
  else softmax(rows);
  rows.arrays.fill(null);
}

/** What rows [from, to) have of an operand; of all of them there is no need to make one. */
const partOf = (array: TypedArray | null, from: number, to: number, per: number): TypedArray | null =>
  array === null ? null : (array as Float32Array).subarray(from * per, to * per);

function gradInput(call: KernelCall, { logits, sums }: Space, from: number, to: number): void {
  const { classes, features } = call;
  const w = call.arrays[IN2] as Float32Array;
  const grad = call.arrays[GRAD0] as Float32Array | null;
  if (grad === null) return;
  for (let row = from; row < to; row++) {
    sums.fill(0);
    const start = (row - from) * classes;
    for (let c = 0; c < classes && counts(call, row); c++) {
      const g = logits[start + c];
      const weights = c * features;
      for (let k = 0; k < features; k++) sums[k] += g * w[weights + k];
    }
    grad.set(sums, row * features);
  }
}

/** The first chunk's are set, others' added. */
function gradWeight(call: KernelCall, { logits, sums }: Space, from: number, to: number): void {
  const { classes, features } = call;
  const x = call.arrays[IN0] as Float32Array;
  const grad = call.arrays[GRAD2] as Float32Array | null;
  if (grad === null) return;
  for (let c = 0; c < classes; c++) {
    const own = c * features;
    for (let k = 0; k < features; k++) sums[k] = from === 0 ? 0 : grad[own + k];
    for (let row = from; row < to; row++) {
      if (!counts(call, row)) continue;
      const g = logits[(row - from) * classes + c];
      const at = row * features;
      for (let k = 0; k < features; k++) sums[k] += g * x[at + k];
    }
    grad.set(sums, own);
  }
}

function gradBias(call: KernelCall, logits: Float32Array, from: number, to: number): void {
  const { classes } = call;
  const grad = call.arrays[GRAD3] as Float32Array | null;
  if (grad === null) return;
  for (let c = 0; c < classes; c++) {
    let sum = from === 0 ? 0 : grad[c];
    for (let i = c; i < (to - from) * classes; i += classes) sum += logits[i];
    grad[c] = sum;
  }
}
