import { epsModeOption, epsOption } from './bce.ts';
import type { Descriptor } from './descriptor.ts';
import { type ClassOptions, classOptions } from './nll.ts';
import { boolean, number } from './options.ts';

export interface CrossEntropyOptions extends ClassOptions {
  /** Share of the target probability that is spread evenly over the classes, in [0, 1]. Default 0. */
  labelSmoothing?: number;
  /** Whether the input is logits (default true) or probabilities. */
  fromLogits?: boolean;
  /** With fromLogits: false, how far probabilities are kept from 0, in [0, 0.5). Default 0: not at all. */
  eps?: number;
  /** 'clip' (default): p clipped to [eps, 1 − eps], gradient 0 where that acted. 'add': log(p + eps). */
  epsMode?: 'clip' | 'add';
}

export const crossEntropy: Descriptor<Required<CrossEntropyOptions>> = {
  name: 'crossEntropy',
  torch: 'torch.nn.functional.cross_entropy',
  formula: '−Σ w_c t_c log softmax(x)_c; fromLogits: false: −Σ w_c t_c log x_c',
  family: 'classes',
  inputs: ['input', 'target'],
  domain: 'logits, −inf included where the target probability is 0; probabilities with fromLogits: false',
  options: {
    ...classOptions,
    labelSmoothing: number(0, 'from 0 to 1', (x) => x >= 0 && x <= 1),
    fromLogits: boolean(true),
    eps: epsOption,
    epsMode: epsModeOption,
  },
  kernels: [
    {
      name: 'crossEntropy',
      file: 'crossEntropy',
      op: 'CrossEntropy',
      loops: ['rows', 'lanes'],
      column: 'SoftmaxColumn',
    },
    {
      name: 'probabilities',
      file: 'probabilities',
      op: 'Probabilities',
      loops: ['pick', 'lanes'],
      column: 'ClassColumn',
    },
  ],
  kernel: (options) => (options.fromLogits ? 'crossEntropy' : 'probabilities'),
  // [1 − ε, ε/C, least p, greatest p, added in the log]
  params: ({ labelSmoothing, eps, epsMode }, _dtype, classes) => {
    const smoothing = [1 - labelSmoothing, labelSmoothing / classes];
    if (eps === 0) return [...smoothing, -Infinity, Infinity, 0];
    return epsMode === 'clip' ? [...smoothing, eps, 1 - eps, 0] : [...smoothing, -Infinity, Infinity, eps];
  },
  soft: (options) => options.labelSmoothing > 0,
  probabilityTargets: true,
};
