import type { Gradients, Inputs, Options, Terms } from './options.ts';
import { sum } from './scalar.ts';
import { isTensor, type Result, reader, sizeOf, type Tensor } from './tensor.ts';

export interface Outcome {
  /** What the reduction divided by. */
  divisor: number;
  value: number | Result;
  grads: { input: Result; target?: Result; third?: Result; linearBias?: Result; logitScale?: Result };
}

/**
 * Reduces the terms and pulls `gradOutput` back through them. Ignored rows and rows of sample weight 0 are never
 * read: their value and gradient are 0, and the mean does not count them. A mean over no term at all, an empty batch included, is
 * what allIgnored says.
 */
export function reduceTerms(terms: Terms, inputs: Inputs, options: Options): Outcome {
  const { reduction = 'mean', gradOutput = 1, allIgnored = 'nan' } = options;
  const count = sizeOf(terms.shape);
  const sampleWeight = reader(options.sampleWeight, terms.shape);
  const read: number[] = [];
  for (let i = 0; i < count; i++) if (sampleWeight(i) !== 0 && !terms.ignored(i)) read.push(i);

  let divisor = 1;
  if (reduction === 'batchmean') divisor = terms.shape[0] ?? 1; // a scalar is a batch of one
  if (reduction === 'mean') divisor = sum(read.map((i) => terms.mass(i) * sampleWeight(i)));

  // a mean over nothing, or over weights that add up to 0
  divisor ||= Number.NaN;

  const values = new Float64Array(count);
  for (const i of read) values[i] = sampleWeight(i) * terms.value(i);
  const none = reduction === 'none';
  const reduced = read.length === 0 && allIgnored === 'zero' ? 0 : sum(values) / divisor;

  const grads: Gradients = { input: new Float64Array(inputs.input.data.length) };
  if (terms.targetHasGradient) grads.target = new Float64Array(inputs.target.data.length);
  const { third, linearBias, logitScale } = options;
  if (isTensor(third)) grads.third = new Float64Array(third.data.length);
  if (linearBias) grads.linearBias = new Float64Array(linearBias.data.length);
  if (isTensor(logitScale)) grads.logitScale = new Float64Array(1);
  const upstream = (i: number): number =>
    none && isTensor(gradOutput) ? gradOutput.data[i] : (gradOutput as number) / divisor;
  for (const i of read) terms.addGradient(i, upstream(i) * sampleWeight(i), grads);

  return {
    divisor,
    value: none ? { data: values, shape: terms.shape } : reduced,
    grads: {
      input: { data: grads.input, shape: [...inputs.input.shape] },
      ...(grads.target && { target: { data: grads.target, shape: [...inputs.target.shape] } }),
      ...(grads.linearBias && { linearBias: { data: grads.linearBias, shape: [...linearBias!.shape] } }),
      ...(grads.logitScale && { logitScale: { data: grads.logitScale, shape: [1] } }),
      ...(grads.third && { third: { data: grads.third, shape: [...(third as Tensor).shape] } }),
    },
  };
}
