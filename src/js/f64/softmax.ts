// Generated from src/js/f32/softmax.ts by `npm run generate`; do not edit.
// Cross entropy of logits x: −Σ_j a_j log softmax(x)_j, and without a target softmax, logSoftmax and logSumExp.
//
//   index targets        a_j = w_t at the target t, 0 elsewhere
//   probability targets  a_j = w_j ((1 − ε) t_j + ε/C), p0 = 1 − ε, p1 = ε/C
//   gradient             softmax(x)_j Σa − a_j
//
// With m = max x, rest = Σ_{x_j ≠ m} e^(x_j − m) + (ties − 1) and Z = 1 + rest:
//   −log softmax(x)_j = log1p(rest) + (m − x_j)
// which keeps its relative accuracy where the usual log Σ e^x − x_j cancels to 0 (a confident sample); likewise the
// gradient at the maximum, (Σ_{k≠j} a_k − a_j rest)/Z.
import { FLAGS } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { gradScale, reduce } from '../reduce.ts';

/** Terms that are added up before they join the row's sum: that of 1e5 equal terms keeps 13 digits in f64. */
const CHUNK = 512;

export const softmax = (call: KernelCall): number =>
  reduce((call.flags & FLAGS.SOFT) !== 0 ? soft : hard, call, call.outer * call.inner);

/** One target class, or none at all. */
function hard(call: KernelCall, from: number, to: number): number {
  const { classes, inner, ignoreIndex } = call;
  const isIndex = (call.flags & FLAGS.INDEX) !== 0;
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const x = call.input as Float64Array;
  const labels = call.target as Int32Array;
  const w = call.weight as Float64Array | null;
  const sampleWeight = call.sampleWeight as Float64Array | null;
  const gradOutput = call.gradOutput as Float64Array | null;
  const values = call.value as Float64Array | null;
  const grad = call.grad as Float64Array | null;
  const gradTarget = call.gradTarget as Float64Array | null;
  const scale = gradScale(call);
  const length = classes * inner;
  let sum = 0;
  for (let row = from; row < to; row++) {
    const start = inner === 1 ? row * length : Math.floor(row / inner) * length + (row % inner);
    const end = start + length;
    const label = isIndex ? labels[row] : -1;
    const sw = sampleWeight === null ? 1 : sampleWeight[row];
    if (sw === 0 || (isIndex && (label === ignoreIndex || label < 0 || label >= classes))) {
      if (grad !== null) zero(grad, start, end, inner);
      if (gradTarget !== null) zero(gradTarget, start, end, inner);
      if (values !== null) values[row] = 0;
      continue;
    }
    const s = scale * sw * (gradOutput === null ? 1 : gradOutput[row]);
    const m = maximum(x, start, end, inner);
    let a = 1;
    let at = start;
    let distance = m; // makes the loss logSumExp
    if (isIndex) {
      if (w !== null) a = w[label];
      at += label * inner;
      distance = m - x[at];
    }
    // exponentials are kept in grad; x, where it is the same array, is not needed any more
    const rest = grad === null ? expSum(x, start, end, inner, m) : expStore(x, grad, start, end, inner, m);
    if (grad !== null) {
      const sz = s / (1 + rest);
      const k = a * sz;
      const target = distance === 0 ? (a - a - a * rest) * sz : grad[at] * k - a * s;
      const none = 0 * s;
      for (let j = start; j < end; j += inner) grad[j] = grad[j] * k - none;
      if (isIndex) grad[at] = target;
    }
    if (gradTarget !== null) {
      const logZ = Math.log1p(rest);
      for (let j = start; j < end; j += inner) gradTarget[j] = (logZ + (m - x[j])) * s;
    }
    if (isValue) {
      const value = sw * a * Math.log1p(rest) + sw * (a === 0 ? 0 : a * distance);
      if (values !== null) values[row] = value;
      else sum += value;
    }
  }
  return sum;
}

