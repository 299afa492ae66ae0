// Cross entropy of logits x: −Σ_j a_j log softmax(x)_j, and without a target softmax, logSoftmax and logSumExp.
//
//   index targets        a_j = w_t at the target t, 0 elsewhere
//   probability targets  a_j = w_j ((1 − ε) t_j + ε/C), p0 = 1 − ε, p1 = ε/C
//   gradient             softmax(x)_j Σa − a_j
//
// With m = max x, rest = Σ e^(x_j − m) over all classes but one whose x is m, and Z = 1 + rest:
//   −log softmax(x)_j = log1p(rest) + (m − x_j)
// which keeps its relative accuracy where the usual log Σ e^x − x_j cancels to 0 (a confident sample); likewise the
// gradient at the maximum, (Σ_{k≠j} a_k − a_j rest)/Z. Where the loss is a function φ of a label's −log p (assembly/loops/curve.ts),
// gradients are φ′ times those, and p0 is part of a_t.
import {
  FLAGS,
  GRAD_OUTPUT,
  GRAD0,
  GRAD1,
  HESS,
  IN0,
  IN1,
  IN2,
  SAMPLE_WEIGHT,
  VALUE,
  WEIGHT,
} from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { curveBend, curveSlope, curveValue } from '../curve.ts';
import { gradScale, reduce } from '../reduce.ts';
import { clearRow, indexOf, isCounted } from '../rows.ts';
import { shaped } from './shaped.ts';

/** Terms that are added up before they join the row's sum, so that 1e5 equal ones keep 13 digits in f64. */
const CHUNK = 512;

export function softmax(call: KernelCall): number {
  const { flags, inner, given } = call;
  const special = inner > 1 || (given & ~PLAIN) !== 0;
  const loop = flags & FLAGS.SOFT ? soft : special || !(flags & FLAGS.INDEX) ? hard : plain;
  return reduce(loop, call, call.outer * inner);
}

/** The same of losses that are a function of it. */
export const curved = (call: KernelCall): number =>
  call.flags & FLAGS.SOFT || call.has(IN2) ? shaped(call) : reduce(hardCurved, call, call.outer * call.inner);

/** What `plain` reads and writes. */
const PLAIN = (1 << IN0) | (1 << IN1) | (1 << GRAD0);

/** Labels, contiguous rows and no option: the bits of `hard`, which takes 1.2 times as long with two classes. */
function plain(call: KernelCall, from: number, to: number): number {
  const { classes, ignoreIndex } = call;
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const x = call.arrays[IN0] as Float32Array;
  const labels = call.arrays[IN1] as Int32Array;
  const grad = call.arrays[GRAD0] as Float32Array | null;
  const s = gradScale(call);
  const none = 0 * s;
  let sum = 0;
  for (let row = from; row < to; row++) {
    const start = row * classes;
    const end = start + classes;
    const label = labels[row];
    if (!isCounted(label, ignoreIndex, classes)) {
      clearRow(grad, start, end, 1);
      continue;
    }
    let m = -Infinity;
    let top = start;
    for (let j = start; j < end; j++) {
      if (x[j] > m) {
        m = x[j];
        top = j;
      }
    }
    const at = start + label;
    const distance = m - x[at];
    let rest = m - m;
    if (classes === 2) {
      const other = start + end - 1 - top;
      const e = Math.exp(x[other] - m);
      if (grad !== null) grad[other] = e;
      rest += e;
    }
    for (let first = classes === 2 ? end : start; first < end; first += CHUNK) {
      const last = end - first > CHUNK ? first + CHUNK : end;
      let part = 0;
      if (grad === null) {
        for (let j = first; j < last; j++) if (j !== top) part += Math.exp(x[j] - m);
      } else {
        for (let j = first; j < last; j++) {
          if (j !== top) {
            const e = Math.exp(x[j] - m);
            grad[j] = e;
            part += e;
          }
        }
      }
      rest += part;
    }
    if (grad !== null) {
      const k = s / (1 + rest);
      grad[top] = 1;
      const target = distance === 0 ? (0 - rest) * k : grad[at] * k - s;
      for (let j = start; j < end; j++) grad[j] = grad[j] * k - none;
      grad[at] = target;
    }
    if (isValue) sum += Math.log1p(rest) + distance;
  }
  return sum;
}

const hardCurved = (call: KernelCall, from: number, to: number): number => hard(call, from, to, true);

