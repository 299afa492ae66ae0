// Generated from src/js/points by `npm run generate`; do not edit.
import { FLAGS } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { pointwise } from '../pointwise.ts';
import { gradScale } from '../reduce.ts';
import { extraOf, weightOf } from './broadcast.ts';

function l1Sum(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const aux = x - t;
    const value = Math.abs(aux);
    sum += value;
  }
  return sum;
}

function l1Grad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array;
  const scale = gradScale(call);
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const aux = x - t;
    const slope = Math.sign(aux);
    grad[i] = slope * scale;
  }
  return 0;
}

function l1SumGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array;
  const scale = gradScale(call);
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const aux = x - t;
    const value = Math.abs(aux);
    sum += value;
    const slope = Math.sign(aux);
    grad[i] = slope * scale;
  }
  return sum;
}

function l1Any(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array | null;
  const gradTarget = call.gradTarget as Float64Array | null;
  const values = call.value as Float64Array | null;
  const sampleWeight = call.sampleWeight as Float64Array | null;
  const gradOutput = call.gradOutput as Float64Array | null;
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
    const aux = x - t;
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    if (isValue) {
      const value = Math.abs(aux);
      if (values === null) sum += value * factor;
      else values[i] = value * factor;
    }
    if (grad !== null) {
      const slope = Math.sign(aux);
      grad[i] = slope * up;
    }
    if (gradTarget !== null) {
      const slope = -Math.sign(aux);
      gradTarget[i] = slope * up;
    }
  }
  return sum;
}
export const l1 = pointwise({ sum: l1Sum, grad: l1Grad, sumGrad: l1SumGrad, any: l1Any });

function mseSum(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const aux = x - t;
    const value = aux * aux;
    sum += value;
  }
  return sum;
}

function mseGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array;
  const scale = gradScale(call);
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const aux = x - t;
    const slope = 2 * aux;
    grad[i] = slope * scale;
  }
  return 0;
}

function mseSumGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array;
  const scale = gradScale(call);
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const aux = x - t;
    const value = aux * aux;
    sum += value;
    const slope = 2 * aux;
    grad[i] = slope * scale;
  }
  return sum;
}

function mseAny(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array | null;
  const gradTarget = call.gradTarget as Float64Array | null;
  const values = call.value as Float64Array | null;
  const sampleWeight = call.sampleWeight as Float64Array | null;
  const gradOutput = call.gradOutput as Float64Array | null;
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
    const aux = x - t;
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    if (isValue) {
      const value = aux * aux;
      if (values === null) sum += value * factor;
      else values[i] = value * factor;
    }
    if (grad !== null) {
      const slope = 2 * aux;
      grad[i] = slope * up;
    }
    if (gradTarget !== null) {
      const slope = -2 * aux;
      gradTarget[i] = slope * up;
    }
  }
  return sum;
}
export const mse = pointwise({ sum: mseSum, grad: mseGrad, sumGrad: mseSumGrad, any: mseAny });

function huberSum(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const { p0 } = call;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const aux = x - t;
    let value: number;
    {
      const c = Math.max(-p0, Math.min(aux, p0));
      value = c * (aux - 0.5 * c);
    }
    sum += value;
  }
  return sum;
}

function huberGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array;
  const scale = gradScale(call);
  const { p0 } = call;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const aux = x - t;
    const slope = Math.max(-p0, Math.min(aux, p0));
    grad[i] = slope * scale;
  }
  return 0;
}

function huberSumGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array;
  const scale = gradScale(call);
  const { p0 } = call;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const aux = x - t;
    let value: number;
    {
      const c = Math.max(-p0, Math.min(aux, p0));
      value = c * (aux - 0.5 * c);
    }
    sum += value;
    const slope = Math.max(-p0, Math.min(aux, p0));
    grad[i] = slope * scale;
  }
  return sum;
}

function huberAny(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array | null;
  const gradTarget = call.gradTarget as Float64Array | null;
  const values = call.value as Float64Array | null;
  const sampleWeight = call.sampleWeight as Float64Array | null;
  const gradOutput = call.gradOutput as Float64Array | null;
  const weight = weightOf(call, from, to);
  const weightFrom = call.weightShape === null ? 0 : from;
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const scale = gradScale(call);
  const { p0 } = call;
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
    const aux = x - t;
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    if (isValue) {
      let value: number;
      {
        const c = Math.max(-p0, Math.min(aux, p0));
        value = c * (aux - 0.5 * c);
      }
      if (values === null) sum += value * factor;
      else values[i] = value * factor;
    }
    if (grad !== null) {
      const slope = Math.max(-p0, Math.min(aux, p0));
      grad[i] = slope * up;
    }
    if (gradTarget !== null) {
      const slope = Math.max(-p0, Math.min(-aux, p0));
      gradTarget[i] = slope * up;
    }
  }
  return sum;
}
export const huber = pointwise({ sum: huberSum, grad: huberGrad, sumGrad: huberSumGrad, any: huberAny });

