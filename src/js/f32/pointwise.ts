// Generated from src/js/points by `npm run generate`; do not edit.
import { FLAGS } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { pointwise } from '../pointwise.ts';
import { gradScale } from '../reduce.ts';
import { extraOf, weightOf } from './broadcast.ts';

function l1Any(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array | null;
  const gradTarget = call.gradTarget as Float32Array | null;
  const values = call.value as Float32Array | null;
  const sampleWeight = call.sampleWeight as Float32Array | null;
  const gradOutput = call.gradOutput as Float32Array | null;
  const weight = weightOf(call, from, to);
  const weightFrom = call.weightShape === null ? 0 : from;
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const scale = gradScale(call);
  let sum = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (let i = from; i < to; i++) {
    let factor = sampleWeight === null ? 1 : sampleWeight[i];
    if (factor === 0) {
      if (values !== null) values[i] = 0;
      if (grad !== null) grad[i] = 0;
      if (gradTarget !== null) gradTarget[i] = 0;
      continue;
    }
    if (weight !== null) factor *= weight[i - weightFrom];
    const x = input[i];
    const t = target[i];
    const d = x - t;
    const sign = Number.isNaN(d) ? d : Number(d > 0) - Number(d < 0);
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    if (isValue) {
      const point = Math.abs(d);
      const value = point * factor;
      if (values === null) {
        const next = sum + value;
        sum = sum1;
        sum1 = sum2;
        sum2 = sum3;
        sum3 = next;
      } else values[i] = value;
    }
    if (grad !== null) {
      const slope = sign;
      grad[i] = slope * up;
    }
    if (gradTarget !== null) {
      const slope = -sign;
      gradTarget[i] = slope * up;
    }
  }
  return sum + sum1 + (sum2 + sum3);
}

function l1Sum(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  let sum = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let i = from;
  for (; i + 3 < to; i += 4) {
    {
      const x = input[i];
      const t = target[i];
      const d = x - t;
      const value = Math.abs(d);
      sum += value;
    }
    {
      const x = input[i + 1];
      const t = target[i + 1];
      const d = x - t;
      const value = Math.abs(d);
      sum1 += value;
    }
    {
      const x = input[i + 2];
      const t = target[i + 2];
      const d = x - t;
      const value = Math.abs(d);
      sum2 += value;
    }
    {
      const x = input[i + 3];
      const t = target[i + 3];
      const d = x - t;
      const value = Math.abs(d);
      sum3 += value;
    }
  }
  for (; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const d = x - t;
    const value = Math.abs(d);
    const next = sum + value;
    sum = sum1;
    sum1 = sum2;
    sum2 = sum3;
    sum3 = next;
  }
  return sum + sum1 + (sum2 + sum3);
}

function l1SumGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array;
  const scale = gradScale(call);
  let sum = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let i = from;
  for (; i + 3 < to; i += 4) {
    {
      const x = input[i];
      const t = target[i];
      const d = x - t;
      const sign = Number.isNaN(d) ? d : Number(d > 0) - Number(d < 0);
      const value = Math.abs(d);
      sum += value;
      const slope = sign;
      grad[i] = slope * scale;
    }
    {
      const x = input[i + 1];
      const t = target[i + 1];
      const d = x - t;
      const sign = Number.isNaN(d) ? d : Number(d > 0) - Number(d < 0);
      const value = Math.abs(d);
      sum1 += value;
      const slope = sign;
      grad[i + 1] = slope * scale;
    }
    {
      const x = input[i + 2];
      const t = target[i + 2];
      const d = x - t;
      const sign = Number.isNaN(d) ? d : Number(d > 0) - Number(d < 0);
      const value = Math.abs(d);
      sum2 += value;
      const slope = sign;
      grad[i + 2] = slope * scale;
    }
    {
      const x = input[i + 3];
      const t = target[i + 3];
      const d = x - t;
      const sign = Number.isNaN(d) ? d : Number(d > 0) - Number(d < 0);
      const value = Math.abs(d);
      sum3 += value;
      const slope = sign;
      grad[i + 3] = slope * scale;
    }
  }
  for (; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const d = x - t;
    const sign = Number.isNaN(d) ? d : Number(d > 0) - Number(d < 0);
    const value = Math.abs(d);
    const next = sum + value;
    sum = sum1;
    sum1 = sum2;
    sum2 = sum3;
    sum3 = next;
    const slope = sign;
    grad[i] = slope * scale;
  }
  return sum + sum1 + (sum2 + sum3);
}
export const l1 = pointwise({
  any: l1Any,
  sum: l1Sum,
  grad: l1SumGrad,
  sumGrad: l1SumGrad,
});

