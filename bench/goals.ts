// The figures that the project set out to reach.
import type { Case } from './cases.ts';
import { idOf } from './cases.ts';
import type { CaseResult, Results } from './results.ts';

/** How many times as fast as JS, value and gradient together, f32. */
const ratioGoals: readonly (Omit<Case, 'operation'> & { atLeast: number })[] = [
  { loss: 'crossEntropy', target: 'indices', shape: [64, 1024], atLeast: 11 },
  { loss: 'crossEntropy', target: 'indices', shape: [1024, 1024], atLeast: 11 },
  { loss: 'crossEntropy', target: 'indices', shape: [8192, 10], atLeast: 10 },
  { loss: 'crossEntropy', target: 'indices', shape: [65536, 2], atLeast: 10 },
  { loss: 'crossEntropy', target: 'indices', shape: [1, 21, 512, 512], atLeast: 10 },
  { loss: 'bceWithLogits', target: 'elements', shape: [65536], atLeast: 11 },
  { loss: 'bce', target: 'elements', shape: [65536], atLeast: 15 },
  { loss: 'l1', target: 'elements', shape: [65536], atLeast: 7.5 },
  { loss: 'mse', target: 'elements', shape: [65536], atLeast: 8.5 },
  { loss: 'huber', target: 'elements', shape: [65536], atLeast: 20 },
  { loss: 'l1', target: 'elements', shape: [2 ** 24], atLeast: 1.9 },
  { loss: 'mse', target: 'elements', shape: [2 ** 24], atLeast: 1.9 },
  { loss: 'huber', target: 'elements', shape: [2 ** 24], atLeast: 1.9 },
];

export interface Goal {
  readonly name: string;
  readonly wanted: string;
  readonly measured: string;
  readonly reached: boolean;
}

/** The goals that these results speak of. */
export function goalsOf({ environment, module, cases }: Results): Goal[] {
  const byId = new Map<string, CaseResult>(cases.map((result) => [idOf(result), result]));
  const ratios = ratioGoals.flatMap(({ atLeast, ...spec }): Goal[] => {
    const name = idOf({ ...spec, operation: 'valueAndGrad' });
    const result = byId.get(name);
    if (environment.dtype !== 'f32' || result === undefined) return [];
    const measured = `${result.ratio}× (${result.p10}–${result.p90})`;
    return [{ name, wanted: `${atLeast}×`, measured, reached: result.ratio >= atLeast }];
  });
  return [
    ...ratios,
    {
      name: 'wasm, gzipped',
      wanted: 'at most 75 kB',
      measured: `${(module.gzip / 1000).toFixed(1)} kB (raw ${(module.raw / 1000).toFixed(1)} kB)`,
      reached: module.gzip <= 75_000,
    },
    {
      name: 'instantiate',
      wanted: 'at most 2 ms',
      measured: `${module.instantiate} ms (compile ${module.compile} ms, load() ${module.load} ms)`,
      reached: module.instantiate <= 2,
    },
  ];
}
