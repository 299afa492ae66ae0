import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { ANY_NUMBER, type Interval } from '../options/interval.ts';
import { number } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import { SIGNS } from './margin.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

export interface HingeEmbeddingOptions extends ElementOptions {
  /** How far apart what is not alike has to be; ≥ 0 and finite, default 1. */
  margin?: number | undefined;
}

interface HingeEmbeddingValue {
  /**
   * Hinge embedding: a distance, to be small for what is alike and at least a margin for what is not.
   *
   * value x where t = 1, max(0, margin − x) where t = −1; gradient 1 where t = 1, −1 where t = −1 and x ≤ margin, else 0.
   *
   * - `input`: distances, any number
   * - `target`: the same shape, 1 (alike) and −1; any other number has both terms. The gradient to it is 0: it is a label
   * - returns, throws as `l1`; at most 4 ULP, of |x| + |margin − x| where both terms count
   *
   * PyTorch: nn.functional.hinge_embedding_loss.
   * @example F.hingeEmbedding(Float32Array.of(0.5, 0.25), Float32Array.of(1, -1), { reduction: 'sum' }) // 1.25
   */
  hingeEmbedding<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, HingeEmbeddingOptions>,
  ): ValueOf<I, C>;
}
export type HingeEmbedding = HingeEmbeddingValue & {
  readonly hingeEmbedding: Forms<HingeEmbeddingOptions, FloatInput>;
};

const DISTANCES: Interval = { ...ANY_NUMBER, what: 'distances' };

export const hingeEmbedding: Descriptor<Required<HingeEmbeddingOptions>> = {
  name: 'hingeEmbedding',
  like: { torch: 'torch.nn.functional.hinge_embedding_loss' },
  formula: 'x where t = 1, max(0, margin − x) where t = −1',
  family: elementwise,
  inputs: inputAndTarget(DISTANCES, SIGNS),
  options: {
    margin: number(1, { low: 0, high: Infinity, isHighOpen: true, shown: [0, 2] }),
    ...elementOptions(),
  },
  kernels: [
    {
      name: 'hingeEmbedding',
      file: 'hingeEmbedding',
      op: 'HingeEmbedding',
      loops: ['any', 'sum', 'grad', 'sumgrad'],
      hasFinite: true,
    },
  ],
  hessian: ['exact', 'one'],
  kernel: () => 'hingeEmbedding',
  params: ({ margin }) => [margin],
};
