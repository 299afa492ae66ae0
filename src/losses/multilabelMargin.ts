import { multilabel } from '../families/multilabel.ts';
import type { FloatInput, IndexInput } from '../memory/inputs.ts';
import { ANY_NUMBER, type Interval } from '../options/interval.ts';
import type { Descriptor } from './descriptor.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

/** It has none of its own. */
export type MultilabelMarginOptions = Readonly<Record<never, never>>;

interface MultilabelMarginValue {
  /**
   * Multi-label margin loss: what the scores of a row's labels lack of being 1 above those of all other classes.
   *
   * value Σ_k∈S Σ_j∉S max(0, 1 − x_k + x_j)/C, S being the row's labels; gradient of each pair that costs something 1/C at j and −1/C at k.
   *
   * - `input`: scores, shape (C), (N, C) or more; the classes are the last axis
   * - `target`: the same shape, of any integer type: in each row the labels, then a −1; what comes after it is not read, but is a label
   *   or −1, too. A label that is listed twice counts twice
   * - returns the mean over the rows; with 'none' an array without the last axis. A row without labels costs 0
   * - throws ERR_LABEL for a number outside [−1, C) anywhere in a row that counts, before anything is written
   * - at most 4 ULP of the terms' sizes, Σ (1 + |x_j − x_k|), as the differences cancel by nature
   *
   * PyTorch: nn.functional.multilabel_margin_loss.
   * @example F.multilabelMargin(Float32Array.of(0.5, 0, 1, 0), Int32Array.of(2, 0, -1, 1)) // 0.25
   */
  multilabelMargin<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: IndexInput,
    options?: Given<C, MultilabelMarginOptions>,
  ): ValueOf<I, C>;
}
export type MultilabelMargin = MultilabelMarginValue & {
  readonly multilabelMargin: Forms<MultilabelMarginOptions, IndexInput>;
};

/** What a figure of two classes shows. */
const LABELS: Interval = { what: 'labels', low: 0, high: 1, shown: [0, 1] };

export const multilabelMargin: Descriptor<MultilabelMarginOptions> = {
  name: 'multilabelMargin',
  like: { torch: 'torch.nn.functional.multilabel_margin_loss' },
  formula: 'Σ_k∈S Σ_j∉S max(0, 1 − x_k + x_j)/C',
  family: multilabel,
  inputs: [
    { name: 'input', holds: 'numbers', shape: 'first', gradient: true, domain: () => ANY_NUMBER },
    { name: 'target', holds: 'indices', shape: 'first', gradient: false, domain: () => LABELS },
  ],
  options: {},
  kernels: [
    {
      name: 'multilabelMargin',
      file: 'multilabelMargin',
      op: 'MultilabelMargin',
      loops: ['lanes'],
      template: 'sets',
    },
  ],
  hessian: ['exact', 'one'],
  kernel: () => 'multilabelMargin',
  params: () => [1],
};