function mseAny(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array | null;
  const gradTarget = call.gradTarget as Float32Array | null;
  const values = call.value as Float32Array | null;
  const sampleWeight = call.sampleWeight as Float32Array | null;
  const gradOutput = call.gradOutput as Float32Array | null;
  const weight = weightOf(call, from, to);
  const weightFrom = call.weightShape === null ? 0 : from;
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const scale = gradScale(call);
  let sum = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (let i = from; i < to; i++) {
    let factor = sampleWeight === null ? 1 : sampleWeight[i];
    if (factor === 0) {
      if (values !== null) values[i] = 0;
      if (grad !== null) grad[i] = 0;
      if (gradTarget !== null) gradTarget[i] = 0;
      continue;
    }
    if (weight !== null) factor *= weight[i - weightFrom];
    const x = input[i];
    const t = target[i];
    const d = x - t;
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    if (isValue) {
      const point = d * d;
      const value = point * factor;
      if (values === null) {
        const next = sum + value;
        sum = sum1;
        sum1 = sum2;
        sum2 = sum3;
        sum3 = next;
      } else values[i] = value;
    }
    if (grad !== null) {
      const slope = 2 * d;
      grad[i] = slope * up;
    }
    if (gradTarget !== null) {
      const slope = -2 * d;
      gradTarget[i] = slope * up;
    }
  }
  return sum + sum1 + (sum2 + sum3);
}

function mseSum(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  let sum = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let i = from;
  for (; i + 3 < to; i += 4) {
    {
      const x = input[i];
      const t = target[i];
      const d = x - t;
      const value = d * d;
      sum += value;
    }
    {
      const x = input[i + 1];
      const t = target[i + 1];
      const d = x - t;
      const value = d * d;
      sum1 += value;
    }
    {
      const x = input[i + 2];
      const t = target[i + 2];
      const d = x - t;
      const value = d * d;
      sum2 += value;
    }
    {
      const x = input[i + 3];
      const t = target[i + 3];
      const d = x - t;
      const value = d * d;
      sum3 += value;
    }
  }
  for (; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const d = x - t;
    const value = d * d;
    const next = sum + value;
    sum = sum1;
    sum1 = sum2;
    sum2 = sum3;
    sum3 = next;
  }
  return sum + sum1 + (sum2 + sum3);
}

function mseSumGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array;
  const scale = gradScale(call);
  let sum = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let i = from;
  for (; i + 3 < to; i += 4) {
    {
      const x = input[i];
      const t = target[i];
      const d = x - t;
      const value = d * d;
      sum += value;
      const slope = 2 * d;
      grad[i] = slope * scale;
    }
    {
      const x = input[i + 1];
      const t = target[i + 1];
      const d = x - t;
      const value = d * d;
      sum1 += value;
      const slope = 2 * d;
      grad[i + 1] = slope * scale;
    }
    {
      const x = input[i + 2];
      const t = target[i + 2];
      const d = x - t;
      const value = d * d;
      sum2 += value;
      const slope = 2 * d;
      grad[i + 2] = slope * scale;
    }
    {
      const x = input[i + 3];
      const t = target[i + 3];
      const d = x - t;
      const value = d * d;
      sum3 += value;
      const slope = 2 * d;
      grad[i + 3] = slope * scale;
    }
  }
  for (; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const d = x - t;
    const value = d * d;
    const next = sum + value;
    sum = sum1;
    sum1 = sum2;
    sum2 = sum3;
    sum3 = next;
    const slope = 2 * d;
    grad[i] = slope * scale;
  }
  return sum + sum1 + (sum2 + sum3);
}
export const mse = pointwise({
  any: mseAny,
  sum: mseSum,
  grad: mseSumGrad,
  sumGrad: mseSumGrad,
});

function huberAny(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array | null;
  const gradTarget = call.gradTarget as Float32Array | null;
  const values = call.value as Float32Array | null;
  const sampleWeight = call.sampleWeight as Float32Array | null;
  const gradOutput = call.gradOutput as Float32Array | null;
  const weight = weightOf(call, from, to);
  const weightFrom = call.weightShape === null ? 0 : from;
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const scale = gradScale(call);
  const { p0 } = call;
  let sum = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (let i = from; i < to; i++) {
    let factor = sampleWeight === null ? 1 : sampleWeight[i];
    if (factor === 0) {
      if (values !== null) values[i] = 0;
      if (grad !== null) grad[i] = 0;
      if (gradTarget !== null) gradTarget[i] = 0;
      continue;
    }
    if (weight !== null) factor *= weight[i - weightFrom];
    const x = input[i];
    const t = target[i];
    const d = x - t;
    let clipped: number;
    {
      const above = Number(d > p0);
      const below = Number(d < -p0);
      clipped =
        Math.abs(d) + p0 < Infinity
          ? (1 - above - below) * d + (above - below) * p0
          : Math.max(-p0, Math.min(d, p0));
    }
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    if (isValue) {
      const point = p0 < Infinity ? clipped * (d - 0.5 * clipped) : 0.5 * d * d;
      const value = point * factor;
      if (values === null) {
        const next = sum + value;
        sum = sum1;
        sum1 = sum2;
        sum2 = sum3;
        sum3 = next;
      } else values[i] = value;
    }
    if (grad !== null) {
      const slope = clipped;
      grad[i] = slope * up;
    }
    if (gradTarget !== null) {
      const slope = -clipped;
      gradTarget[i] = slope * up;
    }
  }
  return sum + sum1 + (sum2 + sum3);
}