function smoothL1Sum(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const { p0 } = call;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const aux = x - t;
    let value: number;
    {
      const r = Math.max(-1, Math.min(aux / p0, 1));
      value = r * (aux - 0.5 * p0 * r);
    }
    sum += value;
  }
  return sum;
}

function smoothL1Grad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array;
  const scale = gradScale(call);
  const { p0 } = call;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const aux = x - t;
    const slope = Math.max(-1, Math.min(aux / p0, 1));
    grad[i] = slope * scale;
  }
  return 0;
}

function smoothL1SumGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array;
  const scale = gradScale(call);
  const { p0 } = call;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const aux = x - t;
    let value: number;
    {
      const r = Math.max(-1, Math.min(aux / p0, 1));
      value = r * (aux - 0.5 * p0 * r);
    }
    sum += value;
    const slope = Math.max(-1, Math.min(aux / p0, 1));
    grad[i] = slope * scale;
  }
  return sum;
}

function smoothL1Any(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array | null;
  const gradTarget = call.gradTarget as Float64Array | null;
  const values = call.value as Float64Array | null;
  const sampleWeight = call.sampleWeight as Float64Array | null;
  const gradOutput = call.gradOutput as Float64Array | null;
  const weight = weightOf(call, from, to);
  const weightFrom = call.weightShape === null ? 0 : from;
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const scale = gradScale(call);
  const { p0 } = call;
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
    const aux = x - t;
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    if (isValue) {
      let value: number;
      {
        const r = Math.max(-1, Math.min(aux / p0, 1));
        value = r * (aux - 0.5 * p0 * r);
      }
      if (values === null) sum += value * factor;
      else values[i] = value * factor;
    }
    if (grad !== null) {
      const slope = Math.max(-1, Math.min(aux / p0, 1));
      grad[i] = slope * up;
    }
    if (gradTarget !== null) {
      const slope = Math.max(-1, Math.min(-aux / p0, 1));
      gradTarget[i] = slope * up;
    }
  }
  return sum;
}
export const smoothL1 = pointwise({
  sum: smoothL1Sum,
  grad: smoothL1Grad,
  sumGrad: smoothL1SumGrad,
  any: smoothL1Any,
});

function bceSum(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const { p0, p1, p2, p3 } = call;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    let aux: number;
    {
      const p = Math.max(p0, Math.min(x, p1));
      aux = p >= 0 && p <= 1 ? p : Number.NaN;
    }
    const value = -t * Math.max(Math.log(aux + p2), p3) - (1 - t) * Math.max(Math.log1p(p2 - aux), p3);
    sum += value;
  }
  return sum;
}

function bceGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array;
  const scale = gradScale(call);
  const { p0, p1, p2, p4 } = call;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    let aux: number;
    {
      const p = Math.max(p0, Math.min(x, p1));
      aux = p >= 0 && p <= 1 ? p : Number.NaN;
    }
    const slope =
      x < p0 || x > p1 ? 0 : (aux - t + p2 * (1 - 2 * t)) / Math.max((aux + p2) * (1 - aux + p2), p4);
    grad[i] = slope * scale;
  }
  return 0;
}

function bceSumGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array;
  const scale = gradScale(call);
  const { p0, p1, p2, p3, p4 } = call;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    let aux: number;
    {
      const p = Math.max(p0, Math.min(x, p1));
      aux = p >= 0 && p <= 1 ? p : Number.NaN;
    }
    const value = -t * Math.max(Math.log(aux + p2), p3) - (1 - t) * Math.max(Math.log1p(p2 - aux), p3);
    sum += value;
    const slope =
      x < p0 || x > p1 ? 0 : (aux - t + p2 * (1 - 2 * t)) / Math.max((aux + p2) * (1 - aux + p2), p4);
    grad[i] = slope * scale;
  }
  return sum;
}

