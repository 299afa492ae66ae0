// Rows of cross entropy whose logits are shaped, whose classes may be masked, whose value may have a z-loss, or whose classes cost a
// function of their cross entropy: the formulas of assembly/loops/shapedLogits.ts and shaped.ts.
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
import { gradScale, reduce, total as sumOf } from '../reduce.ts';
import { clearRow, indexOf, isCounted } from '../rows.ts';

/** Terms that are added up before they join the row's sums, so that 1e5 equal ones keep 13 digits. */
const CHUNK = 512;

export const shaped = (call: KernelCall): number => shapedRows(call, zLossOf(call));

/** The same with another factor of the z-loss: rows may be a part of those that its mean is of. */
export function shapedRows(call: KernelCall, zLoss: number): number {
  return reduce((all, from, to) => rows(all, from, to, zLoss), call, call.outer * call.inner);
}

/** The z-loss's factor, as a part of what is divided by the weights' sum: class weights are none of its business. */
export function zLossOf(call: KernelCall): number {
  const { arrays, flags, p4 } = call;
  const isWeighted =
    p4 !== 0 && arrays[WEIGHT] !== null && (flags & FLAGS.INDEX) !== 0 && (flags & FLAGS.WEIGHTED_MEAN) !== 0;
  return isWeighted ? p4 * (call.weightSum / counted(call)) : p4;
}

/** tanh |y/c| */
const tanh = (u: number): number => -Math.expm1(-2 * u) / (1 + Math.exp(-2 * u));

/** How far x is below m once both are divided by the temperature and capped. */
function gapOf(m: number, x: number, temperature: number, cap: number): number {
  if (cap === 0) return (m - x) / temperature;
  if (x === m) return 0; // both may be infinite
  const a = m / temperature / cap;
  const b = x / temperature / cap;
  const u = Math.exp(-2 * Math.abs(a));
  const v = Math.exp(-2 * Math.abs(b));
  const near = a * b > 0 ? Math.max(u, v) : 1;
  return cap * ((-2 * near * Math.expm1(-2 * ((m - x) / temperature / cap))) / ((1 + u) * (1 + v)));
}