/** Every class has a coefficient. */
function soft(call: KernelCall, from: number, to: number): number {
  const { classes, inner, ignoreIndex, p0, p1 } = call;
  const isIndex = (call.flags & FLAGS.INDEX) !== 0;
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const x = call.input as Float64Array;
  const labels = call.target as Int32Array;
  const t = call.target as Float64Array;
  const w = call.weight as Float64Array | null;
  const sampleWeight = call.sampleWeight as Float64Array | null;
  const gradOutput = call.gradOutput as Float64Array | null;
  const values = call.value as Float64Array | null;
  const grad = call.grad as Float64Array | null;
  const gradTarget = call.gradTarget as Float64Array | null;
  const scale = gradScale(call);
  const length = classes * inner;
  // exponentials are kept in grad unless that is an operand which the gradient needs
  const kept = grad !== null && !same(grad, x) && (isIndex || !same(grad, t)) ? grad : null;
  let sum = 0;
  for (let row = from; row < to; row++) {
    const start = inner === 1 ? row * length : Math.floor(row / inner) * length + (row % inner);
    const end = start + length;
    const label = isIndex ? labels[row] : -1;
    const sw = sampleWeight === null ? 1 : sampleWeight[row];
    if (sw === 0 || (isIndex && (label === ignoreIndex || label < 0 || label >= classes))) {
      if (grad !== null) zero(grad, start, end, inner);
      if (gradTarget !== null) zero(gradTarget, start, end, inner);
      if (values !== null) values[row] = 0;
      continue;
    }
    const s = scale * sw * (gradOutput === null ? 1 : gradOutput[row]);
    const target = start + label * inner;
    const m = maximum(x, start, end, inner);
    const rest = kept === null ? expSum(x, start, end, inner, m) : expStore(x, kept, start, end, inner, m);
    let others = 0; // Σ a below the maximum
    let tied = 0; // Σ a at the maximum
    let weighted = 0; // Σ a (m − x)
    let c = 0;
    for (let j = start; j < end; j += inner) {
      const tj = isIndex ? (j === target ? 1 : 0) : t[j];
      let a = p0 * tj + p1;
      if (w !== null) a *= w[c++];
      const distance = m - x[j];
      if (distance === 0) tied += a;
      else if (a !== 0) {
        others += a;
        weighted += a * distance;
      }
    }
    const total = others + tied;
    const logZ = Math.log1p(rest);
    if (grad !== null || gradTarget !== null) {
      const sz = s / (1 + rest);
      const k = total * sz;
      c = 0;
      for (let j = start; j < end; j += inner) {
        const wj = w === null ? 1 : w[c++];
        const tj = isIndex ? (j === target ? 1 : 0) : t[j];
        const a = (p0 * tj + p1) * wj;
        const distance = m - x[j];
        if (gradTarget !== null) gradTarget[j] = (logZ + distance) * (s * p0 * wj);
        if (grad !== null) {
          if (kept === null) grad[j] = Math.exp(-distance); // rounded as a kept one
          grad[j] = distance === 0 ? (others + (tied - a) - a * rest) * sz : grad[j] * k - a * s;
        }
      }
    }
    if (isValue) {
      const value = sw * total * logZ + sw * weighted;
      if (values !== null) values[row] = value;
      else sum += value;
    }
  }
  return sum;
}

/** The greatest element; NaNs lose (they reach the result through the sum). */
function maximum(x: Float64Array, start: number, end: number, step: number): number {
  let m = -Infinity;
  for (let j = start; j < end; j += step) if (x[j] > m) m = x[j];
  return m;
}

/** Σ_{x ≠ m} e^(x − m) + (ties − 1); NaN where m is infinite, as x − m then is. */
function expSum(x: Float64Array, start: number, end: number, step: number, m: number): number {
  let rest = 0;
  let ties = 0;
  for (let from = start; from < end; from += CHUNK * step) {
    const to = Math.min(end, from + CHUNK * step);
    let part = 0;
    for (let j = from; j < to; j += step) {
      const d = x[j] - m;
      if (d === 0) ties++;
      else part += Math.exp(d);
    }
    rest += part;
  }
  return rest + (ties - 1);
}

/** The same; writes e^(x − m) to out. */
function expStore(
  x: Float64Array,
  out: Float64Array,
  start: number,
  end: number,
  step: number,
  m: number,
): number {
  let rest = 0;
  let ties = 0;
  for (let from = start; from < end; from += CHUNK * step) {
    const to = Math.min(end, from + CHUNK * step);
    let part = 0;
    for (let j = from; j < to; j += step) {
      const d = x[j] - m;
      const e = Math.exp(d);
      out[j] = e;
      if (d === 0) ties++;
      else part += e;
    }
    rest += part;
  }
  return rest + (ties - 1);
}

function zero(out: Float64Array, start: number, end: number, step: number): void {
  if (step === 1) out.fill(0, start, end);
  else for (let j = start; j < end; j += step) out[j] = 0;
}

/** Whether two operands are the same memory; they never overlap in part. */
const same = (a: Float64Array, b: Float64Array): boolean =>
  a === b || (a.buffer === b.buffer && a.byteOffset === b.byteOffset);
