// Backwards of softmax and logSoftmax from their outputs y and the upstream gradient go, along the class axis.
import { GRAD0, IN0, IN1 } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { indexOf } from '../rows.ts';

/** y_j (go_j − Σ_k y_k go_k) */
export function softmaxBackward(call: KernelCall): number {
  const { outer, classes, inner } = call;
  const y = call.arrays[IN0] as Float32Array;
  const go = call.arrays[IN1] as Float32Array;
  const grad = call.arrays[GRAD0] as Float32Array;
  const length = classes * inner;
  for (let row = 0; row < outer * inner; row++) {
    const start = indexOf(row, 0, classes, inner);
    const end = start + length;
    let dot = 0;
    for (let j = start; j < end; j += inner) dot += y[j] * go[j];
    for (let j = start; j < end; j += inner) grad[j] = y[j] * (go[j] - dot);
  }
  return 0;
}

/** −expm1(y_j) go_j − e^(y_j) Σ_{k≠j} go_k: go_j − e^(y_j) Σ go would cancel for a confident class. */
export function logSoftmaxBackward(call: KernelCall): number {
  const { outer, classes, inner } = call;
  const y = call.arrays[IN0] as Float32Array;
  const go = call.arrays[IN1] as Float32Array;
  const grad = call.arrays[GRAD0] as Float32Array;
  const length = classes * inner;
  for (let row = 0; row < outer * inner; row++) {
    const start = indexOf(row, 0, classes, inner);
    const end = start + length;
    let sum = 0;
    for (let j = start; j < end; j += inner) sum += go[j];
    for (let j = start; j < end; j += inner) {
      const yj = y[j];
      const goj = go[j];
      grad[j] = -Math.expm1(yj) * goj - Math.exp(yj) * (sum - goj);
    }
  }
  return 0;
}
