// Multi-label margins, as in assembly/loops/labelSets.ts.
import { FLAGS, GRAD_OUTPUT, GRAD0, HESS, IN0, IN1, SAMPLE_WEIGHT, VALUE } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { gradScale, reduce } from '../reduce.ts';
import { clearRow } from '../rows.ts';

export const multilabelMargin = (call: KernelCall): number => reduce(rows, call, call.outer);

/** Of the present row: how often a class is listed as a label, which are, and the sum of its slopes. */
let counts = /* @__PURE__ */ new Uint32Array(0);
let list = /* @__PURE__ */ new Uint32Array(0);
let slopes = /* @__PURE__ */ new Float64Array(0);

function rows(call: KernelCall, from: number, to: number): number {
  const { classes, flags, hessianScale, minHessian, p0: margin } = call;
  const x = call.arrays[IN0] as Float32Array;
  const labels = call.arrays[IN1] as Int32Array;
  const sampleWeight = call.arrays[SAMPLE_WEIGHT] as Float32Array | null;
  const gradOutput = call.arrays[GRAD_OUTPUT] as Float32Array | null;
  const values = call.arrays[VALUE] as Float32Array | null;
  const grad = call.arrays[GRAD0] as Float32Array | null;
  const hess = call.arrays[HESS] as Float32Array | null;
  const scale = gradScale(call);
  if (slopes.length < classes) {
    counts = new Uint32Array(classes);
    list = new Uint32Array(classes);
    slopes = new Float64Array(classes);
  }
  let sum = 0;
  for (let row = from; row < to; row++) {
    const start = row * classes;
    const end = start + classes;
    const sw = sampleWeight === null ? 1 : sampleWeight[row];
    if (sw === 0) {
      clearRow(grad, start, end, 1);
      clearRow(hess, start, end, 1);
      if (values !== null) values[row] = 0;
      continue;
    }
    let listed = 0;
    for (let k = start; k < end && labels[k] >= 0; k++)
      if (counts[labels[k]]++ === 0) list[listed++] = labels[k];
    slopes.fill(0, 0, classes);
    let costs = 0;
    for (let k = 0; k < listed; k++) {
      const own = x[start + list[k]];
      const times = counts[list[k]];
      // NaN where its number is, though it have no rival
      let pull = Number.isNaN(own) ? own : 0;
      // a label's by itself: long sums lose more
      let cost = pull;
      for (let c = 0; c < classes && listed < classes; c++) {
        if (counts[c] > 0) continue;
        const missing = margin + (x[start + c] - own);
        if (missing <= 0) continue;
        const slope = times * (missing > 0 ? 1 : missing);
        cost += times * missing;
        slopes[c] += slope;
        pull += slope;
      }
      costs += cost;
      slopes[list[k]] -= pull;
    }
    for (let k = 0; k < listed; k++) counts[list[k]] = 0;
    const up = scale * sw * (gradOutput === null ? 1 : gradOutput[row]);
    for (let c = 0; grad !== null && c < classes; c++) {
      const slope = slopes[c];
      if (hess !== null) {
        const h = flags & FLAGS.HESSIAN_ONE ? 1 : Number.isNaN(slope) ? slope : 0;
        hess[start + c] = Math.max(h * hessianScale, minHessian) * up;
      }
      grad[start + c] = slope * (up / classes);
    }
    const value = (sw * costs) / classes;
    if (values !== null) values[row] = value;
    else sum += value;
  }
  return sum;
}