function huberSum(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const { p0 } = call;
  let sum = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let i = from;
  for (; i + 3 < to; i += 4) {
    {
      const x = input[i];
      const t = target[i];
      const d = x - t;
      let clipped: number;
      {
        const above = Number(d > p0);
        const below = Number(d < -p0);
        clipped =
          Math.abs(d) + p0 < Infinity
            ? (1 - above - below) * d + (above - below) * p0
            : Math.max(-p0, Math.min(d, p0));
      }
      const value = p0 < Infinity ? clipped * (d - 0.5 * clipped) : 0.5 * d * d;
      sum += value;
    }
    {
      const x = input[i + 1];
      const t = target[i + 1];
      const d = x - t;
      let clipped: number;
      {
        const above = Number(d > p0);
        const below = Number(d < -p0);
        clipped =
          Math.abs(d) + p0 < Infinity
            ? (1 - above - below) * d + (above - below) * p0
            : Math.max(-p0, Math.min(d, p0));
      }
      const value = p0 < Infinity ? clipped * (d - 0.5 * clipped) : 0.5 * d * d;
      sum1 += value;
    }
    {
      const x = input[i + 2];
      const t = target[i + 2];
      const d = x - t;
      let clipped: number;
      {
        const above = Number(d > p0);
        const below = Number(d < -p0);
        clipped =
          Math.abs(d) + p0 < Infinity
            ? (1 - above - below) * d + (above - below) * p0
            : Math.max(-p0, Math.min(d, p0));
      }
      const value = p0 < Infinity ? clipped * (d - 0.5 * clipped) : 0.5 * d * d;
      sum2 += value;
    }
    {
      const x = input[i + 3];
      const t = target[i + 3];
      const d = x - t;
      let clipped: number;
      {
        const above = Number(d > p0);
        const below = Number(d < -p0);
        clipped =
          Math.abs(d) + p0 < Infinity
            ? (1 - above - below) * d + (above - below) * p0
            : Math.max(-p0, Math.min(d, p0));
      }
      const value = p0 < Infinity ? clipped * (d - 0.5 * clipped) : 0.5 * d * d;
      sum3 += value;
    }
  }
  for (; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const d = x - t;
    let clipped: number;
    {
      const above = Number(d > p0);
      const below = Number(d < -p0);
      clipped =
        Math.abs(d) + p0 < Infinity
          ? (1 - above - below) * d + (above - below) * p0
          : Math.max(-p0, Math.min(d, p0));
    }
    const value = p0 < Infinity ? clipped * (d - 0.5 * clipped) : 0.5 * d * d;
    const next = sum + value;
    sum = sum1;
    sum1 = sum2;
    sum2 = sum3;
    sum3 = next;
  }
  return sum + sum1 + (sum2 + sum3);
}

function huberSumGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array;
  const scale = gradScale(call);
  const { p0 } = call;
  let sum = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let i = from;
  for (; i + 3 < to; i += 4) {
    {
      const x = input[i];
      const t = target[i];
      const d = x - t;
      let clipped: number;
      {
        const above = Number(d > p0);
        const below = Number(d < -p0);
        clipped =
          Math.abs(d) + p0 < Infinity
            ? (1 - above - below) * d + (above - below) * p0
            : Math.max(-p0, Math.min(d, p0));
      }
      const value = p0 < Infinity ? clipped * (d - 0.5 * clipped) : 0.5 * d * d;
      sum += value;
      const slope = clipped;
      grad[i] = slope * scale;
    }
    {
      const x = input[i + 1];
      const t = target[i + 1];
      const d = x - t;
      let clipped: number;
      {
        const above = Number(d > p0);
        const below = Number(d < -p0);
        clipped =
          Math.abs(d) + p0 < Infinity
            ? (1 - above - below) * d + (above - below) * p0
            : Math.max(-p0, Math.min(d, p0));
      }
      const value = p0 < Infinity ? clipped * (d - 0.5 * clipped) : 0.5 * d * d;
      sum1 += value;
      const slope = clipped;
      grad[i + 1] = slope * scale;
    }
    {
      const x = input[i + 2];
      const t = target[i + 2];
      const d = x - t;
      let clipped: number;
      {
        const above = Number(d > p0);
        const below = Number(d < -p0);
        clipped =
          Math.abs(d) + p0 < Infinity
            ? (1 - above - below) * d + (above - below) * p0
            : Math.max(-p0, Math.min(d, p0));
      }
      const value = p0 < Infinity ? clipped * (d - 0.5 * clipped) : 0.5 * d * d;
      sum2 += value;
      const slope = clipped;
      grad[i + 2] = slope * scale;
    }
    {
      const x = input[i + 3];
      const t = target[i + 3];
      const d = x - t;
      let clipped: number;
      {
        const above = Number(d > p0);
        const below = Number(d < -p0);
        clipped =
          Math.abs(d) + p0 < Infinity
            ? (1 - above - below) * d + (above - below) * p0
            : Math.max(-p0, Math.min(d, p0));
      }
      const value = p0 < Infinity ? clipped * (d - 0.5 * clipped) : 0.5 * d * d;
      sum3 += value;
      const slope = clipped;
      grad[i + 3] = slope * scale;
    }
  }
  for (; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const d = x - t;
    let clipped: number;
    {
      const above = Number(d > p0);
      const below = Number(d < -p0);
      clipped =
        Math.abs(d) + p0 < Infinity
          ? (1 - above - below) * d + (above - below) * p0
          : Math.max(-p0, Math.min(d, p0));
    }
    const value = p0 < Infinity ? clipped * (d - 0.5 * clipped) : 0.5 * d * d;
    const next = sum + value;
    sum = sum1;
    sum1 = sum2;
    sum2 = sum3;
    sum3 = next;
    const slope = clipped;
    grad[i] = slope * scale;
  }
  return sum + sum1 + (sum2 + sum3);
}
export const huber = pointwise({
  any: huberAny,
  sum: huberSum,
  grad: huberSumGrad,
  sumGrad: huberSumGrad,
});

