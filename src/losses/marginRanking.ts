import { type ElementOptions, elementOptions, elementwise } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { ANY_NUMBER } from '../options/interval.ts';
import { number } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import { SIGNS } from './margin.ts';
import type { Given, NoOptions, Some, TernaryForms, ValueOf, ValueOptions } from './signatures.ts';

export interface MarginRankingOptions extends ElementOptions {
  /** By how much the greater score has to be greater; finite, default 0. */
  margin?: number | undefined;
}

interface MarginRankingValue {
  /**
   * Margin ranking loss of two scores, of which the target says which is to be greater.
   *
   * value max(0, margin − t(x₁ − x₂)); gradient −t where t(x₁ − x₂) ≤ margin, else 0; with respect to `input2` t there, with
   * respect to `target` x₂ − x₁.
   *
   * - `input1`, `input2`: scores of one shape, any number
   * - `target`: the same shape, 1 where `input1` is to be greater, −1 where `input2` is
   * - returns, throws as `l1`; at most 4 ULP of |t(x₁ − x₂)| + |margin|, as the terms cancel by nature
   *
   * PyTorch: nn.functional.margin_ranking_loss.
   * @example F.marginRanking(Float32Array.of(1, 2), Float32Array.of(3, 1), Float32Array.of(1, 1), { reduction: 'sum' }) // 2
   */
  marginRanking<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input1: I,
    input2: FloatInput,
    target: FloatInput,
    options?: Given<C, MarginRankingOptions>,
  ): ValueOf<I, C>;
}
export type MarginRanking = MarginRankingValue & {
  readonly marginRanking: TernaryForms<MarginRankingOptions, 'input1' | 'input2' | 'target', FloatInput>;
};

export const marginRanking: Descriptor<Required<MarginRankingOptions>> = {
  name: 'marginRanking',
  like: { torch: 'torch.nn.functional.margin_ranking_loss' },
  formula: 'max(0, margin − t(x₁ − x₂))',
  family: elementwise,
  inputs: [
    { name: 'input1', holds: 'numbers', shape: 'first', gradient: true, domain: () => ANY_NUMBER },
    { name: 'input2', holds: 'numbers', shape: 'first', gradient: true, domain: () => ANY_NUMBER },
    { name: 'target', holds: 'numbers', shape: 'first', gradient: true, domain: () => SIGNS },
  ],
  options: {
    margin: number(0, { low: -Infinity, high: Infinity, isLowOpen: true, isHighOpen: true, shown: [0, 2] }),
    ...elementOptions(),
  },
  kernels: [
    {
      name: 'marginRanking',
      file: 'marginRanking',
      op: 'MarginRanking',
      loops: ['any'],
      template: 'ternary',
    },
  ],
  hessian: ['exact', 'one'],
  kernel: () => 'marginRanking',
  params: ({ margin }) => [margin],
};
