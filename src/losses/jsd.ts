import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput, Reduction } from '../memory/inputs.ts';
import { LOG_PROBABILITIES, UNIT } from '../options/interval.ts';
import { number } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import { klDivLogKernel } from './kernels.ts';
import { positive } from './positive.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

export interface JsdOptions extends ElementOptions {
  /** The target's share of the mixture, from 0 to 1, default ½. 0 is the KL divergence from the target, 1 that from the input. */
  beta?: number | undefined;
}

interface JsdValue {
  /**
   * Jensen–Shannon divergence of two distributions, both as log-probabilities.
   *
   * value β P φ(M/P − 1) + (1 − β) Q φ(M/Q − 1), P = eᵗ, Q = eˣ, M = β P + (1 − β) Q, φ(u) = u − log(1 + u); gradient
   * −(1 − β) Q log(M/Q). With `beta: 0`: value eᵗ (t − x); gradient −eᵗ. With `beta: 1`: value eˣ (x − t); gradient
   * eˣ (x − t + 1). 'batchmean' divides by the first axis.
   *
   * - `input`, `target`: log-probabilities of one shape, at most 0; −inf is a probability of 0 and costs what its limit does
   * - the gradient to the target is −β P log(M/P)
   * - returns, throws as `l1`; relative error at most 4e-6 (f32), also where both are close: terms are at least 0. With a beta of 0 or
   *   1 they are of both signs, and 4e-6 is of eᵗ (|t| + |x|), of eˣ with 1
   *
   * Lin, Divergence Measures Based on the Shannon Entropy, 1991.
   * @example F.jsd(Float32Array.of(0, -1), Float32Array.of(-1, -1), { reduction: 'sum' }) // 0.0758790522813797
   */
  jsd<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, JsdOptions, Reduction | 'batchmean'>,
  ): ValueOf<I, C>;
}
export type Jsd = JsdValue & { readonly jsd: Forms<JsdOptions, FloatInput, Reduction | 'batchmean'> };

export const jsd: Descriptor<Required<JsdOptions>> = {
  name: 'jsd',
  like: {},
  formula: 'β P log(P/M) + (1 − β) Q log(Q/M), P = eᵗ, Q = eˣ, M = β P + (1 − β) Q',
  family: elementwise,
  inputs: inputAndTarget(LOG_PROBABILITIES, LOG_PROBABILITIES),
  options: { beta: number(0.5, UNIT), ...elementOptions() },
  batchmean: true,
  kernels: [
    { name: 'jsd', file: 'jsd', op: 'Jsd', loops: ['any', 'terms'], hasFinite: true },
    klDivLogKernel,
    { name: 'klDivReverse', file: 'klDivReverse', op: 'KlDivReverse', loops: ['any'] },
  ],
  hessian: ['exact', 'one'],
  kernel: ({ beta }) => (beta === 0 ? 'klDivLog' : beta === 1 ? 'klDivReverse' : 'jsd'),
  params: ({ beta }, dtype) => [positive(beta, dtype), positive(1 - beta, dtype)],
};