function smoothL1Any(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array | null;
  const gradTarget = call.gradTarget as Float32Array | null;
  const values = call.value as Float32Array | null;
  const sampleWeight = call.sampleWeight as Float32Array | null;
  const gradOutput = call.gradOutput as Float32Array | null;
  const weight = weightOf(call, from, to);
  const weightFrom = call.weightShape === null ? 0 : from;
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const scale = gradScale(call);
  const { p0 } = call;
  let sum = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (let i = from; i < to; i++) {
    let factor = sampleWeight === null ? 1 : sampleWeight[i];
    if (factor === 0) {
      if (values !== null) values[i] = 0;
      if (grad !== null) grad[i] = 0;
      if (gradTarget !== null) gradTarget[i] = 0;
      continue;
    }
    if (weight !== null) factor *= weight[i - weightFrom];
    const x = input[i];
    const t = target[i];
    const d = x - t;
    let clipped: number;
    {
      const ratio = d / p0;
      const above = Number(ratio > 1);
      const below = Number(ratio < -1);
      clipped =
        Math.abs(ratio) < Infinity
          ? (1 - above - below) * ratio + above - below
          : Math.max(-1, Math.min(ratio, 1));
    }
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    if (isValue) {
      const point = clipped * (d - 0.5 * p0 * clipped);
      const value = point * factor;
      if (values === null) {
        const next = sum + value;
        sum = sum1;
        sum1 = sum2;
        sum2 = sum3;
        sum3 = next;
      } else values[i] = value;
    }
    if (grad !== null) {
      const slope = clipped;
      grad[i] = slope * up;
    }
    if (gradTarget !== null) {
      const slope = -clipped;
      gradTarget[i] = slope * up;
    }
  }
  return sum + sum1 + (sum2 + sum3);
}

function smoothL1Sum(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const { p0 } = call;
  let sum = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let i = from;
  for (; i + 3 < to; i += 4) {
    {
      const x = input[i];
      const t = target[i];
      const d = x - t;
      let clipped: number;
      {
        const ratio = d / p0;
        const above = Number(ratio > 1);
        const below = Number(ratio < -1);
        clipped =
          Math.abs(ratio) < Infinity
            ? (1 - above - below) * ratio + above - below
            : Math.max(-1, Math.min(ratio, 1));
      }
      const value = clipped * (d - 0.5 * p0 * clipped);
      sum += value;
    }
    {
      const x = input[i + 1];
      const t = target[i + 1];
      const d = x - t;
      let clipped: number;
      {
        const ratio = d / p0;
        const above = Number(ratio > 1);
        const below = Number(ratio < -1);
        clipped =
          Math.abs(ratio) < Infinity
            ? (1 - above - below) * ratio + above - below
            : Math.max(-1, Math.min(ratio, 1));
      }
      const value = clipped * (d - 0.5 * p0 * clipped);
      sum1 += value;
    }
    {
      const x = input[i + 2];
      const t = target[i + 2];
      const d = x - t;
      let clipped: number;
      {
        const ratio = d / p0;
        const above = Number(ratio > 1);
        const below = Number(ratio < -1);
        clipped =
          Math.abs(ratio) < Infinity
            ? (1 - above - below) * ratio + above - below
            : Math.max(-1, Math.min(ratio, 1));
      }
      const value = clipped * (d - 0.5 * p0 * clipped);
      sum2 += value;
    }
    {
      const x = input[i + 3];
      const t = target[i + 3];
      const d = x - t;
      let clipped: number;
      {
        const ratio = d / p0;
        const above = Number(ratio > 1);
        const below = Number(ratio < -1);
        clipped =
          Math.abs(ratio) < Infinity
            ? (1 - above - below) * ratio + above - below
            : Math.max(-1, Math.min(ratio, 1));
      }
      const value = clipped * (d - 0.5 * p0 * clipped);
      sum3 += value;
    }
  }
  for (; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const d = x - t;
    let clipped: number;
    {
      const ratio = d / p0;
      const above = Number(ratio > 1);
      const below = Number(ratio < -1);
      clipped =
        Math.abs(ratio) < Infinity
          ? (1 - above - below) * ratio + above - below
          : Math.max(-1, Math.min(ratio, 1));
    }
    const value = clipped * (d - 0.5 * p0 * clipped);
    const next = sum + value;
    sum = sum1;
    sum1 = sum2;
    sum2 = sum3;
    sum3 = next;
  }
  return sum + sum1 + (sum2 + sum3);
}

