import { axisOption, classes, classWeight, rowsAndTarget } from '../families/classes.ts';
import type { FloatInput, IndexInput, MaskInput } from '../memory/inputs.ts';
import { ANY_NUMBER } from '../options/interval.ts';
import { integer, number } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

export interface MultiMarginOptions {
  /** Power of what is missing to the margin: 1 (default) or 2. */
  p?: 1 | 2 | undefined;
  /** How far the label's score has to be above the others'; any finite number, default 1. */
  margin?: number | undefined;
  /** Weight of each class, [classes], by the row's label; the mean still divides by the number of rows. */
  weight?: MaskInput | undefined;
  /** The class axis; default 1, or 0 for one row. −1 is channels-last. */
  axis?: number | undefined;
}

interface MultiMarginValue {
  /**
   * Multi-class margin loss: what the label's score y lacks of being a margin above each of the others.
   *
   * value (w_y/C) Σ_j≠y m_jᵖ, m_j = max(0, margin + (x_j − x_y)); gradient (w_y/C) p m_jᵖ⁻¹ where m_j > 0, else 0, and at the label
   * minus their sum.
   *
   * - `input`: scores, shape (C), (N, C) or (N, C, d1 … dk); `axis` moves the class axis
   * - `target`: class indices of any integer type in the shape without the class axis
   * - returns the mean over the rows, whatever their weights; with 'none' an array in the target's shape
   * - throws ERR_LABEL for an index outside [0, C), before anything is written; rows of sampleWeight 0 are left out, and not read
   * - at most 4 ULP of the terms' sizes, Σ (margin + |x_j − x_y|)ᵖ, as the difference cancels by nature
   *
   * PyTorch: nn.functional.multi_margin_loss.
   * @example F.multiMargin({ data: Float32Array.of(2, 1.5, 0, 0), shape: [1, 4] }, Int32Array.of(0)) // 0.125
   */
  multiMargin<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: IndexInput,
    options?: Given<C, MultiMarginOptions>,
  ): ValueOf<I, C>;
}
export type MultiMargin = MultiMarginValue & { readonly multiMargin: Forms<MultiMarginOptions, IndexInput> };

export const multiMargin: Descriptor<Required<MultiMarginOptions>> = {
  name: 'multiMargin',
  like: { torch: 'torch.nn.functional.multi_margin_loss' },
  formula: '(w_y/C) Σ_j≠y max(0, margin + x_j − x_y)ᵖ',
  family: classes,
  inputs: rowsAndTarget('indices', ANY_NUMBER),
  options: {
    p: integer(1, 1, 2),
    margin: number(1, { low: -Infinity, high: Infinity, isLowOpen: true, isHighOpen: true, shown: [0, 2] }),
    weight: classWeight(),
    axis: axisOption(),
  },
  kernels: [
    {
      name: 'multiMargin',
      file: 'multiMargin',
      op: 'MultiMargin',
      loops: ['rows', 'lanes'],
      template: 'rivals',
      column: 'RivalColumn',
    },
  ],
  hessian: ['exact', 'one'],
  kernel: () => 'multiMargin',
  // [margin, –, p − 1]
  params: ({ p, margin }) => [margin, 0, p - 1],
};
