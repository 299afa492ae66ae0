// Triplet margin of three rows, as in assembly/kernels/tripletMargin.ts.
import { GRAD_OUTPUT, GRAD0, GRAD1, GRAD2, IN0, IN1, IN2, SAMPLE_WEIGHT, VALUE } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { gradScale, reduce } from '../reduce.ts';
import { indexOf } from '../rows.ts';

export const tripletMargin = (call: KernelCall): number => reduce(rows, call, call.outer * call.inner);

/** How far a row of x is from the same of y, and what its gradient takes. */
interface Distance {
  distance: number;
  /** The greatest difference, 1 where it is 0; of powers other than 1 and 2. */
  most: number;
  /** What the slope of a difference is multiplied by. */
  factor: number;
}

const near: Distance = { distance: 0, most: 1, factor: 0 };
const far: Distance = { distance: 0, most: 1, factor: 0 };
const other: Distance = { distance: 0, most: 1, factor: 0 };

function measure(
  to: Distance,
  x: Float32Array,
  y: Float32Array,
  start: number,
  end: number,
  step: number,
  power: number,
  eps: number,
): void {
  let sum = 0;
  let most = 0;
  if (power === 2) {
    for (let j = start; j < end; j += step) {
      const d = x[j] - y[j] + eps;
      sum += d * d;
    }
    to.distance = Math.sqrt(sum);
    to.factor = sum === 0 ? 0 : 1 / to.distance;
    return;
  }
  if (power === 1) {
    for (let j = start; j < end; j += step) sum += Math.abs(x[j] - y[j] + eps);
    to.distance = sum;
    to.factor = sum === 0 ? 0 : 1;
    return;
  }
  for (let j = start; j < end; j += step) most = Math.max(most, Math.abs(x[j] - y[j] + eps));
  if (most === 0) most = 1;
  for (let j = start; j < end; j += step) {
    const r = Math.abs(x[j] - y[j] + eps) / most;
    sum += power === Infinity ? (r === 1 ? 1 : 0 * r) : r ** power;
  }
  const root = power === Infinity ? 1 : sum ** (1 / power);
  to.distance = sum === 0 ? 0 : most === Infinity ? most : most * root;
  to.most = most;
  to.factor = sum === 0 ? 0 : root / sum;
}

/** The slope of a distance by a difference, but for the factor. */
function slope(d: number, { most }: Distance, power: number): number {
  if (power === 2) return d;
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
  const scale = gradScale(call);
  const length = classes * inner;
  let total = 0;
  for (let row = from; row < to; row++) {
    const start = indexOf(row, 0, classes, inner);
    const end = start + length;
    const weight = sampleWeight === null ? 1 : sampleWeight[row];
    if (weight === 0) {
      for (let j = start; j < end; j += inner) {
        if (gx !== null) gx[j] = 0;
        if (gy !== null) gy[j] = 0;
        if (gz !== null) gz[j] = 0;
      }
      if (values !== null) values[row] = 0;
      continue;
    }
    measure(near, x, y, start, end, inner, power, eps);
    measure(far, x, z, start, end, inner, power, eps);
    let least = far.distance;
    let share = 1;
    if (isSwap) {
      measure(other, y, z, start, end, inner, power, eps);
      share = least === other.distance ? 0.5 : least < other.distance ? 1 : 0;
      least = Math.min(least, other.distance);
    }
    const loss = margin + near.distance - least;
    if (hasGrad) {
      const active = loss >= 0 ? 1 : loss < 0 ? 0 : loss;
      const up = active * scale * weight * (gradOutput === null ? 1 : gradOutput[row]);
      const ofNear = near.factor * up;
      const ofFar = far.factor * up * share;
      const ofOther = other.factor * up * (1 - share);
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