function smoothL1SumGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array;
  const scale = gradScale(call);
  const { p0 } = call;
  let sum = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let i = from;
  for (; i + 3 < to; i += 4) {
    {
      const x = input[i];
      const t = target[i];
      const d = x - t;
      let clipped: number;
      {
        const ratio = d / p0;
        const above = Number(ratio > 1);
        const below = Number(ratio < -1);
        clipped =
          Math.abs(ratio) < Infinity
            ? (1 - above - below) * ratio + above - below
            : Math.max(-1, Math.min(ratio, 1));
      }
      const value = clipped * (d - 0.5 * p0 * clipped);
      sum += value;
      const slope = clipped;
      grad[i] = slope * scale;
    }
    {
      const x = input[i + 1];
      const t = target[i + 1];
      const d = x - t;
      let clipped: number;
      {
        const ratio = d / p0;
        const above = Number(ratio > 1);
        const below = Number(ratio < -1);
        clipped =
          Math.abs(ratio) < Infinity
            ? (1 - above - below) * ratio + above - below
            : Math.max(-1, Math.min(ratio, 1));
      }
      const value = clipped * (d - 0.5 * p0 * clipped);
      sum1 += value;
      const slope = clipped;
      grad[i + 1] = slope * scale;
    }
    {
      const x = input[i + 2];
      const t = target[i + 2];
      const d = x - t;
      let clipped: number;
      {
        const ratio = d / p0;
        const above = Number(ratio > 1);
        const below = Number(ratio < -1);
        clipped =
          Math.abs(ratio) < Infinity
            ? (1 - above - below) * ratio + above - below
            : Math.max(-1, Math.min(ratio, 1));
      }
      const value = clipped * (d - 0.5 * p0 * clipped);
      sum2 += value;
      const slope = clipped;
      grad[i + 2] = slope * scale;
    }
    {
      const x = input[i + 3];
      const t = target[i + 3];
      const d = x - t;
      let clipped: number;
      {
        const ratio = d / p0;
        const above = Number(ratio > 1);
        const below = Number(ratio < -1);
        clipped =
          Math.abs(ratio) < Infinity
            ? (1 - above - below) * ratio + above - below
            : Math.max(-1, Math.min(ratio, 1));
      }
      const value = clipped * (d - 0.5 * p0 * clipped);
      sum3 += value;
      const slope = clipped;
      grad[i + 3] = slope * scale;
    }
  }
  for (; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const d = x - t;
    let clipped: number;
    {
      const ratio = d / p0;
      const above = Number(ratio > 1);
      const below = Number(ratio < -1);
      clipped =
        Math.abs(ratio) < Infinity
          ? (1 - above - below) * ratio + above - below
          : Math.max(-1, Math.min(ratio, 1));
    }
    const value = clipped * (d - 0.5 * p0 * clipped);
    const next = sum + value;
    sum = sum1;
    sum1 = sum2;
    sum2 = sum3;
    sum3 = next;
    const slope = clipped;
    grad[i] = slope * scale;
  }
  return sum + sum1 + (sum2 + sum3);
}
export const smoothL1 = pointwise({
  any: smoothL1Any,
  sum: smoothL1Sum,
  grad: smoothL1SumGrad,
  sumGrad: smoothL1SumGrad,
});

function bceAny(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array | null;
  const gradTarget = call.gradTarget as Float32Array | null;
  const values = call.value as Float32Array | null;
  const sampleWeight = call.sampleWeight as Float32Array | null;
  const gradOutput = call.gradOutput as Float32Array | null;
  const weight = weightOf(call, from, to);
  const weightFrom = call.weightShape === null ? 0 : from;
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const scale = gradScale(call);
  const { p0, p1, p2, p3, p4 } = call;
  let sum = 0;
  for (let i = from; i < to; i++) {
    let factor = sampleWeight === null ? 1 : sampleWeight[i];
    if (factor === 0) {
      if (values !== null) values[i] = 0;
      if (grad !== null) grad[i] = 0;
      if (gradTarget !== null) gradTarget[i] = 0;
      continue;
    }
    if (weight !== null) factor *= weight[i - weightFrom];
    const x = input[i];
    const t = target[i];
    let p: number;
    {
      const r = p2 === 0 ? x : Math.max(p0, Math.min(x, 1 - x));
      p = r >= 0 && r <= 1 ? r : Math.sqrt(-1);
    }
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    if (isValue) {
      const point =
        p2 === 0
          ? (t === 0 ? 0 : -t * Math.max(Math.log(p), p3)) -
            (t === 1 ? 0 : (1 - t) * Math.max(Math.log1p(-p), p3))
          : (t === (x > 0.5 ? 1 : 0)
              ? 0
              : (x > 0.5 ? t - 1 : -t) *
                (p + p1 < 0.5 ? Math.log(p + p1) : Math.log1p(p - 0.5 + (p1 - 0.5)))) -
            (t === (x > 0.5 ? 0 : 1) ? 0 : (x > 0.5 ? t : 1 - t) * Math.log1p(p1 - p));
      const value = point * factor;
      if (values === null) {
        sum += value;
      } else values[i] = value;
    }
    if (grad !== null) {
      const slope =
        x < p0 || 1 - x < p0 ? 0 : (x - t + p1 * (1 - 2 * t)) / Math.max((p + p1) * (1 - p + p1), p4);
      grad[i] = slope * up;
    }
    if (gradTarget !== null) {
      const slope =
        (p2 !== 0 && x > 0.5 ? -1 : 1) *
        (Math.max(Math.log1p(p1 - p), p3) -
          Math.max(p2 === 0 || p + p1 < 0.5 ? Math.log(p + p1) : Math.log1p(p - 0.5 + (p1 - 0.5)), p3));
      gradTarget[i] = slope * up;
    }
  }
  return sum;
}

