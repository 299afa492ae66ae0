// Multi-class margins, as in assembly/kernels/multiMargin.ts and assembly/loops/rivals.ts.
import { FLAGS, GRAD_OUTPUT, GRAD0, HESS, IN0, IN1, SAMPLE_WEIGHT, VALUE, WEIGHT } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { gradScale, reduce } from '../reduce.ts';
import { clearRow, indexOf } from '../rows.ts';

export const multiMargin = (call: KernelCall): number => reduce(rows, call, call.outer * call.inner);

function rows(call: KernelCall, from: number, to: number): number {
  const { classes, inner, flags, hessianScale, minHessian, p0: margin } = call;
  const isSquared = call.p2 !== 0;
  const twice = isSquared ? 2 : 0;
  const x = call.arrays[IN0] as Float32Array;
  const labels = call.arrays[IN1] as Int32Array;
  const w = call.arrays[WEIGHT] as Float32Array | null;
  const sampleWeight = call.arrays[SAMPLE_WEIGHT] as Float32Array | null;
  const gradOutput = call.arrays[GRAD_OUTPUT] as Float32Array | null;
  const values = call.arrays[VALUE] as Float32Array | null;
  const grad = call.arrays[GRAD0] as Float32Array | null;
  const hess = call.arrays[HESS] as Float32Array | null;
  const scale = gradScale(call);
  const isOne = (flags & FLAGS.HESSIAN_ONE) !== 0;
  let sum = 0;
  for (let row = from; row < to; row++) {
    const start = indexOf(row, 0, classes, inner);
    const end = start + classes * inner;
    const sw = sampleWeight === null ? 1 : sampleWeight[row];
    if (sw === 0) {
      clearRow(grad, start, end, inner);
      clearRow(hess, start, end, inner);
      if (values !== null) values[row] = 0;
      continue;
    }
    const label = start + labels[row] * inner;
    const weight = (w === null ? 1 : w[labels[row]]) / classes;
    const up = scale * sw * (gradOutput === null ? 1 : gradOutput[row]);
    const own = x[label];
    // it has no rival where it is the only class
    const lost = weight !== 0 && Number.isNaN(own) ? own : 0;
    let costs = lost;
    let slopes = lost;
    let count = lost;
    for (let j = start; j < end; j += inner) {
      const missing = margin + (x[j] - own);
      // a class of weight 0 does not count, whatever its row holds
      const m = j === label || weight === 0 || missing <= 0 ? 0 : missing;
      const active = m > 0 ? 1 : m;
      const slope = isSquared ? 2 * m : active;
      costs += isSquared ? m * m : m;
      slopes += slope;
      count += active;
      if (hess !== null)
        hess[j] = Math.max((isOne ? 1 : twice * active * weight) * hessianScale, minHessian) * up;
      if (grad !== null) grad[j] = slope * (weight * up);
    }
    if (hess !== null)
      hess[label] = Math.max((isOne ? 1 : twice * count * weight) * hessianScale, minHessian) * up;
    if (grad !== null) grad[label] = -slopes * (weight * up);
    const value = weight === 0 ? 0 : sw * costs * weight;
    if (values !== null) values[row] = value;
    else sum += value;
  }
  return sum;
}
