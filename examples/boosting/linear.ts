// What boosting has to be compared with: a linear model of the same loss, and one without features, which is a constant.
import type { LossFunctions } from 'simdloss';
import type { Rows } from './boost.ts';
import type { Objective } from './objectives.ts';

const STEPS = 200;
/** On the weights, not on the intercept. */
const RIDGE = 1;

/** The intercept, then a weight for each feature. */
export type Weights = Float64Array;

/**
 * Newton's method on the loss's derivatives: for mse the first step is least squares. Later steps are shorter, since with a
 * constant in place of the second derivative (pinball) they would go to and fro for ever.
 */
export function fitLinear(
  F: LossFunctions,
  { prepare }: Objective,
  { x, y }: Rows,
  sampleWeight = new Float32Array(y.length).fill(1),
): Weights {
  const features = x.length / y.length;
  const size = features + 1;
  const weights = new Float64Array(size);
  const column = (row: number, j: number): number => (j === 0 ? 1 : x[row * features + j - 1]);
  return F.scope(() => {
    const scores = F.zeros([y.length]);
    const { run, grad, hess } = prepare(F, scores, F.tensor(y), F.tensor(sampleWeight));
    for (let step = 0; step < STEPS; step++) {
      scores.data.set(predictLinear(weights, x, y.length));
      run();
      const slope = weights.map((w, j) => (j === 0 ? 0 : RIDGE * w));
      const curvature = Array.from({ length: size }, (_, j) => {
        const line = new Float64Array(size);
        if (j > 0) line[j] = RIDGE;
        return line;
      });
      for (let row = 0; row < y.length; row++) {
        for (let j = 0; j < size; j++) {
          slope[j] += grad[row] * column(row, j);
          const weighted = hess[row] * column(row, j);
          for (let k = 0; k < size; k++) curvature[j][k] += weighted * column(row, k);
        }
      }
      const rate = 1 / (1 + step / 10);
      solve(curvature, slope).forEach((change, j) => {
        weights[j] -= rate * change;
      });
    }
    return weights;
  });
}

/** The best constant: a linear model of no features. */
export const fitConstant = (
  F: LossFunctions,
  objective: Objective,
  { y }: Rows,
  sampleWeight?: Float32Array<ArrayBuffer>,
): number => fitLinear(F, objective, { x: new Float32Array(0), y }, sampleWeight)[0];

export function predictLinear(weights: Weights, x: Float32Array, rows: number): Float32Array {
  const features = weights.length - 1;
  return Float32Array.from({ length: rows }, (_, row) => {
    let score = weights[0];
    for (let j = 0; j < features; j++) score += weights[j + 1] * x[row * features + j];
    return score;
  });
}

/** a z = b for a symmetric positive definite a, by elimination without pivots; both are overwritten. */
function solve(a: Float64Array[], b: Float64Array): Float64Array {
  const n = b.length;
  for (let i = 0; i < n; i++) {
    for (let row = i + 1; row < n; row++) {
      const factor = a[row][i] / a[i][i];
      for (let k = i; k < n; k++) a[row][k] -= factor * a[i][k];
      b[row] -= factor * b[i];
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) b[i] -= a[i][k] * b[k];
    b[i] /= a[i][i];
  }
  return b;
}
