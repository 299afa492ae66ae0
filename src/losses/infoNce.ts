import { type PairOptions, pairOptions, pairs, rowsAndPairs } from '../families/pairs.ts';
import type { FloatInput, Reduction } from '../memory/inputs.ts';
import { boolean, operand } from '../options/specs.ts';
import type { Descriptor } from './descriptor.ts';
import { rounded } from './rounded.ts';
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

export interface InfoNceOptions extends PairOptions {
  /**
   * What similarities are multiplied by, 1 over a temperature: a number of at least 0, or a tensor of one element, which has a gradient
   * that `wrt` names. Default 1/0.07, with which CLIP begins.
   */
  logitScale?: FloatInput | number | undefined;
  /** Whether rows are divided by their norms first: similarities are cosines. Default true. */
  normalize?: boolean | undefined;
  /** Whether each row of `target` has to find its row of `input`, too (CLIP). Default true. */
  symmetric?: boolean | undefined;
}

interface InfoNceValue {
  /**
   * InfoNCE, CLIP’s loss: each row is to be more similar to its own row of the other input than to all others there.
   *
   * value ½(log Σ_j e^s_ij − s_ii + log Σ_j e^s_ji − s_ii), s = logitScale·x̂ŷᵀ, x̂ = x/|x|; gradient of s_ij ½(softmax of row i + softmax of
   * column j − 2 [i = j]). It goes on through the product and the norms. With `symmetric: false` there is the first half alone, whole.
   *
   * - `input`, `target`: [rows, features], f32 or f64, of one shape; row i of one belongs to row i of the other. With `symmetric: false`
   *   `target` may have more rows, which belong to none (hard negatives, a queue)
   * - gradients: of `input`; by `wrt` of `target`, and of `logitScale` where that is a tensor: what a parameter is that is its logarithm
   *   gets that times logitScale
   * - returns the mean over the rows; with 'none' [rows]. A row of weight 0 is not there, for the others either
   * - throws ERR_SHAPE for other shapes; a row of zeros is similar to none and has gradient 0
   * - each similarity is at most 3e-6 logitScale Σ_k |x̂_k ŷ_k| off (f32; measured), value and gradient then as `crossEntropy`; a gradient
   *   is a sum of products likewise, from which its part along the row is taken away
   * - similarities take 8 MB of memory at most, unless 48 rows of them are more, and copies of both inputs; one chunk takes three
   *   products, several take four. The same bits for any number of threads; those of `target`'s gradient depend on `chunkRows`
   *
   * van den Oord, Li and Vinyals, Representation Learning with Contrastive Predictive Coding, 2018; Radford et al., Learning
   * Transferable Visual Models From Natural Language Supervision, 2021.
   * @example F.infoNce([[2, 0], [0, 1]], [[1, 0], [0, 3]], { logitScale: 1 }) // 0.31326168751822286
   */
  infoNce<I extends FloatInput, const C extends Some<ValueOptions> = NoOptions>(
    input: I,
    target: FloatInput,
    options?: Given<C, InfoNceOptions>,
  ): ValueOf<I, C>;
}
type InfoNceName = 'input' | 'target' | 'logitScale';
export type InfoNce = InfoNceValue & {
  readonly infoNce: FirstForms<
    Forms<InfoNceOptions, FloatInput, Reduction, FirstStepOptions<InfoNceName>, InfoNceName>
  >;
};

/** A temperature of 0.07. */
const FIRST_SCALE = 1 / 0.07;

export const infoNce: Descriptor<Required<InfoNceOptions>> = {
  name: 'infoNce',
  like: {},
  formula: '½(log Σ_j e^s_ij + log Σ_j e^s_ji) − s_ii, s = logitScale·x̂ŷᵀ',
  family: pairs,
  inputs: rowsAndPairs,
  options: {
    logitScale: operand('a number, or a tensor of one element', {
      slot: 'own',
      shape: 'one',
      number: 'param',
      interval: { low: 0, high: Infinity, isHighOpen: true, shown: [1, 100] },
      gradient: true,
    }),
    normalize: boolean(true),
    symmetric: boolean(true),
    ...pairOptions(),
  },
  kernels: [{ name: 'infoNce', file: 'infoNce', op: 'InfoNce', loops: ['allPairs'] }],
  kernel: () => 'infoNce',
  params: ({ logitScale, symmetric, normalize }, dtype) => [
    rounded(typeof logitScale === 'number' ? logitScale : FIRST_SCALE, dtype),
    Number(symmetric),
    Number(normalize),
    0,
    0,
  ],
};
