// How large the terms are that a result is made of: a kernel's rounding is a fraction of these, not of a result in
// which they cancel. Nothing here is smaller than the result itself.

import { rows } from '../rows/index.ts';
import type { LossName, Row } from '../rows/row.ts';
import { crossEntropyRows, zLossFactor } from './crossEntropy.ts';
import { ctcTerms } from './ctc.ts';
import { categoricalFocalTerms, polyCrossEntropyTerms } from './curved.ts';
import { diceTerms } from './dice.ts';
import { elementwiseTerms, type PointLoss } from './elementwise.ts';
import { featureTerms } from './features.ts';
import { type HelperName, type HelperOutcome, runHelper } from './helpers.ts';
import { reference } from './index.ts';
import { linearTerms } from './linear.ts';
import { multilabelMarginTerms } from './multilabelMargin.ts';
import { multiMarginTerms } from './multiMargin.ts';
import { nllTerms } from './nll.ts';
import type { Inputs, Options, Terms } from './options.ts';
import { infoNceTerms, ntxentTerms } from './pairs.ts';
import { type Outcome, reduceTerms } from './reduce.ts';
import { isTensor, type Result, type Tensor } from './tensor.ts';

/** The magnitudes of one element; where a loss has none of its own, those of the result. */
const magnitudePoint =
  ({ point, size }: Row): PointLoss =>
  (x, t, options, extra) => {
    const { value, dInput, dTarget, dThird = 0 } = point!(x, t, options, extra);
    return {
      value: Math.abs(value),
      dInput: Math.abs(dInput),
      dTarget: Math.abs(dTarget),
      dThird: Math.abs(dThird),
      ...size?.(x, t, options, extra),
    };
  };

function crossEntropyMagnitudes(inputs: Inputs, options: Options): Terms {
  const { rows, probabilities, label, weight, product, coefficients, zLoss, parts } = crossEntropyRows(
    inputs,
    options,
  );
  return {
    shape: rows.shape,
    targetHasGradient: probabilities,
    ignored: (row) => !probabilities && label(row) === undefined,
    mass: () => 1,
    value: (row) => {
      const c = coefficients(row);
      const sizes = parts(row).map(({ loss }, j) => Math.abs(product(c[j], Math.abs(loss))));
      return sizes.reduce((total, size) => total + size, 0) + zLoss(row).size;
    },
    addGradient: (row, up, grads) => {
      parts(row).forEach(({ slope, pullSize, loss }, j) => {
        const terms = slope.slice(0, 2).reduce((total, term) => total + Math.abs(term), 0);
        grads.input[rows.at(row, j)] += up * (terms + pullSize);
        if (grads.target) grads.target[rows.at(row, j)] += up * product(weight(j), Math.abs(loss));
      });
    },
  };
}

const absolute = (x: number | Tensor | undefined): number | Tensor | undefined => {
  if (x === undefined) return undefined;
  return isTensor(x) ? { shape: x.shape, data: Array.from(x.data, Math.abs) } : Math.abs(x);
};

/** `isMean`: whether a term's own divisor counts, too. */
function magnitudeTerms(loss: string, inputs: Inputs, options: Options, isMean: boolean): Terms {
  if (loss === 'crossEntropy') return crossEntropyMagnitudes(inputs, options);
  if (loss === 'polyCrossEntropy') return polyCrossEntropyTerms(inputs, options, true);
  if (loss === 'categoricalFocal') return categoricalFocalTerms(inputs, options, true);
  if (loss === 'ctc') return ctcTerms(inputs, options, true, isMean);
  if (loss === 'dice') return diceTerms(inputs, options, true);
  if (loss === 'multiMargin') return multiMarginTerms(inputs, options, true);
  if (loss === 'multilabelMargin') return multilabelMarginTerms(inputs, options, true);
  if (loss === 'linearCrossEntropy') return linearTerms(crossEntropyMagnitudes, inputs, options, true);
  if (loss === 'infoNce') return infoNceTerms(inputs, options, true);
  if (loss === 'ntxent') return ntxentTerms(inputs, options, true);
  if (loss !== 'nll') {
    const row = rows[loss as LossName];
    if (row.vectorSizes) return featureTerms(row.loss, row.vectorSizes, inputs, options);
    return elementwiseTerms(magnitudePoint(row), inputs, options);
  }
  const { data, shape } = inputs.input;
  return nllTerms({ ...inputs, input: { shape, data: Array.from(data, (x) => -Math.abs(x)) } }, options);
}

/** Of logits that are given, or made of the input by weights. */
function zLossOf({ input, target }: Inputs, options: Options): number {
  const { third } = options;
  if (!isTensor(third)) return zLossFactor({ input, target }, options);
  const logits = { ...input, shape: [...input.shape.slice(0, -1), third.shape[0]] };
  return zLossFactor({ input: logits, target }, { ...options, axis: -1 });
}

/** The magnitudes behind reference(loss, inputs, options), in the same form. */
export function magnitude(loss: string, inputs: Inputs, options: Options = {}): Outcome {
  const positive: Options = {
    ...options,
    reduction: options.reduction === 'none' ? 'none' : 'sum',
    weight: absolute(options.weight),
    posWeight: absolute(options.posWeight),
    sampleWeight: absolute(options.sampleWeight),
    gradOutput: absolute(options.gradOutput),
    ...(options.zLoss && { zLoss: Math.abs(zLossOf(inputs, options)) }),
  };
  const { value, grads } = reduceTerms(
    magnitudeTerms(loss, inputs, positive, (options.reduction ?? 'mean') === 'mean'),
    inputs,
    positive,
  );
  const { divisor } = reference(loss, inputs, options);
  const divided = ({ data, shape }: Result): Result => ({
    shape,
    data: data.map((v) => Math.abs(v / divisor)),
  });
  return {
    divisor,
    value: typeof value === 'number' ? Math.abs(value / divisor) : divided(value),
    grads: {
      input: divided(grads.input),
      ...(grads.target && { target: divided(grads.target) }),
      ...(grads.third && { third: divided(grads.third) }),
      ...(grads.linearBias && { linearBias: divided(grads.linearBias) }),
      ...(grads.logitScale && { logitScale: divided(grads.logitScale) }),
    },
  };
}

/** The same for a helper. */
export function helperMagnitude(
  name: HelperName,
  x: Tensor,
  options: { axis?: number; gradOutput?: ArrayLike<number> } = {},
): HelperOutcome {
  const gradOutput = options.gradOutput && Array.from(options.gradOutput, Math.abs);
  const { value, grad } = runHelper(name, x, { ...options, gradOutput }, 1);
  return {
    value: { ...value, data: value.data.map(Math.abs) },
    grad: { ...grad, data: grad.data.map(Math.abs) },
  };
}
