// The same loss step on both backends: how long it takes, and whether they agree.
import type { LossFunctions } from 'simdloss';
import type { Dataset } from './data.ts';
import { type LossName, type LossStep, prepareLoss } from './loss.ts';
import { forward, type Linear } from './model.ts';
import { outputShape } from './train.ts';

export interface Comparison {
  /** Median microseconds of one step over all training rows. */
  readonly wasm: number;
  readonly js: number;
  /** The larger of |Δ value| / |value| and max |Δ gradient| / max |gradient|. */
  readonly disagreement: number;
}

const WARM_UP_MS = 150;
const SAMPLE_MS = 0.5;

/** `samples` timings of each backend, in turns, so that a busy moment of the machine hits both. */
export function compareBackends(
  wasm: LossFunctions,
  js: LossFunctions,
  name: LossName,
  model: Linear,
  data: Dataset,
  samples = 201,
): Comparison {
  const prepare = (F: LossFunctions): LossStep => {
    const { x, y, rows } = data.train;
    const outputs = F.zeros(outputShape(rows, data.outputs));
    forward(model, x, outputs.data);
    return prepareLoss(F, name, outputs, F.tensor(y));
  };
  return wasm.scope(() =>
    js.scope(() => {
      const steps = [prepare(wasm), prepare(js)];
      const counts = steps.map((step) => warmUp(step));
      const times: number[][] = [[], []];
      for (let sample = 0; sample < samples; sample++) {
        steps.forEach((step, i) => {
          times[i].push(time(step, counts[i]));
        });
      }
      const [wasmTime, jsTime] = times.map(median);
      return { wasm: wasmTime, js: jsTime, disagreement: disagreement(steps[0], steps[1]) };
    }),
  );
}

/** Runs until the engine has compiled what it will; returns how many steps fill a sample. */
function warmUp(step: LossStep): number {
  const end = performance.now() + WARM_UP_MS;
  let fastest = Number.POSITIVE_INFINITY;
  while (performance.now() < end) fastest = Math.min(fastest, time(step, 50));
  return Math.max(1, Math.round((SAMPLE_MS * 1000) / fastest));
}

/** Microseconds per step. */
function time(step: LossStep, count: number): number {
  const start = performance.now();
  for (let i = 0; i < count; i++) step.run();
  return ((performance.now() - start) * 1000) / count;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];

function disagreement(one: LossStep, other: LossStep): number {
  const value = one.run();
  const values = Math.abs(value - other.run()) / Math.abs(value);
  let difference = 0;
  let size = 0;
  const theirs = other.grad.data;
  one.grad.data.forEach((mine, i) => {
    difference = Math.max(difference, Math.abs(mine - theirs[i]));
    size = Math.max(size, Math.abs(mine));
  });
  return Math.max(values, difference / size);
}
