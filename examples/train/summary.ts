// The table of results, the same on the terminal and in the report.
import { AGREEMENT_LIMIT, GRADIENT_LIMIT } from './limits.ts';
import type { Result } from './result.ts';
import { showScore } from './score.ts';

export const head = [
  'loss',
  'data',
  'first',
  'final',
  'held out',
  'grad check',
  'wasm µs',
  'js µs',
  'js/wasm',
  'agreement',
];
/** Columns that hold names. */
export const NAMES = 2;
/** What stands together on a terminal, which is not wide enough for all: columns, and how many of them hold names. */
export const groups = [
  { columns: ['loss', 'data', 'first', 'final', 'held out', 'grad check'], names: 2 },
  { columns: ['loss', 'wasm µs', 'js µs', 'js/wasm', 'agreement'], names: 1 },
] as const;

export const cells = ({ job, data, run, gradientError, times }: Result): string[] => [
  job.loss,
  data.name,
  run.first.toFixed(4),
  run.final.toFixed(4),
  showScore(run.heldOut),
  gradientError.toExponential(1),
  times.wasm.toFixed(2),
  times.js.toFixed(2),
  `${(times.js / times.wasm).toFixed(1)}x`,
  times.disagreement.toExponential(1),
];

/** What the columns say. */
export const notes: readonly (readonly [name: string, meaning: string])[] = [
  [
    'first, final',
    'mean training loss before and after, for l1 and mse of targets divided by their deviation',
  ],
  ['held out', 'on rows the model never saw; MAE: mean absolute error, in points of disease progression'],
  [
    'grad check',
    `worst relative error of the gradient against central differences, f64, limit ${GRADIENT_LIMIT.toExponential()}`,
  ],
  [
    'wasm, js',
    'median time of one step over all training rows, f32: value and gradient (bce with sigmoid and its backward, nll with logSoftmax and its backward); above 1x WASM is faster',
  ],
  [
    'agreement',
    `largest relative difference between the backends' values and gradients, limit ${AGREEMENT_LIMIT.toExponential()}`,
  ],
];
