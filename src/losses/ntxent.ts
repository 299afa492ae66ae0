import { type PairOptions, pairOptions, pairs, rowsAndLabels } from '../families/pairs.ts';
import type { FloatInput, IndexInput, Reduction } from '../memory/inputs.ts';
import { ABOVE_ZERO } from '../options/interval.ts';
import { number } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import type {
  FirstForms,
  FirstStepOptions,
  Forms,
  Given,
  NoOptions,
  Some,
  ValueOf,
  ValueOptions,
} from './signatures.ts';

export interface NtxentOptions extends PairOptions {
  /** What cosines are divided by; > 0, default 0.07. */
  temperature?: number | undefined;
}

interface NtxentValue {
  /**
   * NT-Xent over labels (SimCLR): rows of one label are to be more similar to each other than to those of other labels.
   *
   * value of a pair i ≠ j of one label log(1 + e^(N_i − s_ij)), N_i = log Σ_k e^s_ik over the rows k of other labels, s = x̂x̂ᵀ/temperature,
   * x̂ = x/|x|; gradient −σ(N_i − s_ij) of s_ij, and e^(s_ik − N_i) Σ_j σ(N_i − s_ij) of each s_ik. It goes on through product and norms.
   *
   * - `input`: [rows, features], f32 or f64
   * - `target`: [rows], of any integer type: labels, which are compared with each other and may be any numbers of 32 bits
   * - returns the mean over all pairs, in both orders (NaN where there is none); with 'none' [rows]: what each row's pairs cost together.
   *   A row of weight 0 is not there, for the others either; another weight is that of the row's pairs
   * - throws ERR_SHAPE for other shapes, ERR_LABEL for a label that is no integer of 32 bits; norms are at least √ε of the dtype, 3.5e-4
   *   (f64: 1.5e-8)
   * - each similarity is at most 3e-6 Σ_k |x̂_ik x̂_jk|/temperature off (f32; measured), a pair's value and slopes then at most 4e-6; a
   *   gradient is a sum of products likewise, from which its part along the row is taken away
   * - memory, threads as `infoNce`
   *
   * optax: losses.ntxent. Chen et al., A Simple Framework for Contrastive Learning of Visual Representations, 2020.
   * @example F.ntxent([[1, 0], [2, 0], [0, 1]], Int32Array.of(0, 0, 1), { temperature: 1 }) // 0.31326168751822286
   */
  ntxent<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: IndexInput,
    options?: Given<C, NtxentOptions>,
  ): ValueOf<I, C>;
}
export type Ntxent = NtxentValue & {
  readonly ntxent: FirstForms<Forms<NtxentOptions, IndexInput, Reduction, FirstStepOptions>>;
};

/** As optax has it: the root of the dtype's distance from 1 to the next number. */
const LEAST_NORM = { f32: 2 ** -11.5, f64: 2 ** -26 };

export const ntxent: Descriptor<Required<NtxentOptions>> = {
  name: 'ntxent',
  like: { optax: 'optax.losses.ntxent' },
  formula: 'log(1 + Σ_k e^(s_ik − s_ij)), t_k ≠ t_i = t_j; s = x̂x̂ᵀ/temperature',
  family: pairs,
  inputs: rowsAndLabels,
  options: { temperature: number(0.07, { ...ABOVE_ZERO, shown: [0.05, 1] }), ...pairOptions() },
  kernels: [{ name: 'ntxent', file: 'ntxent', op: 'Ntxent', loops: ['allPairs'] }],
  kernel: () => 'ntxent',
  params: ({ temperature }, dtype) => [1 / temperature, 0, 1, 1, LEAST_NORM[dtype]],
};
