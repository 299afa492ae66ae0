// From where to where the sliders of an elementwise loss go, and what its axes are called. A loss that is not named here
// takes any number.
import type { LossName } from '../../../bench/cases.ts';
import type { Given } from './context.ts';

type Interval = readonly [from: number, to: number];

export interface Ranges {
  readonly input: Interval;
  readonly target: Interval;
  readonly start: readonly [input: number, target: number];
  readonly step: number;
  /** Whether the target is a place on the axis of the input. */
  readonly sharedAxis: boolean;
  readonly names: { readonly input: string; readonly target: string };
  readonly axes: { readonly x: string; readonly value: string; readonly grad: string };
}

const numbers = (value: string, grad: string): Ranges => ({
  input: [-4, 4],
  target: [-4, 4],
  start: [1.5, 0],
  step: 0.05,
  sharedAxis: true,
  names: { input: 'Prediction x', target: 'Target t' },
  axes: { x: 'prediction x, in the target’s unit', value, grad },
});
const ofUnit = numbers('loss, in the target’s unit', 'gradient, dimensionless');
const ofSquare = numbers('loss, in the target’s unit squared', 'gradient, in the target’s unit');
const anyNumber = numbers('loss', 'gradient');

const label = { target: [0, 1], step: 0.01, sharedAxis: false } as const;

const ranges: Partial<Record<LossName, (options: Given) => Ranges>> = {
  l1: () => ofUnit,
  smoothL1: () => ofUnit,
  mse: () => ofSquare,
  huber: () => ofSquare,
  bce: () => ({
    ...label,
    input: [0, 1],
    start: [0.3, 1],
    names: { input: 'Prediction x, a probability', target: 'Label t' },
    axes: {
      x: 'predicted probability x of label 1',
      value: 'loss, in nats',
      grad: 'gradient, nats per unit of x',
    },
  }),
  bceWithLogits: () => ({
    ...label,
    input: [-8, 8],
    start: [-1.5, 1],
    step: 0.05,
    names: { input: 'Prediction x, a logit', target: 'Label t' },
    axes: { x: 'logit x, dimensionless', value: 'loss, in nats', grad: 'gradient, nats per unit of x' },
  }),
  klDiv: ({ logTarget }) => ({
    ...label,
    input: [-5, 0],
    target: logTarget ? [-5, 0] : [0, 1],
    start: logTarget ? [-1.5, -0.5] : [-1.5, 0.6],
    names: {
      input: 'Prediction x, a log-probability',
      target: logTarget ? 'Target t, a log-probability' : 'Target t, a probability',
    },
    axes: {
      x: 'log-probability x, in nats',
      value: 'loss of the term, in nats',
      grad: 'gradient, dimensionless',
    },
  }),
};

export const rangesOf = (loss: LossName, options: Given): Ranges => ranges[loss]?.(options) ?? anyNumber;
