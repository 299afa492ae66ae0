// A linear model in plain TypeScript. The library's part is the loss; the matrix product is the example's own.
import { uniform } from './random.ts';

export interface Linear {
  readonly features: number;
  readonly outputs: number;
  /** [features, outputs] */
  readonly weights: Float32Array;
  /** [outputs] */
  readonly bias: Float32Array;
}

/** Small random weights: all zero, every output would be the same and a gradient check there would prove little. */
export function createLinear(features: number, outputs: number, seed: number): Linear {
  const random = uniform(seed);
  const spread = 1 / Math.sqrt(features);
  return {
    features,
    outputs,
    weights: Float32Array.from({ length: features * outputs }, () => (2 * random() - 1) * spread),
    bias: new Float32Array(outputs),
  };
}

/** out[row] = x[row] · weights + bias, as many rows as out has. */
export function forward(
  { features, outputs, weights, bias }: Linear,
  x: Float32Array,
  out: Float32Array,
): void {
  const rows = out.length / outputs;
  for (let row = 0; row < rows; row++) {
    const to = row * outputs;
    for (let output = 0; output < outputs; output++) out[to + output] = bias[output];
    for (let feature = 0; feature < features; feature++) {
      const value = x[row * features + feature];
      const from = feature * outputs;
      for (let output = 0; output < outputs; output++) out[to + output] += value * weights[from + output];
    }
  }
}

/**
 * One step down the slope. With g the loss's gradient with respect to the outputs, the gradient with respect to the
 * weights is xᵀ · g and with respect to the bias the sum of g's rows.
 */
export function descend(
  { features, outputs, weights, bias }: Linear,
  x: Float32Array,
  g: Float32Array,
  rate: number,
): void {
  const rows = g.length / outputs;
  for (let row = 0; row < rows; row++) {
    const from = row * outputs;
    for (let feature = 0; feature < features; feature++) {
      const step = rate * x[row * features + feature];
      const to = feature * outputs;
      for (let output = 0; output < outputs; output++) weights[to + output] -= step * g[from + output];
    }
    for (let output = 0; output < outputs; output++) bias[output] -= rate * g[from + output];
  }
}
