import { type ElementOptions, elementOptions, elementwise, inputAndTarget } from '../families/elementwise.ts';
import type { FloatInput } from '../memory/inputs.ts';
import { LOGITS, POSITIVE, UNIT } from '../options/interval.ts';
import { operand } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import type { Forms, Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';
import { isSmoothed, type SmoothingOptions, smoothingOptions, smoothingParams } from './smoothing.ts';

export interface BceWithLogitsOptions extends ElementOptions, SmoothingOptions {
  /** Weight of the positive term, broadcast to the input as in NumPy (usually [classes]). */
  posWeight?: FloatInput | number | undefined;
}

interface BceWithLogitsValue {
  /**
   * Binary cross entropy of logits: sigmoid and BCE in one, accurate in both tails.
   *
   * value q t softplus(−x) + (1 − t) softplus(x), with q = posWeight or 1; gradient (1 − t) σ(x) − q t σ(−x).
   *
   * - `input`: logits, any number; ±inf costs 0 where it agrees with a target of 0 or 1
   * - `target`: the same shape, usually in [0, 1]; t is (1 − ε) target + ½ε with `labelSmoothing` ε
   * - returns, throws as `l1`
   * - relative error of value and gradient at most 4e-6 (f32) down to 1e-30, where PyTorch returns 0
   *
   * PyTorch: nn.functional.binary_cross_entropy_with_logits.
   * @example F.bceWithLogits(Float32Array.of(0, 0), Float32Array.of(0, 1)) // 0.6931471805599453
   */
  bceWithLogits<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, BceWithLogitsOptions>,
  ): ValueOf<I, C>;
}
export type BceWithLogits = BceWithLogitsValue & {
  readonly bceWithLogits: Forms<BceWithLogitsOptions, FloatInput>;
};

export const bceWithLogits: Descriptor<BceWithLogitsOptions & Required<SmoothingOptions>> = {
  name: 'bceWithLogits',
  like: { torch: 'torch.nn.functional.binary_cross_entropy_with_logits' },
  formula: 'q t softplus(−x) + (1 − t) softplus(x)',
  family: elementwise,
  inputs: inputAndTarget(LOGITS, UNIT),
  options: {
    ...elementOptions(),
    posWeight: operand('a number or an array that broadcasts to the input', {
      slot: 'own',
      shape: 'broadcast',
      number: 'broadcast',
      interval: POSITIVE,
    }),
    ...smoothingOptions(),
  },
  kernels: [
    { name: 'bceWithLogits', file: 'bceWithLogits', op: 'BceWithLogits', loops: ['any', 'softplus'] },
  ],
  hessian: ['exact', 'one'],
  kernel: () => 'bceWithLogits',
  isGeneral: isSmoothed,
  params: (options) => [0, 0, 0, 0, 0, ...smoothingParams(options)],
};
