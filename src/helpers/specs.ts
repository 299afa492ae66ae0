import { GRAD_OUTPUT, GRAD0, GRAD1, IN1, VALUE } from '../abi.ts';
import type { KernelSpec } from '../losses/descriptor.ts';
import { crossEntropyKernel } from '../losses/kernels.ts';

/** What a helper is: its kernels, and how it calls them. */
export interface HelperSpec {
  readonly name: string;
  /** A loss's may be among them. */
  readonly kernels: readonly KernelSpec[];
  readonly forward: Job;
  readonly backward?: Job;
}

/** One of its calls. */
export interface Job {
  readonly kernel: string;
  /** How the kernel walks: by elements, or along the class axis. */
  readonly loop: 'any' | 'map' | 'classes';
  /** Which slot the result goes to. */
  readonly result: number;
  readonly scale?: number;
  /** Which slot the second argument goes to, and whether it has the shape of the reduced axis. */
  readonly upstream?: number;
  readonly upstreamIsReduced?: boolean;
}

const backward = (name: string, op: string): KernelSpec => ({
  name,
  file: 'softmaxBackward',
  op,
  loops: ['lanes'],
  column: 'BackwardColumn',
});

// softmax, logSoftmax and logSumExp are cross entropy without a target: its gradient, its log-probability, its value
export const softmax: HelperSpec = {
  name: 'softmax',
  kernels: [crossEntropyKernel, backward('softmaxBackward', 'SoftmaxBackward')],
  forward: { kernel: 'crossEntropy', loop: 'classes', result: GRAD0 },
  backward: { kernel: 'softmaxBackward', loop: 'classes', result: GRAD0, upstream: IN1 },
};
export const logSoftmax: HelperSpec = {
  name: 'logSoftmax',
  kernels: [crossEntropyKernel, backward('logSoftmaxBackward', 'LogSoftmaxBackward')],
  forward: { kernel: 'crossEntropy', loop: 'classes', result: GRAD1, scale: -1 },
  backward: { kernel: 'logSoftmaxBackward', loop: 'classes', result: GRAD0, upstream: IN1 },
};
export const logSumExp: HelperSpec = {
  name: 'logSumExp',
  kernels: [crossEntropyKernel],
  forward: { kernel: 'crossEntropy', loop: 'classes', result: VALUE },
  backward: {
    kernel: 'crossEntropy',
    loop: 'classes',
    result: GRAD0,
    upstream: GRAD_OUTPUT,
    upstreamIsReduced: true,
  },
};
export const sigmoid: HelperSpec = {
  name: 'sigmoid',
  kernels: [{ name: 'sigmoid', file: 'sigmoid', op: 'SigmoidMap', loops: ['any'] }],
  forward: { kernel: 'sigmoid', loop: 'any', result: VALUE },
  backward: { kernel: 'sigmoid', loop: 'any', result: GRAD0, upstream: GRAD_OUTPUT },
};
const map = (name: string, op: string): HelperSpec => ({
  name,
  kernels: [{ name, file: 'math', op, loops: ['map'] }],
  forward: { kernel: name, loop: 'map', result: VALUE },
});
export const exp = /* @__PURE__ */ map('exp', 'ExpMap');
export const expm1 = /* @__PURE__ */ map('expm1', 'Expm1Map');
export const log = /* @__PURE__ */ map('log', 'LogMap');
export const log1p = /* @__PURE__ */ map('log1p', 'Log1pMap');
export const tanh = /* @__PURE__ */ map('tanh', 'TanhMap');
export const softplus = /* @__PURE__ */ map('softplus', 'SoftplusMap');

/** What takes a function of its own. */
export interface FiguresSpec {
  readonly name: 'rowFigures';
  readonly kernels: readonly KernelSpec[];
}
export const rowFigures: FiguresSpec = {
  name: 'rowFigures',
  kernels: [
    {
      name: 'rowFigures',
      file: 'crossEntropy',
      op: 'CrossEntropy',
      loops: ['rows', 'lanes'],
      template: 'figures',
    },
  ],
};

/** What has no kernel that takes a call: functions of the module's, or none. */
export interface OwnSpec {
  readonly name: 'half' | 'argmax' | 'topK';
  readonly kernels: readonly KernelSpec[];
  readonly exports: readonly string[];
}
/** What reads and writes f16 and bf16: none of an instance's functions. */
export const half: OwnSpec = {
  name: 'half',
  kernels: [],
  exports: ['widen_f16', 'widen_bf16', 'narrow_f16', 'narrow_bf16'],
};
export const argmax: OwnSpec = { name: 'argmax', kernels: [], exports: [] };
export const topK: OwnSpec = { name: 'topK', kernels: [], exports: [] };
export const ownSpecs: readonly OwnSpec[] = [half, argmax, topK];

/** Every helper, in the order in which their kernels are exported. */
export const helpers: readonly HelperSpec[] = [
  sigmoid,
  exp,
  expm1,
  log,
  log1p,
  tanh,
  softplus,
  softmax,
  logSoftmax,
  logSumExp,
];
