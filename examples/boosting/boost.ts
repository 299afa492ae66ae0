// Gradient boosting: each tree is grown on the derivatives of the loss at what the trees before it predict.
import type { LossFunctions } from 'simdloss';
import type { Objective } from './objectives.ts';
import { addTree, type Growth, growTree, type Tree, tableOf } from './tree.ts';

export interface Rows {
  /** [rows, features], row after row. */
  readonly x: Float32Array;
  readonly y: Float32Array;
}

export interface Boosted {
  readonly start: number;
  readonly rate: number;
  readonly features: number;
  readonly trees: readonly Tree[];
}

export const GROWTH: Growth = { depth: 3, lambda: 1, minHessianSum: 1 };
export const RATE = 0.1;
export const TREES = 100;

/** `start` is the score before the first tree; `sampleWeight` is a weight for each row. */
export function boost(
  F: LossFunctions,
  { prepare }: Objective,
  { x, y }: Rows,
  start: number,
  sampleWeight = new Float32Array(y.length).fill(1),
  count = TREES,
): Boosted {
  const features = x.length / y.length;
  return F.scope(() => {
    const scores = F.tensor(new Float32Array(y.length).fill(start));
    const { run, grad, hess } = prepare(F, scores, F.tensor(y), F.tensor(sampleWeight));
    const table = tableOf(x, features);
    const trees: Tree[] = [];
    while (trees.length < count) {
      run();
      const tree = growTree(table, grad, hess, GROWTH);
      addTree(tree, x, features, RATE, scores.data);
      trees.push(tree);
    }
    return { start, rate: RATE, features, trees };
  });
}

export function predict({ start, rate, features, trees }: Boosted, x: Float32Array): Float32Array {
  const scores = new Float32Array(x.length / features).fill(start);
  for (const tree of trees) addTree(tree, x, features, rate, scores);
  return scores;
}
