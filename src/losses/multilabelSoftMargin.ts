import { WEIGHT } from '../abi.ts';
import { inputAndTarget } from '../families/elementwise.ts';
import { multilabel } from '../families/multilabel.ts';
import type { FloatInput, MaskInput } from '../memory/inputs.ts';
import { ANY_NUMBER, LOGITS, UNIT } from '../options/interval.ts';
import { operand } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

export interface MultilabelSoftMarginOptions {
  /** Weight of each element, broadcast to the input as in NumPy; a row’s mean still divides by the classes. */
  weight?: MaskInput | number | undefined;
}

interface MultilabelSoftMarginValue {
  /**
   * Multi-label soft margin loss: binary cross entropy of each class by itself, and its mean over a row’s classes.
   *
   * value Σ_c w_c (t_c softplus(−x_c) + (1 − t_c) softplus(x_c))/C; gradient w_c (σ(x_c) − t_c)/C.
   *
   * - `input`: logits, shape (C), (N, C) or more; the classes are the last axis
   * - `target`: the same shape, the probability in [0, 1] of each class
   * - returns the mean over the rows; with 'none' an array without the last axis, and sampleWeight and gradOutput have its shape
   * - throws as `l1`; relative error at most 4e-6 (f32), as `bceWithLogits`
   *
   * PyTorch: nn.functional.multilabel_soft_margin_loss.
   * @example F.multilabelSoftMargin(Float32Array.of(0, 0), Float32Array.of(1, 0)) // 0.6931471824645996
   */
  multilabelSoftMargin<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, MultilabelSoftMarginOptions>,
  ): ValueOf<I, C>;
}
export type MultilabelSoftMargin = MultilabelSoftMarginValue & {
  readonly multilabelSoftMargin: Forms<MultilabelSoftMarginOptions, FloatInput>;
};

export const multilabelSoftMargin: Descriptor<MultilabelSoftMarginOptions> = {
  name: 'multilabelSoftMargin',
  like: { torch: 'torch.nn.functional.multilabel_soft_margin_loss' },
  formula: 'Σ w_c (t_c softplus(−x_c) + (1 − t_c) softplus(x_c))/C',
  family: multilabel,
  inputs: inputAndTarget(LOGITS, UNIT),
  options: {
    weight: operand('a number or an array that broadcasts to the input', {
      slot: WEIGHT,
      shape: 'broadcastToFirst',
      number: 'broadcast',
      interval: ANY_NUMBER,
      isMask: true,
    }),
  },
  kernels: [
    {
      name: 'multilabelSoftMargin',
      file: 'bceWithLogits',
      op: 'BceWithLogits',
      loops: ['rows'],
      template: 'means',
    },
  ],
  hessian: ['exact', 'one'],
  kernel: () => 'multilabelSoftMargin',
  // what is left of a label where nothing is smoothed
  params: () => [0, 0, 0, 0, 0, 1, 0],
};
