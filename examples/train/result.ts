// What a job leaves for the table and the report: the run, its curve, its gradient check and its times.
import type { LossFunctions } from 'simdloss';
import { type Comparison, compareBackends } from './compare.ts';
import type { Dataset } from './data.ts';
import { checkGradient } from './gradcheck.ts';
import { prepareLoss } from './loss.ts';
import { forward, type Linear } from './model.ts';
import { type Job, outputShape, type Run, train, type Watch } from './train.ts';

/** Mean losses after so many steps. */
export interface CurvePoint {
  readonly steps: number;
  readonly training: number;
  readonly heldOut: number;
}

export interface Result {
  readonly job: Job;
  readonly data: Dataset;
  readonly run: Run;
  readonly curve: readonly CurvePoint[];
  readonly gradientError: number;
  readonly times: Comparison;
}

/** Backends to train on and to compare with. */
export interface Backends {
  readonly wasm: LossFunctions;
  readonly js: LossFunctions;
}

/** `samples` of the comparison's timings. */
export function resultOf(
  { wasm, js }: Backends,
  job: Job,
  data: Dataset,
  watch?: Watch,
  samples?: number,
): Result {
  const { run, curve } = trainWatched(wasm, job, data, watch);
  return {
    job,
    data,
    run,
    curve,
    gradientError: checkGradient(wasm, job.loss, data),
    times: compareBackends(wasm, js, job.loss, run.model, data, samples),
  };
}

const POINTS_PER_DECADE = 20;

/** Evenly spaced on a logarithmic axis, the start and the end included: at the start much happens in few steps. */
function watchedSteps(steps: number): Set<number> {
  const decades = Math.log10(steps + 1);
  const count = Math.ceil(decades * POINTS_PER_DECADE);
  return new Set(Array.from({ length: count + 1 }, (_, i) => Math.round(10 ** ((decades * i) / count)) - 1));
}

function trainWatched(
  F: LossFunctions,
  job: Job,
  data: Dataset,
  watch?: Watch,
): Pick<Result, 'run' | 'curve'> {
  const watched = watchedSteps(job.steps);
  return F.scope(() => {
    const { x, y, rows } = data.heldOut;
    const outputs = F.zeros(outputShape(rows, data.outputs));
    const loss = prepareLoss(F, job.loss, outputs, F.tensor(y));
    const heldOut = (model: Linear): number => {
      forward(model, x, outputs.data);
      return loss.run();
    };
    const curve: CurvePoint[] = [];
    const run = train(F, job, data, (step, training, model) => {
      watch?.(step, training, model);
      if (watched.has(step)) curve.push({ steps: step, training, heldOut: heldOut(model) });
    });
    curve.push({ steps: job.steps, training: run.final, heldOut: heldOut(run.model) });
    return { run, curve };
  });
}
