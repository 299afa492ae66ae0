import type { Descriptor } from './descriptor.ts';
import { boolean } from './options.ts';

export interface KlDivOptions {
  /** The target is log-probabilities too. Default false. */
  logTarget?: boolean;
}

export const klDiv: Descriptor<Required<KlDivOptions>> = {
  name: 'klDiv',
  torch: 'torch.nn.functional.kl_div',
  formula: 't (log t − x); with logTarget eᵗ (t − x)',
  family: 'elementwise',
  inputs: ['input', 'target'],
  domain: 'log-probabilities; targets ≥ 0, or log-probabilities with logTarget',
  options: { logTarget: boolean(false) },
  batchmean: true,
  kernels: [
    { name: 'klDiv', file: 'klDiv', op: 'KlDiv', loops: ['any'] },
    { name: 'klDivLog', file: 'klDivLog', op: 'KlDivLog', loops: ['any'] },
  ],
  kernel: (options) => (options.logTarget ? 'klDivLog' : 'klDiv'),
  params: () => [],
};
