// One objective on its data: the held-out figure of a constant, a linear model and boosted trees.
import type { LossFunctions } from 'simdloss';
import { type Dataset, loadBreastCancer, loadDiabetes } from '../train/data.ts';
import { boost, predict, type Rows } from './boost.ts';
import { fitConstant, fitLinear, predictLinear } from './linear.ts';
import type { Objective } from './objectives.ts';

export const datasets: Record<Objective['dataset'], Dataset> = {
  diabetes: loadDiabetes(),
  'breast cancer': loadBreastCancer(),
};

export interface Comparison {
  readonly constant: number;
  readonly linear: number;
  readonly boosted: number;
}

/** Both data sets have numbers for targets, not class indices. */
export const rowsOf = ({ x, y }: Dataset['train']): Rows => ({ x, y: y as Float32Array });

export function compare(F: LossFunctions, objective: Objective): Comparison {
  const { train, heldOut, unit } = datasets[objective.dataset];
  const rows = rowsOf(train);
  const start = fitConstant(F, objective, rows);
  const figure = (scores: Float32Array): number =>
    F.scope(() => objective.figure(F, F.tensor(scores), F.tensor(Float32Array.from(heldOut.y)), unit));
  return {
    constant: figure(new Float32Array(heldOut.rows).fill(start)),
    linear: figure(predictLinear(fitLinear(F, objective, rows), heldOut.x, heldOut.rows)),
    boosted: figure(predict(boost(F, objective, rows, start), heldOut.x)),
  };
}