function bceSum(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const { p0, p1, p2, p3 } = call;
  let sum = 0;
  let i = from;
  for (; i < to; i++) {
    const x = input[i];
    const t = target[i];
    let p: number;
    {
      const r = p2 === 0 ? x : Math.max(p0, Math.min(x, 1 - x));
      p = r >= 0 && r <= 1 ? r : Math.sqrt(-1);
    }
    const value =
      p2 === 0
        ? (t === 0 ? 0 : -t * Math.max(Math.log(p), p3)) -
          (t === 1 ? 0 : (1 - t) * Math.max(Math.log1p(-p), p3))
        : (t === (x > 0.5 ? 1 : 0)
            ? 0
            : (x > 0.5 ? t - 1 : -t) * (p + p1 < 0.5 ? Math.log(p + p1) : Math.log1p(p - 0.5 + (p1 - 0.5)))) -
          (t === (x > 0.5 ? 0 : 1) ? 0 : (x > 0.5 ? t : 1 - t) * Math.log1p(p1 - p));
    sum += value;
  }
  return sum;
}

function bceGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array;
  const scale = gradScale(call);
  const { p0, p1, p2, p4 } = call;
  let i = from;
  for (; i < to; i++) {
    const x = input[i];
    const t = target[i];
    let p: number;
    {
      const r = p2 === 0 ? x : Math.max(p0, Math.min(x, 1 - x));
      p = r >= 0 && r <= 1 ? r : Math.sqrt(-1);
    }
    const slope =
      x < p0 || 1 - x < p0 ? 0 : (x - t + p1 * (1 - 2 * t)) / Math.max((p + p1) * (1 - p + p1), p4);
    grad[i] = slope * scale;
  }
  return 0;
}

function bceSumGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array;
  const scale = gradScale(call);
  const { p0, p1, p2, p3, p4 } = call;
  let sum = 0;
  let i = from;
  for (; i < to; i++) {
    const x = input[i];
    const t = target[i];
    let p: number;
    {
      const r = p2 === 0 ? x : Math.max(p0, Math.min(x, 1 - x));
      p = r >= 0 && r <= 1 ? r : Math.sqrt(-1);
    }
    const value =
      p2 === 0
        ? (t === 0 ? 0 : -t * Math.max(Math.log(p), p3)) -
          (t === 1 ? 0 : (1 - t) * Math.max(Math.log1p(-p), p3))
        : (t === (x > 0.5 ? 1 : 0)
            ? 0
            : (x > 0.5 ? t - 1 : -t) * (p + p1 < 0.5 ? Math.log(p + p1) : Math.log1p(p - 0.5 + (p1 - 0.5)))) -
          (t === (x > 0.5 ? 0 : 1) ? 0 : (x > 0.5 ? t : 1 - t) * Math.log1p(p1 - p));
    sum += value;
    const slope =
      x < p0 || 1 - x < p0 ? 0 : (x - t + p1 * (1 - 2 * t)) / Math.max((p + p1) * (1 - p + p1), p4);
    grad[i] = slope * scale;
  }
  return sum;
}
export const bce = pointwise({
  any: bceAny,
  sum: bceSum,
  grad: bceGrad,
  sumGrad: bceSumGrad,
});

function bceWithLogitsAny(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array | null;
  const gradTarget = call.gradTarget as Float32Array | null;
  const values = call.value as Float32Array | null;
  const sampleWeight = call.sampleWeight as Float32Array | null;
  const gradOutput = call.gradOutput as Float32Array | null;
  const weight = weightOf(call, from, to);
  const weightFrom = call.weightShape === null ? 0 : from;
  const extra = extraOf(call, from, to);
  const extraFrom = call.extraShape === null ? 0 : from;
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const scale = gradScale(call);
  const isPlain = isValue && values === null && weight === null && extra === null && sampleWeight === null;
  let sum = 0;
  let product = 1;
  let product1 = 1;
  for (let i = from; i < to; i++) {
    let factor = sampleWeight === null ? 1 : sampleWeight[i];
    if (factor === 0) {
      if (values !== null) values[i] = 0;
      if (grad !== null) grad[i] = 0;
      if (gradTarget !== null) gradTarget[i] = 0;
      continue;
    }
    if (weight !== null) factor *= weight[i - weightFrom];
    const t = target[i];
    const q = extra === null ? 1 : extra[i - extraFrom];
    const x = input[i];
    const e = Math.exp(-Math.abs(x));
    const linear =
      Math.abs(x) < 1e5
        ? (Number(x > 0) * (1 - t) - Number(x < 0) * q * t) * x
        : x > 0
          ? t === 1
            ? 0
            : (1 - t) * x
          : (t === 0 || Math.abs(q) <= 0) && x < 0
            ? 0
            : t * Math.max(q, -x) * Math.min(q, -x);
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    if (isPlain) {
      sum += linear;
      if (e < 2 ** -25) sum += e;
      else {
        const next = product * (1 + e);
        product = product1;
        product1 = next;
      }
    } else if (isValue) {
      const point = linear + (q * t + (1 - t)) * Math.log1p(e);
      const value = point * factor;
      if (values === null) {
        sum += value;
      } else values[i] = value;
    }
    if (grad !== null) {
      let slope: number;
      {
        const above = Number(x > 0);
        const below = 1 - above;
        slope = ((1 - t) * (above + below * e) - q * t * (below + above * e)) / (1 + e);
      }
      grad[i] = slope * up;
    }
    if (gradTarget !== null) {
      const slope = (x < 0 ? (q === 0 ? 0 : -q * x) : -x) + (q - 1) * Math.log1p(e);
      gradTarget[i] = slope * up;
    }
  }
  return sum + Math.log(product) + Math.log(product1);
}

