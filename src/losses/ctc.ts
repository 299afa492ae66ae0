import { type SequenceOptions, sequence, sequenceOptions } from '../families/sequence.ts';
import type { FloatInput, IndexInput } from '../memory/inputs.ts';
import { ANY_NUMBER, LOG_PROBABILITIES, LOGITS } from '../options/interval.ts';
import type { Descriptor } from './descriptor.ts';
import type { Lengths, SequenceForms } from './sequenceForms.ts';
import type { Given, NoOptions, Some, ValueOf, ValueOptions } from './signatures.ts';

export type CtcOptions = SequenceOptions;

interface CtcValue {
  /**
   * Connectionist temporal classification: labels in their order, of which nobody knows at which frames they are (speech, handwriting).
   *
   * value −log Σ Π p_t(π_t) over the paths π that spell the target, which have a label or the blank in each frame, and a blank between
   * two labels that are the same; gradient −γ, γ_t(c) the share of the paths that are on class c at frame t. With `fromLogits: true`:
   * value the same of log softmax(x); gradient softmax(x) − γ. The mean is that of each sequence's loss divided by the number of its
   * labels, or by 1.
   *
   * - `input`: log-probabilities, f32 or f64, [frames, sequences, classes], or [frames, classes] of one sequence
   * - `target`: classes other than the blank, [sequences, labels], of which the first of each count, or [all labels], one sequence after
   *   the other; of one sequence [labels]
   * - `inputLengths`, `targetLengths`: how many frames and labels each sequence has, [sequences]; of one sequence a number
   * - returns the mean (or sum) over the sequences, or with reduction 'none' an array [sequences]
   * - infinite where no path spells the target, and its gradient NaN; frames beyond a sequence's length are not read, their gradient is 0
   * - throws ERR_LABEL for labels and lengths out of range, before anything is written; ERR_SHAPE, ERR_DTYPE, ERR_OPTION, ERR_MEMORY
   * - at most 2e-7 (f64: 1e-13) of the loss, of what its paths cost and, from logits, of its frames' entropies, and 1e-15 a frame
   *
   * PyTorch: nn.functional.ctc_loss, whose gradient to log-probabilities is that to logits. Keras: losses.CTC. optax: losses.ctc_loss.
   * @example F.ctc([[0, 0], [0, 0]], [1], 2, 1, { fromLogits: true }) // 0.287682072451781
   */
  ctc<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: IndexInput,
    inputLengths: Lengths,
    targetLengths: Lengths,
    options?: Given<C, CtcOptions>,
  ): ValueOf<I, C>;
}
export type Ctc = CtcValue & { readonly ctc: SequenceForms<CtcOptions> };

export const ctc: Descriptor<Required<CtcOptions>> = {
  name: 'ctc',
  like: {
    torch: 'torch.nn.functional.ctc_loss',
    keras: 'keras.losses.CTC',
    optax: 'optax.losses.ctc_loss',
  },
  formula: '−log Σ Π p_t(π_t) over the paths π that spell the target',
  family: sequence,
  inputs: [
    {
      name: 'input',
      holds: 'numbers',
      shape: 'first',
      gradient: true,
      domain: ({ fromLogits }) => (fromLogits ? LOGITS : LOG_PROBABILITIES),
    },
    { name: 'target', holds: 'indices', shape: 'own', gradient: false, domain: () => ANY_NUMBER },
    { name: 'inputLengths', holds: 'lengths', shape: 'broadcast', gradient: false, domain: () => ANY_NUMBER },
    {
      name: 'targetLengths',
      holds: 'lengths',
      shape: 'broadcast',
      gradient: false,
      domain: () => ANY_NUMBER,
    },
  ],
  options: sequenceOptions(),
  kernels: [{ name: 'ctc', file: 'ctc', op: 'Ctc', loops: ['sequences'] }],
  kernel: () => 'ctc',
  params: ({ blank, zeroInfinity, fromLogits }) => [blank, Number(zeroInfinity), Number(fromLogits)],
};
