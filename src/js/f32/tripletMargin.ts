// Triplet margin of three rows, as in assembly/kernels/tripletMargin.ts.
import { GRAD_OUTPUT, GRAD0, GRAD1, GRAD2, IN0, IN1, IN2, SAMPLE_WEIGHT, VALUE } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { gradScale, reduce } from '../reduce.ts';
import { clearRow, indexOf } from '../rows.ts';
import { isPlain, scaleOf } from '../scale.ts';

export const tripletMargin = (call: KernelCall): number => reduce(rows, call, call.outer * call.inner);

// Numbers between functions: members of an array, as V8 boxes what is handed over or is a member of an object.
const space = new Float64Array(11);
const POWER = 9;
const EPS = 10;
/** Places of how far a row of x is from the same of y, of that of x from z, and of that of y from z. */
const NEAR = 0;
const FAR = 3;
const OTHER = 6;
/** The greatest difference, 1 where it is 0, of powers other than 1 and 2; of squares what differences are multiplied by. */
const MOST = 1;
/** What the slope of a difference is multiplied by. */
const FACTOR = 2;

function measure(
  at: number,
  x: Float32Array,
  y: Float32Array,
  start: number,
  end: number,
  step: number,
): void {
  const power = space[POWER];
  const eps = space[EPS];
  let sum = 0;
  if (power === 1) {
    for (let j = start; j < end; j += step) sum += Math.abs(x[j] - y[j] + eps);
    space[at] = sum;
    space[at + FACTOR] = sum === 0 ? 0 : 1;
    return;
  }
  if (power === 2) {
    for (let j = start; j < end; j += step) {
      const d = x[j] - y[j] + eps;
      sum += d * d;
    }
    space[at] = Math.sqrt(sum);
    space[at + MOST] = 1;
    space[at + FACTOR] = 1 / space[at];
    if (isPlain(sum)) return;
  }
  let most = 0;
  for (let j = start; j < end; j += step) most = Math.max(most, Math.abs(x[j] - y[j] + eps));
  if (most === 0) {
    space[at] = 0;
    space[at + MOST] = 1;
    space[at + FACTOR] = 0;
    return;
  }
  sum = 0;
  if (power === 2) {
    const scale = scaleOf(most);
    for (let j = start; j < end; j += step) {
      const d = (x[j] - y[j] + eps) * scale;
      sum += d * d;
    }
    const distance = Math.sqrt(sum);
    space[at] = distance / scale;
    space[at + MOST] = scale;
    space[at + FACTOR] = distance === Infinity ? NaN : 1 / distance;
    return;
  }
  for (let j = start; j < end; j += step) {
    const r = Math.abs(x[j] - y[j] + eps) / most;
    sum += power === Infinity ? (r === 1 ? 1 : 0 * r) : r ** power;
  }
  const root = power === Infinity ? 1 : sum ** (1 / power);
  space[at] = most === Infinity ? most : most * root;
  space[at + MOST] = most;
  space[at + FACTOR] = root / sum;
}

/** The slope of a distance by a difference, but for the factor. */
function slope(d: number, most: number, power: number): number {
  if (power === 2) return d * most;
  if (power === 1) return Math.sign(d);
  const r = Math.abs(d) / most;
  return Math.sign(d) * (power === Infinity ? (r === 1 ? 1 : 0) : r ** (power - 1));
}

function rows(call: KernelCall, from: number, to: number): number {
  const { classes, inner, p0: margin, p1: power, p2: eps, p3 } = call;
  const x = call.arrays[IN0] as Float32Array;
  const y = call.arrays[IN1] as Float32Array;
  const z = call.arrays[IN2] as Float32Array;
  const sampleWeight = call.arrays[SAMPLE_WEIGHT] as Float32Array | null;
  const gradOutput = call.arrays[GRAD_OUTPUT] as Float32Array | null;
  const values = call.arrays[VALUE] as Float32Array | null;
  const gx = call.arrays[GRAD0] as Float32Array | null;
  const gy = call.arrays[GRAD1] as Float32Array | null;
  const gz = call.arrays[GRAD2] as Float32Array | null;
  const hasGrad = gx !== null || gy !== null || gz !== null;
  const isSwap = p3 !== 0;
  space[POWER] = power;
  space[EPS] = eps;
  const scale = gradScale(call);
  const length = classes * inner;
  let total = 0;
  for (let row = from; row < to; row++) {
    const start = indexOf(row, 0, classes, inner);
    const end = start + length;
    const weight = sampleWeight === null ? 1 : sampleWeight[row];
    if (weight === 0) {
      clearRow(gx, start, end, inner);
      clearRow(gy, start, end, inner);
      clearRow(gz, start, end, inner);
      if (values !== null) values[row] = 0;
      continue;
    }
    measure(NEAR, x, y, start, end, inner);
    measure(FAR, x, z, start, end, inner);
    let least = space[FAR];
    let share = 1;
    if (isSwap) {
      measure(OTHER, y, z, start, end, inner);
      share = least === space[OTHER] ? 0.5 : least < space[OTHER] ? 1 : 0;
      least = Math.min(least, space[OTHER]);
    }
    const loss = margin + space[NEAR] - least;
    if (hasGrad) {
      const active = loss >= 0 ? 1 : loss < 0 ? 0 : loss;
      const up = active * scale * weight * (gradOutput === null ? 1 : gradOutput[row]);
      const ofNear = space[NEAR + FACTOR] * up;
      const ofFar = space[FAR + FACTOR] * up * share;
      const ofOther = space[OTHER + FACTOR] * up * (1 - share);
      const near = space[NEAR + MOST];
      const far = space[FAR + MOST];
      const other = space[OTHER + MOST];
      for (let j = start; j < end; j += inner) {
        const a = x[j];
        const b = y[j];
        const c = z[j];
        const xy = slope(a - b + eps, near, power) * ofNear;
        const xz = slope(a - c + eps, far, power) * ofFar;
        const yz = isSwap ? slope(b - c + eps, other, power) * ofOther : 0;
        if (gx !== null) gx[j] = xy - xz;
        if (gy !== null) gy[j] = -xy - yz;
        if (gz !== null) gz[j] = xz + yz;
      }
    }
    const value = (loss < 0 ? 0 : loss) * weight;
    if (values !== null) values[row] = value;
    else total += value;
  }
  return total;
}