function bceWithLogitsSum(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  let sum = 0;
  let product = 1;
  let product1 = 1;
  let i = from;
  for (; i < to; i++) {
    const t = target[i];
    const q = 1;
    const x = input[i];
    const e = Math.exp(-Math.abs(x));
    const linear =
      Math.abs(x) < 1e5
        ? (Number(x > 0) * (1 - t) - Number(x < 0) * q * t) * x
        : x > 0
          ? t === 1
            ? 0
            : (1 - t) * x
          : (t === 0 || Math.abs(q) <= 0) && x < 0
            ? 0
            : t * Math.max(q, -x) * Math.min(q, -x);
    sum += linear;
    if (e < 2 ** -25) sum += e;
    else {
      const next = product * (1 + e);
      product = product1;
      product1 = next;
    }
  }
  return sum + Math.log(product) + Math.log(product1);
}

function bceWithLogitsGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array;
  const scale = gradScale(call);
  let i = from;
  for (; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const q = 1;
    const e = Math.exp(-Math.abs(x));
    let slope: number;
    {
      const above = Number(x > 0);
      const below = 1 - above;
      slope = ((1 - t) * (above + below * e) - q * t * (below + above * e)) / (1 + e);
    }
    grad[i] = slope * scale;
  }
  return 0;
}

function bceWithLogitsSumGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array;
  const scale = gradScale(call);
  let sum = 0;
  let product = 1;
  let product1 = 1;
  let i = from;
  for (; i < to; i++) {
    const t = target[i];
    const q = 1;
    const x = input[i];
    const e = Math.exp(-Math.abs(x));
    const linear =
      Math.abs(x) < 1e5
        ? (Number(x > 0) * (1 - t) - Number(x < 0) * q * t) * x
        : x > 0
          ? t === 1
            ? 0
            : (1 - t) * x
          : (t === 0 || Math.abs(q) <= 0) && x < 0
            ? 0
            : t * Math.max(q, -x) * Math.min(q, -x);
    sum += linear;
    if (e < 2 ** -25) sum += e;
    else {
      const next = product * (1 + e);
      product = product1;
      product1 = next;
    }
    let slope: number;
    {
      const above = Number(x > 0);
      const below = 1 - above;
      slope = ((1 - t) * (above + below * e) - q * t * (below + above * e)) / (1 + e);
    }
    grad[i] = slope * scale;
  }
  return sum + Math.log(product) + Math.log(product1);
}
export const bceWithLogits = pointwise({
  any: bceWithLogitsAny,
  sum: bceWithLogitsSum,
  grad: bceWithLogitsGrad,
  sumGrad: bceWithLogitsSumGrad,
});

function klDivAny(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array | null;
  const gradTarget = call.gradTarget as Float32Array | null;
  const values = call.value as Float32Array | null;
  const sampleWeight = call.sampleWeight as Float32Array | null;
  const gradOutput = call.gradOutput as Float32Array | null;
  const weight = weightOf(call, from, to);
  const weightFrom = call.weightShape === null ? 0 : from;
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const scale = gradScale(call);
  let sum = 0;
  for (let i = from; i < to; i++) {
    let factor = sampleWeight === null ? 1 : sampleWeight[i];
    if (factor === 0) {
      if (values !== null) values[i] = 0;
      if (grad !== null) grad[i] = 0;
      if (gradTarget !== null) gradTarget[i] = 0;
      continue;
    }
    if (weight !== null) factor *= weight[i - weightFrom];
    const x = input[i];
    const t = target[i];
    const logT = Math.log(t);
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    if (isValue) {
      const point = t === 0 && !Number.isNaN(x) ? 0 : t * (logT - x);
      const value = point * factor;
      if (values === null) {
        sum += value;
      } else values[i] = value;
    }
    if (grad !== null) {
      const slope = -t;
      grad[i] = slope * up;
    }
    if (gradTarget !== null) {
      const slope = logT - x + 1;
      gradTarget[i] = slope * up;
    }
  }
  return sum;
}

