import { IN0, VALUE } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';

export function exp(call: KernelCall): number {
  const x = call.arrays[IN0] as Float32Array;
  const y = call.arrays[VALUE] as Float32Array;
  for (let i = 0; i < y.length; i++) y[i] = Math.exp(x[i]);
  return 0;
}

export function expm1(call: KernelCall): number {
  const x = call.arrays[IN0] as Float32Array;
  const y = call.arrays[VALUE] as Float32Array;
  for (let i = 0; i < y.length; i++) y[i] = Math.expm1(x[i]);
  return 0;
}

export function log(call: KernelCall): number {
  const x = call.arrays[IN0] as Float32Array;
  const y = call.arrays[VALUE] as Float32Array;
  for (let i = 0; i < y.length; i++) y[i] = Math.log(x[i]);
  return 0;
}

export function log1p(call: KernelCall): number {
  const x = call.arrays[IN0] as Float32Array;
  const y = call.arrays[VALUE] as Float32Array;
  for (let i = 0; i < y.length; i++) y[i] = Math.log1p(x[i]);
  return 0;
}

export function tanh(call: KernelCall): number {
  const x = call.arrays[IN0] as Float32Array;
  const y = call.arrays[VALUE] as Float32Array;
  for (let i = 0; i < y.length; i++) y[i] = Math.tanh(x[i]);
  return 0;
}

export function softplus(call: KernelCall): number {
  const x = call.arrays[IN0] as Float32Array;
  const y = call.arrays[VALUE] as Float32Array;
  for (let i = 0; i < y.length; i++) y[i] = Math.max(x[i], 0) + Math.log1p(Math.exp(-Math.abs(x[i])));
  return 0;
}
