// Cosine of two rows, as in assembly/kernels/cosine.ts.
import { FLAGS, GRAD_OUTPUT, GRAD0, GRAD1, IN0, IN1, IN2, SAMPLE_WEIGHT, VALUE } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { gradScale, reduce } from '../reduce.ts';
import { clearRow, indexOf } from '../rows.ts';
import { isPlain, scaleOf } from '../scale.ts';

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
  const floor = p3 === 0 ? 0 : Math.max(Math.sqrt(p1), p2);
  const length = classes * inner;
  let sum = 0;
  for (let row = from; row < to; row++) {
    const start = indexOf(row, 0, classes, inner);
    const end = start + length;
    const weight = sampleWeight === null ? 1 : sampleWeight[row];
    if (weight === 0) {
      clearRow(gx, start, end, inner);
      clearRow(gy, start, end, inner);
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
    let scaleX = 1;
    let scaleY = 1;
    if (!isPlain(xx) || !isPlain(yy)) {
      let mostX = floor;
      let mostY = floor;
      for (let j = start; j < end; j += inner) {
        mostX = Math.max(mostX, Math.abs(x[j]));
        mostY = Math.max(mostY, Math.abs(y[j]));
      }
      // both, as the gradient of either divides by both norms
      scaleX = scaleOf(mostX);
      scaleY = scaleOf(mostY);
      xx = 0;
      yy = 0;
      xy = 0;
      for (let j = start; j < end; j += inner) {
        const a = x[j] * scaleX;
        const b = y[j] * scaleY;
        xx += a * a;
        yy += b * b;
        xy += a * b;
      }
    }
    let overA = 1 / scaleX;
    let overB = 1 / scaleY;
    let hasX = false;
    let hasY = false;
    let rest = 0;
    if (p3 !== 0) {
      const moreX = p1 * scaleX * scaleX;
      const moreY = p1 * scaleY * scaleY;
      const normX = Math.sqrt(xx + moreX);
      const normY = Math.sqrt(yy + moreY);
      hasX = !(normX < p2 * scaleX);
      hasY = !(normY < p2 * scaleY);
      overA = 1 / Math.max(normX, p2 * scaleX);
      overB = 1 / Math.max(normY, p2 * scaleY);
      rest =
        (hasX ? moreX * overA * overA : 1 - xx * overA * overA) +
        (hasY ? moreY * overB * overB : 1 - yy * overB * overB);
    }
    // the greater last, as the product may not overflow before that
    const c = xy * Math.min(overA, overB) * Math.max(overA, overB);
    let value = 1 - c;
    if (p3 === 0) {
      overA = 1;
      overB = 1;
      scaleX = 1;
      scaleY = 1;
    }
    if (isApart) {
      let apart = 0;
      for (let j = start; j < end; j += inner) {
        const d = x[j] * scaleX * overA - y[j] * scaleY * overB;
        apart += d * d;
      }
      value = (apart + rest) / 2;
    }
    let slope = Number.isNaN(c) ? c : -1;
    const label = labels === null ? 1 : labels[row];
    if (label !== 1) {
      const isFar = label === -1 && c >= p0;
      slope = isFar ? 1 : 0 * label * c;
      value = isFar ? c - p0 : slope;
    }
    const up = slope * scale * weight * (gradOutput === null ? 1 : gradOutput[row]);
    if (gx !== null || gy !== null) {
      const upX = overA * scaleX * up;
      const upY = overB * scaleY * up;
      const xOfY = overB * upX;
      const yOfX = overA * upY;
      const ofX = c * overA * upX;
      const ofY = c * overB * upY;
      for (let j = start; j < end; j += inner) {
        const a = x[j] * scaleX;
        const b = y[j] * scaleY;
        if (gx !== null) gx[j] = hasX ? xOfY * b - ofX * a : xOfY * b;
        if (gy !== null) gy[j] = hasY ? yOfX * a - ofY * b : yOfX * a;
      }
    }
    value *= weight;
    if (values !== null) values[row] = value;
    else sum += value;
  }
  return sum;
}
