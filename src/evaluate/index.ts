/**
 * simdloss/evaluate: figures about predictions from exact sums, which other batches, threads and machines can be merged with.
 *
 * @example
 * import { load } from 'simdloss';
 * import { evaluate } from 'simdloss/evaluate';
 * const e = evaluate(await load(), { loss: 'mse', figures: ['rmse', 'r2'] });
 * e.add(Float32Array.of(1, 2, 4), Float32Array.of(1, 2, 3));
 * e.result(); // { loss: 0.333…, sum: 1, count: 3, weight: 3, rmse: 0.577…, r2: 0.5 }
 */
export type { AddOptions, EvaluateOptions, EvaluationOptions } from './asked.ts';
export { type Evaluate, type Evaluation, evaluate } from './evaluate.ts';
export type { Evaluable, LossName } from './functions.ts';
export type { FigureName } from './kinds.ts';
export type { ClassResult, Figures, GroupResult, Results } from './results.ts';
export type { GroupState, State, SumState } from './state.ts';
export type { Key } from './table.ts';
