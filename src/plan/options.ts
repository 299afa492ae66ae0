// The options that every loss has.
import { GRAD_OUTPUT, SAMPLE_WEIGHT } from '../abi.ts';
import type { Descriptor } from '../losses/descriptor.ts';
import { ANY_NUMBER } from '../options/interval.ts';
import { number, type OptionTable, oneOf, operand, unread } from '../options/specs.ts';
import { computes } from './wanted.ts';

const reductions = ['mean', 'sum', 'none'] as const;
const withBatchmean = [...reductions, 'batchmean'] as const;

const sampleWeight = operand('an array of the loss’s shape', {
  slot: SAMPLE_WEIGHT,
  shape: 'terms',
  interval: ANY_NUMBER,
  isMask: true,
});
const gradOutput = operand('a number, or an array of the loss’s shape', {
  slot: GRAD_OUTPUT,
  shape: 'terms',
  number: 'scale',
  interval: ANY_NUMBER,
});
const allIgnored = oneOf('nan', ['nan', 'zero']);
const wrt = unread('the name of an input, or an array of names');
const out = unread('where to write the result');

/** The options of a loss's calls, of its prepared steps, and of `.gradAndHess`: its own and the common ones. */
export function optionTables({ options, batchmean, hessian }: Descriptor): {
  plain: OptionTable;
  prepared: OptionTable;
  second: OptionTable;
} {
  const choices = batchmean ? withBatchmean : reductions;
  const common = { sampleWeight, gradOutput, allIgnored, out, ...options };
  const plain = { reduction: oneOf('mean', choices), wrt, ...common };
  if (hessian === undefined) {
    const compute = oneOf(
      'valueAndGrad',
      computes.filter((c) => c !== 'gradAndHess'),
    );
    return { plain, prepared: { ...plain, compute }, second: {} };
  }
  const ofHessian = {
    hessian: oneOf('exact', hessian),
    hessianScale: number(1, { low: 0, high: Infinity, isHighOpen: true, isLowOpen: true }),
    minHessian: number(0, { low: 0, high: Infinity, isHighOpen: true }),
  };
  return {
    plain,
    prepared: { ...plain, ...ofHessian, compute: oneOf('valueAndGrad', computes) },
    second: { reduction: oneOf('sum', choices), ...common, ...ofHessian },
  };
}