function klDivSum(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  let sum = 0;
  let i = from;
  for (; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const logT = Math.log(t);
    const value = t === 0 && !Number.isNaN(x) ? 0 : t * (logT - x);
    sum += value;
  }
  return sum;
}

function klDivGrad(call: KernelCall, from: number, to: number): number {
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array;
  const scale = gradScale(call);
  let i = from;
  for (; i < to; i++) {
    const t = target[i];
    const slope = -t;
    grad[i] = slope * scale;
  }
  return 0;
}

function klDivSumGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array;
  const scale = gradScale(call);
  let sum = 0;
  let i = from;
  for (; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const logT = Math.log(t);
    const value = t === 0 && !Number.isNaN(x) ? 0 : t * (logT - x);
    sum += value;
    const slope = -t;
    grad[i] = slope * scale;
  }
  return sum;
}
export const klDiv = pointwise({
  any: klDivAny,
  sum: klDivSum,
  grad: klDivGrad,
  sumGrad: klDivSumGrad,
});

function klDivLogAny(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array | null;
  const gradTarget = call.gradTarget as Float32Array | null;
  const values = call.value as Float32Array | null;
  const sampleWeight = call.sampleWeight as Float32Array | null;
  const gradOutput = call.gradOutput as Float32Array | null;
  const weight = weightOf(call, from, to);
  const weightFrom = call.weightShape === null ? 0 : from;
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const scale = gradScale(call);
  let sum = 0;
  for (let i = from; i < to; i++) {
    let factor = sampleWeight === null ? 1 : sampleWeight[i];
    if (factor === 0) {
      if (values !== null) values[i] = 0;
      if (grad !== null) grad[i] = 0;
      if (gradTarget !== null) gradTarget[i] = 0;
      continue;
    }
    if (weight !== null) factor *= weight[i - weightFrom];
    const x = input[i];
    const t = target[i];
    const p = Math.exp(t);
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    if (isValue) {
      const point =
        p > 1e-300
          ? p * (t - x)
          : Math.exp(t / 2) === 0 && !Number.isNaN(x)
            ? 0
            : Math.exp(t / 2) * (t - x) * Math.exp(t / 2);
      const value = point * factor;
      if (values === null) {
        sum += value;
      } else values[i] = value;
    }
    if (grad !== null) {
      const slope = -p;
      grad[i] = slope * up;
    }
    if (gradTarget !== null) {
      const slope =
        p > 1e-300
          ? p * (t - x + 1)
          : Math.exp(t / 2) === 0 && !Number.isNaN(x)
            ? 0
            : Math.exp(t / 2) * (t - x + 1) * Math.exp(t / 2);
      gradTarget[i] = slope * up;
    }
  }
  return sum;
}

function klDivLogSum(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  let sum = 0;
  let i = from;
  for (; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const p = Math.exp(t);
    const value =
      p > 1e-300
        ? p * (t - x)
        : Math.exp(t / 2) === 0 && !Number.isNaN(x)
          ? 0
          : Math.exp(t / 2) * (t - x) * Math.exp(t / 2);
    sum += value;
  }
  return sum;
}

function klDivLogGrad(call: KernelCall, from: number, to: number): number {
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array;
  const scale = gradScale(call);
  let i = from;
  for (; i < to; i++) {
    const t = target[i];
    const p = Math.exp(t);
    const slope = -p;
    grad[i] = slope * scale;
  }
  return 0;
}

function klDivLogSumGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const target = call.target as Float32Array;
  const grad = call.grad as Float32Array;
  const scale = gradScale(call);
  let sum = 0;
  let i = from;
  for (; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const p = Math.exp(t);
    const value =
      p > 1e-300
        ? p * (t - x)
        : Math.exp(t / 2) === 0 && !Number.isNaN(x)
          ? 0
          : Math.exp(t / 2) * (t - x) * Math.exp(t / 2);
    sum += value;
    const slope = -p;
    grad[i] = slope * scale;
  }
  return sum;
}
export const klDivLog = pointwise({
  any: klDivLogAny,
  sum: klDivLogSum,
  grad: klDivLogGrad,
  sumGrad: klDivLogSumGrad,
});

function sigmoidAny(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float32Array;
  const grad = call.grad as Float32Array | null;
  const values = call.value as Float32Array | null;
  const sampleWeight = call.sampleWeight as Float32Array | null;
  const gradOutput = call.gradOutput as Float32Array | null;
  const weight = weightOf(call, from, to);
  const weightFrom = call.weightShape === null ? 0 : from;
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const scale = gradScale(call);
  let sum = 0;
  for (let i = from; i < to; i++) {
    let factor = sampleWeight === null ? 1 : sampleWeight[i];
    if (factor === 0) {
      if (values !== null) values[i] = 0;
      if (grad !== null) grad[i] = 0;
      continue;
    }
    if (weight !== null) factor *= weight[i - weightFrom];
    const x = input[i];
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    if (isValue) {
      const point = 1 / (1 + Math.exp(-x));
      const value = point * factor;
      if (values === null) {
        sum += value;
      } else values[i] = value;
    }
    if (grad !== null) {
      const slope = x * (1 - x);
      grad[i] = slope * up;
    }
  }
  return sum;
}
export const sigmoid = pointwise({ any: sigmoidAny });
