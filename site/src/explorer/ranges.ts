// From where to where the sliders of an elementwise loss go, which its intervals say, and what its axes are called.
import type { LossName } from '../../../bench/cases.ts';
import type { Descriptor } from '../../../src/losses/descriptor.ts';
import { shownOf } from '../../../src/options/interval.ts';
import { fallbacksOf } from '../../../src/options/specs.ts';
import type { Given } from '../formulas.ts';

type Span = readonly [from: number, to: number];

export interface Ranges {
  readonly input: Span;
  readonly target: Span;
  readonly start: readonly [input: number, target: number];
  readonly step: number;
  /** Whether the target is a place on the axis of the input. */
  readonly sharedAxis: boolean;
  readonly names: { readonly input: string; readonly target: string };
  readonly axes: { readonly x: string; readonly value: string; readonly grad: string };
}

/** What numbers of an interval are, where it says so, as the name of one of them. */
const kinds: Record<string, string> = {
  probabilities: 'a probability',
  logits: 'a logit',
  'log-probabilities': 'a log-probability',
  logarithms: 'a logarithm',
  rates: 'a rate',
  counts: 'a count',
};

/** Inputs as one would say them. */
const inputNames: Record<string, string> = {
  input: 'Prediction x',
  target: 'Target t',
  input1: 'First input x₁',
  input2: 'Second input x₂',
  anchor: 'Anchor a',
  positive: 'Positive p',
};

type Axes = Ranges['axes'];
const numbers = (value: string, grad: string): Axes => ({
  x: 'prediction x, in the target’s unit',
  value,
  grad,
});
const ofUnit = numbers('loss, in the target’s unit', 'gradient, dimensionless');
const ofSquare = numbers('loss, in the target’s unit squared', 'gradient, in the target’s unit');

const ofFeatures: Axes = {
  x: 'first of two features, the second being 1',
  value: 'loss of the row',
  grad: 'gradient for the first feature',
};
const ofLogits: Axes = {
  x: 'logit x, dimensionless',
  value: 'loss, in nats',
  grad: 'gradient, nats per unit of x',
};

const ofScores: Axes = { x: 'score x, dimensionless', value: 'loss', grad: 'gradient' };

/** What the axes of a loss are called, beyond what its intervals say. */
const axes: Partial<Record<LossName, Axes>> = {
  l1: ofUnit,
  smoothL1: ofUnit,
  mse: ofSquare,
  huber: ofSquare,
  logCosh: numbers('loss, dimensionless', 'gradient, dimensionless'),
  bce: {
    x: 'predicted probability x of label 1',
    value: 'loss, in nats',
    grad: 'gradient, nats per unit of x',
  },
  bceWithLogits: ofLogits,
  sigmoidFocal: ofLogits,
  softMargin: ofLogits,
  hinge: ofScores,
  squaredHinge: ofScores,
  multilabelMargin: {
    x: 'score of the first of two classes, the second’s being 1',
    value: 'loss of the row',
    grad: 'gradient for the first score',
  },
  multilabelSoftMargin: {
    x: 'logit of the first of two classes, the second’s being 1',
    value: 'loss of the row, in nats',
    grad: 'gradient for the first logit',
  },
  marginRanking: { x: 'first score x₁', value: 'loss, in the scores’ unit', grad: 'gradient, dimensionless' },
  gaussianNll: numbers('loss, in nats', 'gradient, nats per unit of x'),
  poissonNll: { x: 'prediction x', value: 'loss, in nats', grad: 'gradient, nats per unit of x' },
  halfTweedie: { x: 'prediction x', value: 'loss', grad: 'gradient' },
  pseudoHuber: ofSquare,
  pinball: ofUnit,
  expectile: ofSquare,
  mape: numbers('loss, in percent of the target', 'gradient, percent per unit of x'),
  msle: numbers('loss, dimensionless', 'gradient, per unit of x'),
  hingeEmbedding: { x: 'distance x', value: 'loss, in the distance’s unit', grad: 'gradient, dimensionless' },
  jsd: {
    x: 'log-probability x, in nats',
    value: 'loss of the term, in nats',
    grad: 'gradient, dimensionless',
  },
  klDiv: {
    x: 'log-probability x, in nats',
    value: 'loss of the term, in nats',
    grad: 'gradient, dimensionless',
  },
};

/** Somewhere that is neither an end nor the target. */
const startOf = ([from, to]: Span, share: number): number => Number((from + share * (to - from)).toFixed(1));

/** What the sliders of a loss go over, with these options. */
export function rangesOf({ name, family, inputs, options }: Descriptor, given: Given): Ranges {
  const all = { ...fallbacksOf(options), ...given };
  const [x, t] = inputs.map(({ domain }) => domain(all));
  const [input, target] = [shownOf(x), shownOf(t)];
  const sharedAxis = x === t && x.low === -Infinity;
  const isLabels = t.what === 'labels';
  const label = isLabels || (x.what !== undefined && t.what === 'probabilities');
  const called = (which: string, what: string | undefined) =>
    what === undefined || !kinds[what] ? which : `${which}, ${kinds[what]}`;
  return {
    input,
    target,
    start: sharedAxis
      ? [startOf(input, 11 / 16), startOf(input, 0.5)]
      : [startOf(input, 0.4), label ? target[1] : startOf(target, 0.6)],
    step: Math.min(input[1] - input[0], target[1] - target[0]) > 1 ? 0.05 : 0.01,
    sharedAxis,
    names: {
      input: called(inputNames[inputs[0].name], x.what),
      target: label ? 'Label t' : called(inputNames[inputs[1].name], t.what),
    },
    axes: axes[name as LossName] ?? (family.name === 'features' ? ofFeatures : numbers('loss', 'gradient')),
  };
}
