// Dice and Tversky losses, as in assembly/loops/overlaps.ts and assembly/kernels/dice.ts: sums, losses, gradients.
import { FLAGS, GRAD_OUTPUT, GRAD0, GRAD1, IN0, IN1, SAMPLE_WEIGHT, VALUE, WEIGHT } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { gradScale, reduce } from '../reduce.ts';

const SIGMOID = 1;
const SOFTMAX = 2;

/** What a call keeps for the next one. */
class Space {
  /** Of the present position: each class's p, 1 − p, t and gradient. */
  readonly p: Float64Array;
  readonly rest: Float64Array;
  readonly t: Float64Array;
  readonly g: Float64Array;
  readonly weights: Float64Array;
  /** Of each sample and class: TP, FP and FN. */
  readonly sums: Float64Array;
  /** Of each sample and class what the slopes follow from: (1 − L)/D and L/D, scaled. */
  readonly slopes: Float64Array;

  constructor(classes: number, samples: number) {
    this.p = new Float64Array(classes);
    this.rest = new Float64Array(classes);
    this.t = new Float64Array(classes);
    this.g = new Float64Array(classes);
    this.weights = new Float64Array(classes);
    this.sums = new Float64Array(3 * classes * samples);
    this.slopes = new Float64Array(2 * classes * samples);
  }
}
const spaces = /* @__PURE__ */ new WeakMap<KernelCall, Space>();

function spaceOf(call: KernelCall): Space {
  const known = spaces.get(call);
  const { classes } = call;
  const samples = samplesOf(call);
  if (known?.p.length === classes && known.slopes.length === 2 * classes * samples) return known;
  const space = new Space(classes, samples);
  spaces.set(call, space);
  return space;
}

/** The first class that has a loss. */
const firstOf = ({ p5 }: KernelCall): number => (p5 >= 2 ? 1 : 0);

const samplesOf = (call: KernelCall): number => call.outer / (call.classes - firstOf(call));

export function dice(call: KernelCall): number {
  const space = spaceOf(call);
  const samples = samplesOf(call);
  space.sums.fill(0);
  for (let n = 0; n < samples; n++) if (isRead(call, n)) addUp(call, space, n);
  setWeights(call, space, samples);
  const value = reduce(terms, call, call.outer);
  if (call.arrays[GRAD0] !== null || call.arrays[GRAD1] !== null)
    for (let n = 0; n < samples; n++) {
      if (isRead(call, n)) gradients(call, space, n);
      else clear(call, n);
    }
  return value;
}

/** Whether a class of a sample counts. */
function counts(call: KernelCall, n: number, c: number): boolean {
  const first = firstOf(call);
  const sampleWeight = call.arrays[SAMPLE_WEIGHT] as Float32Array | null;
  return c >= first && (sampleWeight === null || sampleWeight[n * (call.classes - first) + c - first] !== 0);
}

function isRead(call: KernelCall, n: number): boolean {
  for (let c = 0; c < call.classes; c++) if (counts(call, n, c)) return true;
  return false;
}

/** Where class 0 of position i of a sample is. */
function startOf({ classes, p6: inner, p7: positions }: KernelCall, n: number, i: number): number {
  const row = n * positions + i;
  return Math.floor(row / inner) * classes * inner + (row % inner);
}

/** Makes position i of sample n the present one. */
function read(call: KernelCall, { p, rest, t }: Space, n: number, i: number): void {
  const { classes, p4: kind, p6: inner, p7: positions } = call;
  const x = call.arrays[IN0] as Float32Array;
  const target = call.arrays[IN1] as Float32Array;
  const start = startOf(call, n, i);
  const isSoft = (call.flags & FLAGS.SOFT) !== 0;
  const label = isSoft ? -1 : target[n * positions + i];
  for (let c = 0; c < classes; c++) {
    p[c] = x[start + c * inner];
    t[c] = isSoft ? target[start + c * inner] : Number(c === label);
  }
  if (kind === SOFTMAX) softmax(p, rest);
  else
    for (let c = 0; c < classes; c++) {
      if (kind === SIGMOID) {
        const e = Math.exp(-Math.abs(p[c]));
        const isHigh = p[c] >= 0;
        p[c] = (isHigh ? 1 : e) / (1 + e);
        rest[c] = (isHigh ? e : 1) / (1 + e);
      } else rest[c] = 1 - p[c];
    }
}

/** Logits become probabilities, and `rest` 1 − p, of the greatest what the others add up to. */
function softmax(p: Float64Array, rest: Float64Array): void {
  let top = 0;
  for (let c = 1; c < p.length; c++) if (p[c] > p[top]) top = c;
  const max = p[top];
  let others = 0;
  for (let c = 0; c < p.length; c++) {
    p[c] = Math.exp(p[c] - max);
    if (c !== top) others += p[c];
  }
  // of a greatest that is infinite, or NaN, all is NaN
  const z = p[top] + others;
  for (let c = 0; c < p.length; c++) {
    rest[c] = (c === top ? others : z - p[c]) / z;
    p[c] /= z;
  }
}