function bceAny(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array | null;
  const gradTarget = call.gradTarget as Float64Array | null;
  const values = call.value as Float64Array | null;
  const sampleWeight = call.sampleWeight as Float64Array | null;
  const gradOutput = call.gradOutput as Float64Array | null;
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
    let aux: number;
    {
      const p = Math.max(p0, Math.min(x, p1));
      aux = p >= 0 && p <= 1 ? p : Number.NaN;
    }
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    if (isValue) {
      const value = -t * Math.max(Math.log(aux + p2), p3) - (1 - t) * Math.max(Math.log1p(p2 - aux), p3);
      if (values === null) sum += value * factor;
      else values[i] = value * factor;
    }
    if (grad !== null) {
      const slope =
        x < p0 || x > p1 ? 0 : (aux - t + p2 * (1 - 2 * t)) / Math.max((aux + p2) * (1 - aux + p2), p4);
      grad[i] = slope * up;
    }
    if (gradTarget !== null) {
      const slope = Math.max(Math.log1p(p2 - aux), p3) - Math.max(Math.log(aux + p2), p3);
      gradTarget[i] = slope * up;
    }
  }
  return sum;
}
export const bce = pointwise({ sum: bceSum, grad: bceGrad, sumGrad: bceSumGrad, any: bceAny });

function bceWithLogitsSum(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const q = 1;
    const aux = Math.exp(-Math.abs(x));
    let value: number;
    {
      const a = q * t;
      const b = 1 - t;
      const c = x < 0 ? -a : b; // the coefficient of the linear term, which is c x
      value = (c === 0 ? 0 : c * x) + (a + b) * Math.log1p(aux);
    }
    sum += value;
  }
  return sum;
}

function bceWithLogitsGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array;
  const scale = gradScale(call);
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const q = 1;
    const aux = Math.exp(-Math.abs(x));
    const slope = (x < 0 ? (1 - t) * aux - q * t : 1 - t - q * t * aux) / (1 + aux);
    grad[i] = slope * scale;
  }
  return 0;
}

function bceWithLogitsSumGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array;
  const scale = gradScale(call);
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const q = 1;
    const aux = Math.exp(-Math.abs(x));
    let value: number;
    {
      const a = q * t;
      const b = 1 - t;
      const c = x < 0 ? -a : b; // the coefficient of the linear term, which is c x
      value = (c === 0 ? 0 : c * x) + (a + b) * Math.log1p(aux);
    }
    sum += value;
    const slope = (x < 0 ? (1 - t) * aux - q * t : 1 - t - q * t * aux) / (1 + aux);
    grad[i] = slope * scale;
  }
  return sum;
}

function bceWithLogitsAny(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array | null;
  const gradTarget = call.gradTarget as Float64Array | null;
  const values = call.value as Float64Array | null;
  const sampleWeight = call.sampleWeight as Float64Array | null;
  const gradOutput = call.gradOutput as Float64Array | null;
  const weight = weightOf(call, from, to);
  const weightFrom = call.weightShape === null ? 0 : from;
  const extra = extraOf(call, from, to);
  const extraFrom = call.extraShape === null ? 0 : from;
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
    const q = extra === null ? 1 : extra[i - extraFrom];
    const aux = Math.exp(-Math.abs(x));
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    if (isValue) {
      let value: number;
      {
        const a = q * t;
        const b = 1 - t;
        const c = x < 0 ? -a : b; // the coefficient of the linear term, which is c x
        value = (c === 0 ? 0 : c * x) + (a + b) * Math.log1p(aux);
      }
      if (values === null) sum += value * factor;
      else values[i] = value * factor;
    }
    if (grad !== null) {
      const slope = (x < 0 ? (1 - t) * aux - q * t : 1 - t - q * t * aux) / (1 + aux);
      grad[i] = slope * up;
    }
    if (gradTarget !== null) {
      const slope = (x < 0 ? -q * x : -x) + (q - 1) * Math.log1p(aux);
      gradTarget[i] = slope * up;
    }
  }
  return sum;
}
export const bceWithLogits = pointwise({
  sum: bceWithLogitsSum,
  grad: bceWithLogitsGrad,
  sumGrad: bceWithLogitsSumGrad,
  any: bceWithLogitsAny,
});

function klDivSum(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const aux = Math.log(t);
    const value = t === 0 && !Number.isNaN(x) ? 0 : t * (aux - x);
    sum += value;
  }
  return sum;
}

function klDivGrad(call: KernelCall, from: number, to: number): number {
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array;
  const scale = gradScale(call);
  for (let i = from; i < to; i++) {
    const t = target[i];
    const slope = -t;
    grad[i] = slope * scale;
  }
  return 0;
}

function klDivSumGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array;
  const scale = gradScale(call);
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const aux = Math.log(t);
    const value = t === 0 && !Number.isNaN(x) ? 0 : t * (aux - x);
    sum += value;
    const slope = -t;
    grad[i] = slope * scale;
  }
  return sum;
}

function klDivAny(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array | null;
  const gradTarget = call.gradTarget as Float64Array | null;
  const values = call.value as Float64Array | null;
  const sampleWeight = call.sampleWeight as Float64Array | null;
  const gradOutput = call.gradOutput as Float64Array | null;
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
    const aux = Math.log(t);
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    if (isValue) {
      const value = t === 0 && !Number.isNaN(x) ? 0 : t * (aux - x);
      if (values === null) sum += value * factor;
      else values[i] = value * factor;
    }
    if (grad !== null) {
      const slope = -t;
      grad[i] = slope * up;
    }
    if (gradTarget !== null) {
      const slope = aux - x + 1;
      gradTarget[i] = slope * up;
    }
  }
  return sum;
}
export const klDiv = pointwise({ sum: klDivSum, grad: klDivGrad, sumGrad: klDivSumGrad, any: klDivAny });

function klDivLogSum(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const aux = Math.exp(t);
    const value = aux === 0 && !Number.isNaN(x) ? 0 : aux * (t - x);
    sum += value;
  }
  return sum;
}

function klDivLogGrad(call: KernelCall, from: number, to: number): number {
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array;
  const scale = gradScale(call);
  for (let i = from; i < to; i++) {
    const t = target[i];
    const aux = Math.exp(t);
    const slope = -aux;
    grad[i] = slope * scale;
  }
  return 0;
}

function klDivLogSumGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array;
  const scale = gradScale(call);
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const t = target[i];
    const aux = Math.exp(t);
    const value = aux === 0 && !Number.isNaN(x) ? 0 : aux * (t - x);
    sum += value;
    const slope = -aux;
    grad[i] = slope * scale;
  }
  return sum;
}

function klDivLogAny(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const target = call.target as Float64Array;
  const grad = call.grad as Float64Array | null;
  const gradTarget = call.gradTarget as Float64Array | null;
  const values = call.value as Float64Array | null;
  const sampleWeight = call.sampleWeight as Float64Array | null;
  const gradOutput = call.gradOutput as Float64Array | null;
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
    const aux = Math.exp(t);
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    if (isValue) {
      const value = aux === 0 && !Number.isNaN(x) ? 0 : aux * (t - x);
      if (values === null) sum += value * factor;
      else values[i] = value * factor;
    }
    if (grad !== null) {
      const slope = -aux;
      grad[i] = slope * up;
    }
    if (gradTarget !== null) {
      const slope = aux === 0 ? 0 : aux * (t - x + 1);
      gradTarget[i] = slope * up;
    }
  }
  return sum;
}
export const klDivLog = pointwise({
  sum: klDivLogSum,
  grad: klDivLogGrad,
  sumGrad: klDivLogSumGrad,
  any: klDivLogAny,
});

function sigmoidSum(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const value = 1 / (1 + Math.exp(-x));
    sum += value;
  }
  return sum;
}

function sigmoidGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const grad = call.grad as Float64Array;
  const scale = gradScale(call);
  for (let i = from; i < to; i++) {
    const x = input[i];
    const slope = x * (1 - x);
    grad[i] = slope * scale;
  }
  return 0;
}

function sigmoidSumGrad(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const grad = call.grad as Float64Array;
  const scale = gradScale(call);
  let sum = 0;
  for (let i = from; i < to; i++) {
    const x = input[i];
    const value = 1 / (1 + Math.exp(-x));
    sum += value;
    const slope = x * (1 - x);
    grad[i] = slope * scale;
  }
  return sum;
}

function sigmoidAny(call: KernelCall, from: number, to: number): number {
  const input = call.input as Float64Array;
  const grad = call.grad as Float64Array | null;
  const values = call.value as Float64Array | null;
  const sampleWeight = call.sampleWeight as Float64Array | null;
  const gradOutput = call.gradOutput as Float64Array | null;
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
      const value = 1 / (1 + Math.exp(-x));
      if (values === null) sum += value * factor;
      else values[i] = value * factor;
    }
    if (grad !== null) {
      const slope = x * (1 - x);
      grad[i] = slope * up;
    }
  }
  return sum;
}
export const sigmoid = pointwise({
  sum: sigmoidSum,
  grad: sigmoidGrad,
  sumGrad: sigmoidSumGrad,
  any: sigmoidAny,
});
