// A slow, plain f64 reference of every loss, written from the definitions and not from the kernels. It is itself
// checked against PyTorch's f64 results (reference.test.ts) and serves the differential and golden tests.

import { rows } from '../rows/index.ts';
import { crossEntropyTerms } from './crossEntropy.ts';
import { ctcTerms } from './ctc.ts';
import { categoricalFocalTerms, polyCrossEntropyTerms } from './curved.ts';
import { diceTerms } from './dice.ts';
import { elementwiseTerms } from './elementwise.ts';
import { featureTerms } from './features.ts';
import { linearTerms } from './linear.ts';
import { multilabelMarginTerms } from './multilabelMargin.ts';
import { multiMarginTerms } from './multiMargin.ts';
import { nllTerms } from './nll.ts';
import type { Inputs, Options, Terms } from './options.ts';
import { infoNceTerms, ntxentTerms } from './pairs.ts';
import { type Outcome, reduceTerms } from './reduce.ts';

export { type HelperName, type HelperOutcome, referenceHelper } from './helpers.ts';
export type { Inputs, Options } from './options.ts';
export type { Outcome } from './reduce.ts';
export type { Result, Tensor } from './tensor.ts';

const losses: Record<string, (inputs: Inputs, options: Options) => Terms> = {
  nll: nllTerms,
  crossEntropy: crossEntropyTerms,
  polyCrossEntropy: polyCrossEntropyTerms,
  categoricalFocal: categoricalFocalTerms,
  ctc: ctcTerms,
  dice: diceTerms,
  multiMargin: multiMarginTerms,
  multilabelMargin: multilabelMarginTerms,
  infoNce: infoNceTerms,
  ntxent: ntxentTerms,
  linearCrossEntropy: (inputs, options) => linearTerms(crossEntropyTerms, inputs, options),
  ...Object.fromEntries(
    Object.values(rows).flatMap(({ loss, point, vectors }) => {
      if (point) return [[loss, (inputs: Inputs, o: Options) => elementwiseTerms(point, inputs, o)]];
      return vectors ? [[loss, (inputs: Inputs, o: Options) => featureTerms(loss, vectors, inputs, o)]] : [];
    }),
  ),
};

/** The names of the losses that `reference` knows. */
export const referenceLosses = Object.keys(losses);

/** The value of a loss and its gradients for both inputs (for the input alone where the target holds labels). */
export function reference(loss: string, inputs: Inputs, options: Options = {}): Outcome {
  const terms = losses[loss];
  if (!terms) throw new RangeError(`no reference for the loss "${loss}"`);
  return reduceTerms(terms(inputs, options), inputs, options);
}