function addUp(call: KernelCall, space: Space, n: number): void {
  const { classes, p7: positions } = call;
  const { p, rest, t, sums } = space;
  const own = 3 * n * classes;
  for (let i = 0; i < positions; i++) {
    read(call, space, n, i);
    for (let c = 0; c < classes; c++) {
      sums[own + 3 * c] += p[c] * t[c];
      sums[own + 3 * c + 1] += p[c] * (1 - t[c]);
      sums[own + 3 * c + 2] += rest[c] * t[c];
    }
  }
}

/** The weights of the classes: given, 1, or by how rare they are. */
function setWeights(call: KernelCall, { weights, sums }: Space, samples: number): void {
  const { classes, p5 } = call;
  const given = call.arrays[WEIGHT] as Float32Array | null;
  const first = firstOf(call);
  let all = 0;
  for (let c = first; c < classes; c++) {
    weights[c] = given === null ? 1 : given[c];
    if (p5 % 2 === 0) continue;
    let there = 0;
    for (let n = 0; n < samples; n++)
      if (counts(call, n, c)) there += sums[3 * (n * classes + c)] + sums[3 * (n * classes + c) + 2];
    weights[c] = 1 / (there * there + 1e-7);
    all += weights[c];
  }
  if (p5 % 2 === 1) for (let c = first; c < classes; c++) weights[c] *= (classes - first) / all;
}

/** The losses of the terms `from` to before `to`, and what their slopes follow from; their sum. */
function terms(call: KernelCall, from: number, to: number): number {
  const { classes, p0: alpha, p1: beta, p2: smooth, p3: eps } = call;
  const { weights, sums, slopes } = spaceOf(call);
  const sampleWeight = call.arrays[SAMPLE_WEIGHT] as Float32Array | null;
  const gradOutput = call.arrays[GRAD_OUTPUT] as Float32Array | null;
  const values = call.arrays[VALUE] as Float32Array | null;
  const first = firstOf(call);
  const scale = gradScale(call);
  let sum = 0;
  for (let i = from; i < to; i++) {
    const n = Math.floor(i / (classes - first));
    const c = (i % (classes - first)) + first;
    const at = n * classes + c;
    let value = 0;
    if (counts(call, n, c)) {
      const weight = weights[c] * (sampleWeight === null ? 1 : sampleWeight[i]);
      const wrong = alpha * sums[3 * at + 1] + beta * sums[3 * at + 2] + eps;
      const right = sums[3 * at] + smooth;
      const d = right + wrong;
      value = (wrong / d) * weight;
      const up = (weight * scale * (gradOutput === null ? 1 : gradOutput[i])) / d;
      slopes[2 * at] = (right / d) * up;
      slopes[2 * at + 1] = (wrong / d) * up;
    }
    if (values !== null) values[i] = value;
    sum += value;
  }
  return sum;
}

function gradients(call: KernelCall, space: Space, n: number): void {
  const { classes, p0: alpha, p1: beta, p4: kind, p6: inner, p7: positions } = call;
  const { p, rest, t, g, slopes } = space;
  const grad = call.arrays[GRAD0] as Float32Array | null;
  const gradTarget = call.arrays[GRAD1] as Float32Array | null;
  for (let i = 0; i < positions; i++) {
    read(call, space, n, i);
    const start = startOf(call, n, i);
    for (let c = 0; c < classes; c++) {
      const isCounted = counts(call, n, c);
      const r = slopes[2 * (n * classes + c)];
      const l = slopes[2 * (n * classes + c) + 1];
      g[c] = isCounted ? (1 - t[c]) * alpha * r - t[c] * (beta * r + l) : 0;
      if (gradTarget !== null)
        gradTarget[start + c * inner] = isCounted ? rest[c] * beta * r - p[c] * (alpha * r + l) : 0;
    }
    if (grad === null) continue;
    if (kind === SOFTMAX) backward(p, rest, g);
    for (let c = 0; c < classes; c++) {
      const slope = kind === SIGMOID && g[c] !== 0 ? g[c] * p[c] * rest[c] : g[c];
      grad[start + c * inner] = slope;
    }
  }
}

/** Gradients of probabilities become those of logits: p_c (g_c (1 − p_c) − Σ g p of the others), the difference taken where p_c is large. */
function backward(p: Float64Array, rest: Float64Array, g: Float64Array): void {
  let others = 0;
  let large = -1;
  for (let c = 0; c < p.length; c++) {
    if (p[c] > 0.5) large = c;
    else others += g[c] * p[c];
  }
  const all = large < 0 ? others : others + g[large] * p[large];
  for (let c = 0; c < p.length; c++) g[c] = p[c] * (c === large ? g[c] * rest[c] - others : g[c] - all);
}

/** Zeros for a sample that is not read. */
function clear(call: KernelCall, n: number): void {
  const size = call.classes * call.p7;
  (call.arrays[GRAD0] as Float32Array | null)?.fill(0, n * size, (n + 1) * size);
  (call.arrays[GRAD1] as Float32Array | null)?.fill(0, n * size, (n + 1) * size);
}
