// One training run: gradient descent over all training rows at once.
import type { LossFunctions } from 'simdloss';
import type { Dataset, DatasetName } from './data.ts';
import { type LossName, prepareLoss } from './loss.ts';
import { createLinear, descend, forward, type Linear } from './model.ts';
import { type Score, score } from './score.ts';

export interface Job {
  readonly loss: LossName;
  readonly dataset: DatasetName;
  /** Length of the first step; later ones shrink linearly to 0. */
  readonly rate: number;
  readonly steps: number;
}

// l1's gradient has the same length however near the minimum is: a constant rate would jump across it for ever, so all
// runs let it shrink. The rates are about half of what makes the steepest direction of each data set diverge.
export const jobs: readonly Job[] = [
  { loss: 'l1', dataset: 'diabetes', rate: 0.1, steps: 4000 },
  { loss: 'mse', dataset: 'diabetes', rate: 0.1, steps: 4000 },
  { loss: 'bce', dataset: 'breast cancer', rate: 0.3, steps: 2000 },
  { loss: 'bceWithLogits', dataset: 'breast cancer', rate: 0.3, steps: 2000 },
  { loss: 'nll', dataset: 'digits', rate: 0.3, steps: 500 },
  { loss: 'crossEntropy', dataset: 'digits', rate: 0.3, steps: 500 },
];

export const WEIGHTS_SEED = 1;

export interface Run {
  readonly model: Linear;
  /** Mean loss over the training rows before the first step and after the last. */
  readonly first: number;
  readonly final: number;
  readonly heldOut: Score;
}

export const outputShape = (rows: number, outputs: number): number[] =>
  outputs === 1 ? [rows] : [rows, outputs];

/** Hears of every step: the loss before it, and the model that has it. */
export type Watch = (step: number, loss: number, model: Linear) => void;

export function train(F: LossFunctions, job: Job, data: Dataset, watch?: Watch): Run {
  const model = createLinear(data.features, data.outputs, WEIGHTS_SEED);
  return F.scope(() => {
    const { x, y, rows } = data.train;
    const outputs = F.zeros(outputShape(rows, data.outputs));
    const loss = prepareLoss(F, job.loss, outputs, F.tensor(y));
    const evaluate = () => {
      forward(model, x, outputs.data);
      return loss.run();
    };
    let first = Number.NaN;
    for (let step = 0; step < job.steps; step++) {
      const value = evaluate();
      if (step === 0) first = value;
      watch?.(step, value, model);
      descend(model, x, loss.grad.data as Float32Array, job.rate * (1 - step / job.steps));
    }
    return { model, first, final: evaluate(), heldOut: score(F, model, data) };
  });
}