/** One target class, or none at all. */
function hard(call: KernelCall, from: number, to: number, isCurved = false): number {
  const { classes, inner, ignoreIndex, p5: gamma, p6: epsilon } = call;
  const isIndex = (call.flags & FLAGS.INDEX) !== 0;
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const x = call.arrays[IN0] as Float32Array;
  const labels = call.arrays[IN1] as Int32Array;
  const w = call.arrays[WEIGHT] as Float32Array | null;
  const sampleWeight = call.arrays[SAMPLE_WEIGHT] as Float32Array | null;
  const gradOutput = call.arrays[GRAD_OUTPUT] as Float32Array | null;
  const values = call.arrays[VALUE] as Float32Array | null;
  const grad = call.arrays[GRAD0] as Float32Array | null;
  const gradTarget = call.arrays[GRAD1] as Float32Array | null;
  const hess = call.arrays[HESS] as Float32Array | null;
  const scale = gradScale(call);
  const length = classes * inner;
  let sum = 0;
  for (let row = from; row < to; row++) {
    const start = indexOf(row, 0, classes, inner);
    const end = start + length;
    const label = isIndex ? labels[row] : -1;
    const sw = sampleWeight === null ? 1 : sampleWeight[row];
    if (sw === 0 || (isIndex && !isCounted(label, ignoreIndex, classes))) {
      clearRow(grad, start, end, inner);
      clearRow(gradTarget, start, end, inner);
      clearRow(hess, start, end, inner);
      if (values !== null) values[row] = 0;
      continue;
    }
    let s = scale * sw * (gradOutput === null ? 1 : gradOutput[row]);
    const top = argmax(x, start, end, inner);
    const m = x[top];
    let a = 1;
    let at = start;
    let distance = m; // makes the loss logSumExp
    if (isIndex) {
      if (w !== null) a = w[label];
      at += label * inner;
      distance = m - x[at];
    }
    // exponentials are kept in grad; x, where it is the same array, is not needed any more
    let rest = grad === null ? expSum(x, start, end, inner, top) : expStore(x, grad, start, end, inner, top);
    // logSumExp is the maximum where that is infinite
    if (Number.isNaN(rest) && !isIndex && isValue && !hasNaN(x, start, end, inner)) rest = 0;
    const l = isCurved ? Math.log1p(rest) + distance : 0;
    if (hess !== null) {
      for (let j = start; j < end; j += inner) hess[j] = grad![j];
      const b = a * call.p0;
      const total = isCurved ? b * curveSlope(l, gamma, epsilon) : a;
      const turn = isCurved ? b * curveBend(l, gamma, epsilon) : 0;
      bend(call, hess, start, end, total, rest, s, turn, at);
    }
    if (isCurved) {
      a *= call.p0;
      if (isValue) {
        const value = sw * (a === 0 ? 0 * rest : a * curveValue(l, gamma, epsilon));
        if (values !== null) values[row] = value;
        else sum += value;
      }
      s *= curveSlope(l, gamma, epsilon);
    }
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
    if (isValue && !isCurved) {
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
  const x = call.arrays[IN0] as Float32Array;
  const labels = call.arrays[IN1] as Int32Array;
  const t = call.arrays[IN1] as Float32Array;
  const w = call.arrays[WEIGHT] as Float32Array | null;
  const sampleWeight = call.arrays[SAMPLE_WEIGHT] as Float32Array | null;
  const gradOutput = call.arrays[GRAD_OUTPUT] as Float32Array | null;
  const values = call.arrays[VALUE] as Float32Array | null;
  const grad = call.arrays[GRAD0] as Float32Array | null;
  const gradTarget = call.arrays[GRAD1] as Float32Array | null;
  const hess = call.arrays[HESS] as Float32Array | null;
  const scale = gradScale(call);
  const length = classes * inner;
  // exponentials are kept in grad unless that is an operand which the gradient needs
  const isKept = grad !== null && !same(grad, x) && (isIndex || !same(grad, t));
  let sum = 0;
  for (let row = from; row < to; row++) {
    const start = indexOf(row, 0, classes, inner);
    const end = start + length;
    const label = isIndex ? labels[row] : -1;
    const sw = sampleWeight === null ? 1 : sampleWeight[row];
    if (sw === 0 || (isIndex && !isCounted(label, ignoreIndex, classes))) {
      clearRow(grad, start, end, inner);
      clearRow(gradTarget, start, end, inner);
      clearRow(hess, start, end, inner);
      if (values !== null) values[row] = 0;
      continue;
    }
    const s = scale * sw * (gradOutput === null ? 1 : gradOutput[row]);
    const target = start + label * inner;
    const top = argmax(x, start, end, inner);
    const m = x[top];
    const rest = isKept ? expStore(x, grad, start, end, inner, top) : expSum(x, start, end, inner, top);
    let others = 0; // Σ a below the maximum
    let tied = 0; // Σ a at the maximum
    let weighted = 0; // Σ a (m − x)
    let c = 0;
    // in chunks: one long sum of a hundred thousand equal shares drifts
    for (let first = start; first < end; first += CHUNK * inner) {
      const last = Math.min(end, first + CHUNK * inner);
      let below = 0;
      let at = 0;
      let cost = 0;
      for (let j = first; j < last; j += inner) {
        let a = isIndex ? (j === target ? p0 + p1 : p1) : p0 * t[j] + p1;
        if (w !== null) a *= w[c++];
        const distance = m - x[j];
        if (distance === 0) at += a;
        else if (a !== 0) {
          below += a;
          cost += a * distance;
        }
      }
      others += below;
      tied += at;
      weighted += cost;
    }
    const total = others + tied;
    const logZ = Math.log1p(rest);
    if (hess !== null) {
      for (let j = start; j < end; j += inner) hess[j] = Math.exp(x[j] - m);
      bend(call, hess, start, end, total, rest, s, 0, start);
    }
    if (grad !== null || gradTarget !== null) {
      const sz = s / (1 + rest);
      const k = total * sz;
      c = 0;
      for (let j = start; j < end; j += inner) {
        const wj = w === null ? 1 : w[c++];
        const a = (isIndex ? (j === target ? p0 + p1 : p1) : p0 * t[j] + p1) * wj;
        const distance = m - x[j];
        if (gradTarget !== null) gradTarget[j] = (logZ + distance) * (s * p0 * wj);
        if (grad !== null) {
          if (!isKept) grad[j] = Math.exp(-distance); // rounded as a kept one
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

function hasNaN(x: Float32Array, start: number, end: number, step: number): boolean {
  for (let j = start; j < end; j += step) if (Number.isNaN(x[j])) return true;
  return false;
}

/** Where the greatest element is; NaNs lose (they reach the result through the sum). */
function argmax(x: Float32Array, start: number, end: number, step: number): number {
  let m = -Infinity;
  let top = start;
  for (let j = start; j < end; j += step) {
    if (x[j] > m) {
      m = x[j];
      top = j;
    }
  }
  return top;
}

/** Σ e^(x − m) over all but `top`, where x = m; NaN where m is infinite. */
function expSum(x: Float32Array, start: number, end: number, step: number, top: number): number {
  const m = x[top];
  let rest = m - m;
  for (let first = start; first < end; first += CHUNK * step) {
    const last = Math.min(end, first + CHUNK * step);
    let part = 0;
    for (let j = first; j < last; j += step) if (j !== top) part += Math.exp(x[j] - m);
    rest += part;
  }
  return rest;
}

/** The same; writes e^(x − m) to out. */
function expStore(
  x: Float32Array,
  out: Float32Array,
  start: number,
  end: number,
  step: number,
  top: number,
): number {
  const m = x[top];
  let rest = m - m;
  for (let first = start; first < end; first += CHUNK * step) {
    const last = Math.min(end, first + CHUNK * step);
    let part = 0;
    for (let j = first; j < last; j += step) {
      if (j !== top) {
        const e = Math.exp(x[j] - m);
        out[j] = e;
        part += e;
      }
    }
    rest += part;
  }
  out[top] = 1;
  return rest;
}

/**
 * Second derivatives Σa p_j (1 − p_j) + `turn` ([j = at] − p_j)² of a row whose e^(x − m) are in hess. With p = e/Z, Z (1 − p) is Z − e, and rest where e is 1:
 * Z − 1 would have lost it.
 */
function bend(
  { inner, flags, hessianScale, minHessian }: KernelCall,
  hess: Float32Array,
  start: number,
  end: number,
  total: number,
  rest: number,
  s: number,
  turn: number,
  at: number,
): void {
  const isOne = (flags & FLAGS.HESSIAN_ONE) !== 0;
  const z = 1 + rest;
  for (let j = start; j < end; j += inner) {
    const e = hess[j];
    const p = e / z;
    const q = (e === 1 ? rest : z - e) / z;
    const h = isOne ? 1 : total * p * q + turn * (j === at ? q * q : p * p);
    hess[j] = Math.max(h * hessianScale, minHessian) * s;
  }
}

/** Whether two operands are the same memory; they never overlap in part. */
const same = (a: Float32Array, b: Float32Array): boolean =>
  a === b || (a.buffer === b.buffer && a.byteOffset === b.byteOffset);
