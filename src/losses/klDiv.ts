import { elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput, Reduction } from '../memory/inputs.ts';
import { LOG_PROBABILITIES, POSITIVE } from '../options/interval.ts';
import { boolean } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import { klDivLogKernel } from './kernels.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

export interface KlDivOptions {
  /** The target is log-probabilities too. Default false. */
  logTarget?: boolean | undefined;
}

interface KlDivValue {
  /**
   * Kullback-Leibler divergence of log-probabilities from a target distribution.
   *
   * value t (log t − x), 0 where t = 0; gradient −t. With `logTarget: true`: value eᵗ (t − x); gradient −eᵗ.
   * 'batchmean' divides by the first axis, which makes it the divergence of the mathematics; 'mean' divides by the number of
   * elements.
   *
   * Shapes, errors as `l1`; at most 4 ULP of t |log t| + t |x|, as the difference cancels by nature.
   *
   * PyTorch: nn.functional.kl_div.
   * @example F.klDiv(Float32Array.of(-1, -1), Float32Array.of(0.5, 0.5), { reduction: 'sum' }) // 0.3068528175354004
   */
  klDiv<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, KlDivOptions, Reduction | 'batchmean'>,
  ): ValueOf<I, C>;
}
export type KlDiv = KlDivValue & { readonly klDiv: Forms<KlDivOptions, FloatInput, Reduction | 'batchmean'> };

export const klDiv: Descriptor<Required<KlDivOptions>> = {
  name: 'klDiv',
  like: { torch: 'torch.nn.functional.kl_div' },
  formula: 't (log t − x); with logTarget eᵗ (t − x)',
  family: elementwise,
  inputs: inputAndTarget(LOG_PROBABILITIES, ({ logTarget }) => (logTarget ? LOG_PROBABILITIES : POSITIVE)),
  options: { logTarget: boolean(false) },
  batchmean: true,
  kernels: [
    { name: 'klDiv', file: 'klDiv', op: 'KlDiv', loops: ['any', 'terms', 'grad'], hasFinite: true },
    klDivLogKernel,
  ],
  hessian: ['exact', 'one'],
  kernel: (options) => (options.logTarget ? 'klDivLog' : 'klDiv'),
  params: () => [],
};
