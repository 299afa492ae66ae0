// Means of binary cross entropies over rows, as in assembly/loops/means.ts.
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
import * as bce from '../points/bceWithLogits.ts';
import { gradScale, reduce } from '../reduce.ts';
import { clearRow } from '../rows.ts';
import { weightOf } from './broadcast.ts';

export const multilabelSoftMargin = (call: KernelCall): number => reduce(rows, call, call.outer);

function rows(call: KernelCall, from: number, to: number): number {
  const { classes, flags, hessianScale, minHessian, p5, p6 } = call;
  const x = call.arrays[IN0] as Float32Array;
  const t = call.arrays[IN1] as Float32Array;
  const sampleWeight = call.arrays[SAMPLE_WEIGHT] as Float32Array | null;
  const gradOutput = call.arrays[GRAD_OUTPUT] as Float32Array | null;
  const values = call.arrays[VALUE] as Float32Array | null;
  const grad = call.arrays[GRAD0] as Float32Array | null;
  const gradTarget = call.arrays[GRAD1] as Float32Array | null;
  const hess = call.arrays[HESS] as Float32Array | null;
  const isValue = (flags & FLAGS.VALUE) !== 0;
  const scale = gradScale(call);
  let sum = 0;
  for (let row = from; row < to; row++) {
    const start = row * classes;
    const end = start + classes;
    const sw = sampleWeight === null ? 1 : sampleWeight[row];
    if (sw === 0) {
      clearRow(grad, start, end, 1);
      clearRow(gradTarget, start, end, 1);
      clearRow(hess, start, end, 1);
      if (values !== null) values[row] = 0;
      continue;
    }
    const rowScale = scale * sw * (gradOutput === null ? 1 : gradOutput[row]);
    let total = 0;
    for (let first = start; first < end; first += BLOCK) {
      const last = Math.min(end, first + BLOCK);
      const weight = weightOf(call, first, last);
      // one that is broadcast begins with the first of these
      const place = call.shapes[WEIGHT] === null ? 0 : first;
      let part = 0;
      for (let i = first; i < last; i++) {
        const xi = x[i];
        const w = weight === null ? 1 : weight[i - place];
        const e = bce.e(xi);
        const yes = bce.yes(t[i], p5, p6);
        const no = bce.no(t[i], p5, p6);
        if (isValue) part += w * bce.value(1, e, no, yes, bce.linear(xi, 1, no, yes));
        const up = w * rowScale;
        if (gradTarget !== null) gradTarget[i] = (bce.gradTarget(xi, 1, e, p5) / classes) * up;
        if (hess !== null) {
          const h = flags & FLAGS.HESSIAN_ONE ? 1 : bce.hess(1, e, no, yes) / classes;
          hess[i] = Math.max(h * hessianScale, minHessian) * up;
        }
        if (grad !== null) grad[i] = (bce.grad(xi, 1, e, no, yes) / classes) * up;
      }
      total += part;
    }
    const value = (total / classes) * sw;
    if (values !== null) values[row] = value;
    else sum += value;
  }
  return sum;
}
