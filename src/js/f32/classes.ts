// Losses in which a class's cost does not depend on the other classes: given log-probabilities (NLL) or
// probabilities (cross entropy of a softmax output).
import {
  BLOCK,
  FLAGS,
  GRAD_OUTPUT,
  GRAD0,
  GRAD1,
  HESS,
  IN0,
  IN1,
  SAMPLE_WEIGHT,
  VALUE,
  WEIGHT,
} from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { gradScale, type Kernel, type RangeLoop, reduce } from '../reduce.ts';
import { indexOf, isCounted } from '../rows.ts';

export interface ClassOp {
  /** −log of the class's probability. */
  cost(x: number, call: KernelCall): number;
  /** d cost / d x, times a: a/x may be a number where 1/x is not. */
  slope(x: number, a: number, call: KernelCall): number;
  /** d slope / d x, times a. */
  curve(x: number, a: number, call: KernelCall): number;
}

const byRows =
  (loop: RangeLoop): Kernel =>
  (call) =>
    reduce(loop, call, call.outer * call.inner);

/** The gradients of a block at the rows' targets, and what is to be multiplied for their second derivatives, kept until the block is zeroed. */
const slopes = /* @__PURE__ */ new Float32Array(BLOCK);
const curves = /* @__PURE__ */ new Float64Array(BLOCK);

/** What goes into the second derivatives' array. */
const second = (h: number, { flags, hessianScale, minHessian }: KernelCall): number =>
  Math.max((flags & FLAGS.HESSIAN_ONE ? 1 : h) * hessianScale, minHessian);

/** p0 w_t cost(x_t) at the target t alone. */
export const pick = ({ cost, slope, curve }: ClassOp): Kernel =>
  byRows((call, from, to) => {
    const { classes, inner, ignoreIndex, p0 } = call;
    const x = call.arrays[IN0] as Float32Array;
    const labels = call.arrays[IN1] as Int32Array;
    const w = call.arrays[WEIGHT] as Float32Array | null;
    const sampleWeight = call.arrays[SAMPLE_WEIGHT] as Float32Array | null;
    const gradOutput = call.arrays[GRAD_OUTPUT] as Float32Array | null;
    const values = call.arrays[VALUE] as Float32Array | null;
    const grad = call.arrays[GRAD0] as Float32Array | null;
    const hess = call.arrays[HESS] as Float32Array | null;
    const isValue = (call.flags & FLAGS.VALUE) !== 0;
    const scale = gradScale(call);
    let sum = 0;
    for (let row = from; row < to; row++) {
      const label = labels[row];
      let weight = sampleWeight === null ? 1 : sampleWeight[row];
      let value = 0;
      if (isCounted(label, ignoreIndex, classes) && weight !== 0) {
        weight *= p0;
        if (w !== null) weight *= w[label];
        const xt = x[indexOf(row, label, classes, inner)];
        if (isValue && weight !== 0) value = weight * cost(xt, call);
        if (grad !== null) {
          const up = gradOutput === null ? scale : scale * gradOutput[row];
          slopes[row - from] = (weight === 0 ? 0 : slope(xt, weight, call)) * up;
          if (hess !== null) {
            const a = w === null ? p0 : p0 * w[label];
            curves[row - from] = second(a === 0 ? 0 : curve(xt, a, call), call);
          }
        }
      }
      if (values !== null) values[row] = value;
      else sum += value;
    }
    if (grad === null) return sum;
    zeroRows(grad, from, to, classes, inner);
    if (hess !== null) zeroRows(hess, from, to, classes, inner);
    for (let row = from; row < to; row++) {
      const label = labels[row];
      if (!isCounted(label, ignoreIndex, classes)) continue;
      const sw = sampleWeight === null ? 1 : sampleWeight[row];
      if (sw === 0) continue;
      const own = indexOf(row, label, classes, inner);
      grad[own] = slopes[row - from];
      if (hess === null) continue;
      const up = scale * sw * (gradOutput === null ? 1 : gradOutput[row]);
      const start = indexOf(row, 0, classes, inner);
      for (let j = start; j < start + classes * inner; j += inner) hess[j] = second(0, call) * up;
      hess[own] = curves[row - from] * up;
    }
    return sum;
  });

function zeroRows(grad: Float32Array, from: number, to: number, classes: number, inner: number): void {
  if (inner === 1) {
    grad.fill(0, from * classes, to * classes);
    return;
  }
  for (let row = from; row < to; ) {
    const run = Math.min(to - row, inner - (row % inner));
    for (let c = 0; c < classes; c++) {
      const at = indexOf(row, c, classes, inner);
      grad.fill(0, at, at + run);
    }
    row += run;
  }
}

/** Σ_j a_j cost(x_j) over all classes; one of coefficient 0 does not count, even where its cost is infinite. */
export const column = ({ cost, slope, curve }: ClassOp): Kernel =>
  byRows((call, from, to) => {
    const { classes, inner, ignoreIndex, p0, p1 } = call;
    const isIndex = (call.flags & FLAGS.INDEX) !== 0;
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
    let sum = 0;
    for (let row = from; row < to; row++) {
      const start = indexOf(row, 0, classes, inner);
      const end = start + classes * inner;
      const label = isIndex ? labels[row] : -1;
      const sw = sampleWeight === null ? 1 : sampleWeight[row];
      const active = sw !== 0 && (!isIndex || isCounted(label, ignoreIndex, classes));
      let value = 0;
      if (active) {
        const s = scale * sw * (gradOutput === null ? 1 : gradOutput[row]);
        const target = start + label * inner;
        let k = 0;
        for (let j = start; j < end; j += inner) {
          const xj = x[j];
          const tj = isIndex ? (j === target ? 1 : 0) : t[j];
          const wj = w === null ? 1 : w[k++];
          const a = wj * (p0 * tj + p1);
          const costs = cost(xj, call);
          if (a !== 0) value += a * costs;
          const c = p0 * wj;
          if (gradTarget !== null) gradTarget[j] = (c === 0 ? 0 : costs * c) * s;
          if (hess !== null) hess[j] = second(a === 0 ? 0 : curve(xj, a, call), call) * s;
          if (grad !== null) grad[j] = (a === 0 ? 0 : slope(xj, a, call)) * s;
        }
        value *= sw;
      } else {
        for (let j = start; j < end; j += inner) {
          if (gradTarget !== null) gradTarget[j] = 0;
          if (hess !== null) hess[j] = 0;
          if (grad !== null) grad[j] = 0;
        }
      }
      if (values !== null) values[row] = value;
      else sum += value;
    }
    return sum;
  });