function rows(call: KernelCall, from: number, to: number, zLoss: number): number {
  const { classes, inner, ignoreIndex, flags, p0, p1, p2: temperature, p3: cap } = call;
  const isIndex = (flags & FLAGS.INDEX) !== 0;
  const isHard = (flags & FLAGS.SOFT) === 0;
  const isValue = (flags & FLAGS.VALUE) !== 0;
  const isOne = (flags & FLAGS.HESSIAN_ONE) !== 0;
  const x = call.arrays[IN0] as Float32Array;
  const labels = call.arrays[IN1] as Int32Array;
  const t = call.arrays[IN1] as Float32Array;
  const mask = call.arrays[IN2] as Float32Array | null;
  const w = call.arrays[WEIGHT] as Float32Array | null;
  const sampleWeight = call.arrays[SAMPLE_WEIGHT] as Float32Array | null;
  const gradOutput = call.arrays[GRAD_OUTPUT] as Float32Array | null;
  const values = call.arrays[VALUE] as Float32Array | null;
  const grad = call.arrays[GRAD0] as Float32Array | null;
  const gradTarget = call.arrays[GRAD1] as Float32Array | null;
  const hess = call.arrays[HESS] as Float32Array | null;
  const scale = gradScale(call);
  const { p5: gamma, p6: epsilon } = call;
  const isCurved = gamma !== 0 || epsilon !== 0;
  let sum = 0;
  for (let row = from; row < to; row++) {
    const start = indexOf(row, 0, classes, inner);
    const end = start + classes * inner;
    const label = isIndex ? labels[row] : -1;
    const sw = sampleWeight === null ? 1 : sampleWeight[row];
    let top = -1;
    if (sw !== 0 && (!isIndex || isCounted(label, ignoreIndex, classes)))
      top = topOf(x, mask, start, end, inner);
    if (top < 0) {
      clearRow(grad, start, end, inner);
      clearRow(gradTarget, start, end, inner);
      clearRow(hess, start, end, inner);
      if (values !== null) values[row] = 0;
      continue;
    }
    const target = start + label * inner;
    /** a of element j, whose class weight is wj. */
    const coefficient = (j: number, wj: number): number => {
      if (isHard) return j === target ? p0 * wj : 0;
      return wj * (p0 * (isIndex ? Number(j === target) : t[j]) + p1);
    };
    const m = x[top];
    const y = m / temperature;
    const z = cap === 0 ? y : Math.sign(m) * cap * tanh(Math.abs(y / cap));
    let rest = z - z; // NaN where it is infinite
    let ties = 0;
    let tied = 0;
    let others = 0;
    let weighted = 0;
    for (let first = start, c = 0; first < end; first += CHUNK * inner) {
      const last = Math.min(end, first + CHUNK * inner);
      let e = 0;
      let below = 0;
      let cost = 0;
      for (let j = first; j < last; j += inner) {
        const a = coefficient(j, w === null ? 1 : w[c++]);
        const gap = mask?.[j] === 0 ? Infinity : gapOf(m, x[j], temperature, cap);
        if (gap === 0) {
          ties++;
          tied += a;
          continue;
        }
        e += Math.exp(-gap);
        below += a;
        if (a !== 0) cost += a * gap;
      }
      rest += e;
      others += below;
      weighted += cost;
    }
    rest += ties - 1;
    const logZ = Math.log1p(rest);
    let value = (others + tied) * logZ + weighted;
    let bends = 0;
    if (isCurved) {
      value = rest - rest;
      tied = 0;
      others = 0;
      for (let first = start, c = 0; first < end; first += CHUNK * inner) {
        const last = Math.min(end, first + CHUNK * inner);
        let costs = 0;
        let below = 0;
        for (let j = first; j < last; j += inner) {
          const a = coefficient(j, w === null ? 1 : w[c++]);
          if (a === 0) continue;
          const gap = mask?.[j] === 0 ? Infinity : gapOf(m, x[j], temperature, cap);
          const l = logZ + gap;
          const slope = a * curveSlope(l, gamma, epsilon);
          costs += a * curveValue(l, gamma, epsilon);
          if (hess !== null) bends += a * curveBend(l, gamma, epsilon);
          if (gap === 0) tied += slope;
          else below += slope;
        }
        value += costs;
        others += below;
      }
    }
    const total = others + tied;
    const lse = zLoss === 0 ? 0 : z + logZ;
    const pull = 2 * zLoss * lse;
    const s = scale * sw * (gradOutput === null ? 1 : gradOutput[row]);
    if (grad !== null || gradTarget !== null || hess !== null) {
      for (let j = start, c = 0; j < end; j += inner) {
        const wj = w === null ? 1 : w[c++];
        const own = coefficient(j, wj);
        const isMasked = mask?.[j] === 0;
        const xj = x[j];
        const gap = isMasked ? Infinity : gapOf(m, xj, temperature, cap);
        const l = logZ + gap;
        const a = isCurved && own !== 0 ? own * curveSlope(l, gamma, epsilon) : own;
        if (gradTarget !== null) {
          const loss = isCurved ? curveValue(l, gamma, epsilon) : l;
          gradTarget[j] = (p0 * wj === 0 && loss === Infinity ? 0 : loss * (p0 * wj)) * s;
        }
        if (isMasked) {
          if (grad !== null) grad[j] = 0 * s;
          if (hess !== null) hess[j] = 0 * s;
          continue;
        }
        const e = Math.exp(-gap);
        const p = e / (1 + rest);
        const g = (gap === 0 ? (others + (tied - a) - a * rest) / (1 + rest) : p * total - a) + pull * p;
        let slope = 1 / temperature;
        let bend = 0;
        if (cap !== 0) {
          const u = Math.abs(xj / temperature / cap);
          const decay = Math.exp(-2 * u);
          slope *= decay * (2 / (1 + decay)) ** 2;
          bend = ((-2 * Math.sign(xj) * tanh(u)) / cap) * (slope / temperature);
        }
        if (hess !== null) {
          const q = (gap === 0 ? rest : 1 + rest - e) / (1 + rest);
          const turn = isCurved && own !== 0 ? own * curveBend(l, gamma, epsilon) : 0;
          const turns = (bends - turn) * p * p + turn * q * q;
          const second = (total + pull) * p * q + 2 * zLoss * p * p + turns;
          const h = isOne ? 1 : second * slope * slope + bend * g;
          hess[j] = Math.max(h * call.hessianScale, call.minHessian) * s;
        }
        if (grad !== null) grad[j] = g * slope * s;
      }
    }
    if (isValue) {
      value = sw * (value + zLoss * lse * lse);
      if (values !== null) values[row] = value;
      else sum += value;
    }
  }
  return sum;
}

/** The rows that count, each with its sampleWeight. */
function counted(call: KernelCall): number {
  const sampleWeight = call.arrays[SAMPLE_WEIGHT] as Float32Array | null;
  if (sampleWeight === null) return call.active;
  const labels = call.arrays[IN1] as Int32Array;
  return sumOf(
    ({ ignoreIndex, classes }, from, to) => {
      let sum = 0;
      for (let row = from; row < to; row++) {
        if (isCounted(labels[row], ignoreIndex, classes)) sum += sampleWeight[row];
      }
      return sum;
    },
    call,
    labels.length,
  );
}

/** Where the greatest logit is that is not masked; −1 where there is none. NaNs lose: they reach the result through the sum. */
function topOf(x: Float32Array, mask: Float32Array | null, start: number, end: number, step: number): number {
  let m = -Infinity;
  let top = -1;
  for (let j = start; j < end; j += step) {
    if (mask?.[j] === 0) continue;
    if (top < 0) top = j;
    if (x[j] > m) {
      m = x[j];
      top = j;
    }
  }
  return top;
}
