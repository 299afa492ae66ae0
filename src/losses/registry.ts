import { bce } from './bce.ts';
import { bceWithLogits } from './bceWithLogits.ts';
import { crossEntropy } from './crossEntropy.ts';
import type { Descriptor, KernelSpec } from './descriptor.ts';
import { huber } from './huber.ts';
import { klDiv } from './klDiv.ts';
import { l1 } from './l1.ts';
import { mse } from './mse.ts';
import { nll } from './nll.ts';
import { smoothL1 } from './smoothL1.ts';

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

/** Kernels of the helpers, which are no losses. */
export const helperKernels: readonly KernelSpec[] = [
  { name: 'sigmoid', file: 'sigmoid', op: 'SigmoidMap', loops: ['any'] },
  { name: 'softmaxBackward', file: 'softmaxBackward', op: 'SoftmaxBackward', loops: ['lanes'] },
  { name: 'logSoftmaxBackward', file: 'softmaxBackward', op: 'LogSoftmaxBackward', loops: ['lanes'] },
];

export const descriptors = Object.values(registry) as readonly Descriptor[];

export const kernels: readonly KernelSpec[] = [...descriptors.flatMap((d) => d.kernels), ...helperKernels];
