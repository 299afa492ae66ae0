// What losses of sequences are as types, as in signatures.ts.
import type { FloatInput, IndexInput } from '../memory/inputs.ts';
import type {
  Checked,
  FirstStepOptions,
  Forms,
  GradOf,
  GradOptions,
  NoOptions,
  Reduces,
  Some,
  StepOf,
  ValueAndGradOf,
  ValueAndGradOptions,
} from './signatures.ts';

/** A length for each sequence; of one sequence a number. */
export type Lengths = IndexInput | number;

/** What a loss of sequences has beside its value. */
export interface SequenceForms<O extends object>
  extends Pick<Forms<O, IndexInput>, 'name' | 'like' | 'formula' | 'family' | 'inputs' | 'options'> {
  /** The gradient with respect to the input. */
  grad<I extends FloatInput, const C extends Some<GradOptions<'input'>> = NoOptions>(
    input: I,
    target: IndexInput,
    inputLengths: Lengths,
    targetLengths: Lengths,
    options?: Checked<C, O & GradOptions<'input'> & Reduces>,
  ): GradOf<I, C>;

  /** Value and gradient in one pass over the data, with the bits of the separate calls. */
  valueAndGrad<I extends FloatInput, const C extends Some<ValueAndGradOptions<'input'>> = NoOptions>(
    input: I,
    target: IndexInput,
    inputLengths: Lengths,
    targetLengths: Lengths,
    options?: Checked<C, O & ValueAndGradOptions<'input'> & Reduces>,
  ): ValueAndGradOf<I, C>;

  /**
   * Checks shapes and options once; each run of the returned step reads the inputs as they are then. `compute` chooses what
   * a run does; default 'valueAndGrad'. Labels, lengths and disposal are checked at every run; ordinary arrays are copied in
   * anew; growth of memory is harmless.
   */
  prepare<I extends FloatInput, const C extends Some<Partial<FirstStepOptions<'input'>>> = NoOptions>(
    input: I,
    target: IndexInput,
    inputLengths: Lengths,
    targetLengths: Lengths,
    options?: Checked<C, O & FirstStepOptions<'input'> & Reduces>,
  ): StepOf<I, C>;
}
