// Cosine of two rows, as in assembly/kernels/cosine.ts.
import { FLAGS, GRAD_OUTPUT, GRAD0, GRAD1, IN0, IN1, IN2, SAMPLE_WEIGHT, VALUE } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { gradScale, reduce } from '../reduce.ts';
import { indexOf } from '../rows.ts';

export const cosine = (call: KernelCall): number => reduce(rows, call, call.outer * call.inner);

function rows(call: KernelCall, from: number, to: number): number {
  const { classes, inner, p0, p1, p2, p3 } = call;
  const x = call.arrays[IN0] as Float32Array;
  const y = call.arrays[IN1] as Float32Array;
  const labels = call.arrays[IN2] as Float32Array | null;
  const sampleWeight = call.arrays[SAMPLE_WEIGHT] as Float32Array | null;
  const gradOutput = call.arrays[GRAD_OUTPUT] as Float32Array | null;
  const values = call.arrays[VALUE] as Float32Array | null;
  const gx = call.arrays[GRAD0] as Float32Array | null;
  const gy = call.arrays[GRAD1] as Float32Array | null;
  const isApart = call.dtype === 'f64' && (call.flags & FLAGS.VALUE) !== 0 && p3 !== 0;
  const scale = gradScale(call);
  const length = classes * inner;
  let sum = 0;
  for (let row = from; row < to; row++) {
    const start = indexOf(row, 0, classes, inner);
    const end = start + length;
    const weight = sampleWeight === null ? 1 : sampleWeight[row];
    if (weight === 0) {
      for (let j = start; j < end; j += inner) {
        if (gx !== null) gx[j] = 0;
        if (gy !== null) gy[j] = 0;
      }
      if (values !== null) values[row] = 0;
      continue;
    }
    let xx = 0;
    let yy = 0;
    let xy = 0;
    for (let j = start; j < end; j += inner) {
      const a = x[j];
      const b = y[j];
      xx += a * a;
      yy += b * b;
      xy += a * b;
    }
    let overA = 1;
    let overB = 1;
    let ofX = 0;
    let ofY = 0;
    let rest = 0;
    if (p3 !== 0) {
      const normX = Math.sqrt(xx + p1);
      const normY = Math.sqrt(yy + p1);
      overA = 1 / Math.max(normX, p2);
      overB = 1 / Math.max(normY, p2);
      ofX = normX < p2 ? 0 : overA * overA;
      ofY = normY < p2 ? 0 : overB * overB;
      rest =
        (normX < p2 ? 1 - xx * overA * overA : p1 * overA * overA) +
        (normY < p2 ? 1 - yy * overB * overB : p1 * overB * overB);
    }
    const c = xy * overA * overB;
    let value = 1 - c;
    if (isApart) {
      let apart = 0;
      for (let j = start; j < end; j += inner) {
        const d = x[j] * overA - y[j] * overB;
        apart += d * d;
      }
      value = (apart + rest) / 2;
    }
    let slope = -1;
    const label = labels === null ? 1 : labels[row];
    if (label !== 1) {
      const isFar = label === -1 && c >= p0;
      slope = isFar ? 1 : 0 * label * c;
      value = isFar ? c - p0 : slope;
    }
    const up = slope * scale * weight * (gradOutput === null ? 1 : gradOutput[row]);
    if (gx !== null || gy !== null) {
      const other = overA * overB * up;
      ofX *= c * up;
      ofY *= c * up;
      for (let j = start; j < end; j += inner) {
        const a = x[j];
        const b = y[j];
        if (gx !== null) gx[j] = other * b - ofX * a;
        if (gy !== null) gy[j] = other * a - ofY * b;
      }
    }
    value *= weight;
    if (values !== null) values[row] = value;
    else sum += value;
  }
  return sum;
}
