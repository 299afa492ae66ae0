// From a model's outputs to the loss and its gradient with respect to those outputs, for the six losses of this example.
import type { FloatDType, LossFunctions, Tensor } from 'simdloss';

export type LossName = 'l1' | 'mse' | 'bce' | 'bceWithLogits' | 'nll' | 'crossEntropy';
/** Numbers, or class indices for nll and crossEntropy. */
export type Targets = Tensor<FloatDType | 'i32'>;

export interface LossStep {
  /** Reads the outputs as they are now, writes the gradient, returns the mean loss. */
  run(): number;
  readonly grad: Tensor<FloatDType>;
}

/**
 * Checks shapes and makes room once. bce wants probabilities and nll log-probabilities, so their steps start with
 * sigmoid or logSoftmax and end with its backward; bceWithLogits and crossEntropy do the same in one pass.
 */
export function prepareLoss(
  F: LossFunctions,
  name: LossName,
  outputs: Tensor<FloatDType>,
  target: Targets,
): LossStep {
  const grad = F.zeros(outputs.shape, outputs.dtype);
  const out = { out: grad };
  const numbers = target as Tensor<FloatDType>;
  const labels = target as Tensor<'i32'>;
  switch (name) {
    case 'l1':
      return { run: F.l1.prepare(outputs, numbers, out), grad };
    case 'mse':
      return { run: F.mse.prepare(outputs, numbers, out), grad };
    case 'bceWithLogits':
      return { run: F.bceWithLogits.prepare(outputs, numbers, out), grad };
    case 'crossEntropy':
      return { run: F.crossEntropy.prepare(outputs, labels, out), grad };
    case 'bce': {
      const probabilities = F.zeros(outputs.shape, outputs.dtype);
      const step = F.bce.prepare(probabilities, numbers, out);
      const run = () => {
        F.sigmoid(outputs, { out: probabilities });
        const value = step();
        F.sigmoid.grad(probabilities, grad, out);
        return value;
      };
      return { run, grad };
    }
    case 'nll': {
      const logProbabilities = F.zeros(outputs.shape, outputs.dtype);
      const step = F.nll.prepare(logProbabilities, labels, out);
      const run = () => {
        F.logSoftmax(outputs, { out: logProbabilities });
        const value = step();
        F.logSoftmax.grad(logProbabilities, grad, out);
        return value;
      };
      return { run, grad };
    }
  }
}
