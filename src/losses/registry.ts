import { type Bce, bce } from './bce.ts';
import { type BceWithLogits, bceWithLogits } from './bceWithLogits.ts';
import { type CrossEntropy, crossEntropy } from './crossEntropy.ts';
import type { Descriptor, KernelSpec } from './descriptor.ts';
import { type Huber, huber } from './huber.ts';
import { type KlDiv, klDiv } from './klDiv.ts';
import { type L1, l1 } from './l1.ts';
import { type Mse, mse } from './mse.ts';
import { type Nll, nll } from './nll.ts';
import { type SmoothL1, smoothL1 } from './smoothL1.ts';

/** Every loss, in the order of the README's table. Exports, ABI types, tests, benches and docs follow from it. */
export const registry = {
  l1,
  mse,
  huber,
  smoothL1,
  bce,
  bceWithLogits,
  nll,
  crossEntropy,
  klDiv,
} as const;

/** The losses of an instance, each with its docstring in its own file. */
export interface Losses extends L1, Mse, Huber, SmoothL1, Bce, BceWithLogits, Nll, CrossEntropy, KlDiv {}

/** Kernels of the helpers, which are no losses. */
export const helperKernels: readonly KernelSpec[] = [
  { name: 'sigmoid', file: 'sigmoid', op: 'SigmoidMap', loops: ['any'] },
  { name: 'exp', file: 'math', op: 'ExpMap', loops: ['map'] },
  { name: 'expm1', file: 'math', op: 'Expm1Map', loops: ['map'] },
  { name: 'log', file: 'math', op: 'LogMap', loops: ['map'] },
  { name: 'log1p', file: 'math', op: 'Log1pMap', loops: ['map'] },
  { name: 'tanh', file: 'math', op: 'TanhMap', loops: ['map'] },
  { name: 'softplus', file: 'math', op: 'SoftplusMap', loops: ['map'] },
  { name: 'softmaxBackward', file: 'softmaxBackward', op: 'SoftmaxBackward', loops: ['lanes'] },
  { name: 'logSoftmaxBackward', file: 'softmaxBackward', op: 'LogSoftmaxBackward', loops: ['lanes'] },
];

export const descriptors = Object.values(registry) as readonly Descriptor[];

/** Each once: a loss may name another's. */
export const kernels: readonly KernelSpec[] = [
  ...new Set([...descriptors.flatMap((d) => d.kernels), ...helperKernels]),
];
