import { type Case, tensorOf } from '../case.ts';
import { type NotApplicable, type Plan, same, scaled } from '../plan.ts';

/** XGBoost's objectives: gradients and Hessians with two digits; it pins no values. */
export function mapXgboost(c: Case): Plan | NotApplicable {
  switch (c.loss) {
    case 'squared_error':
      return plan(c, 'mse', 0.5, false, 0.5);
    case 'logistic':
      return plan(c, 'bceWithLogits');
    case 'softmax':
      return plan(c, 'crossEntropy', 1, true, 2);
    default:
      return { notApplicable: `loss not in this version: ${c.loss}` };
  }
}

function plan(c: Case, loss: string, factor = 1, labels = false, hessianScale = 1): Plan {
  const weight = c.inputs.sample_weight;
  return {
    call: {
      loss,
      inputs: { input: tensorOf(c.inputs.raw_prediction), target: tensorOf(c.inputs.y_true) },
      labels,
      options: { reduction: 'sum', ...(weight && { sampleWeight: tensorOf(weight) }) },
      wrt: ['input'],
    },
    hessian: { hessianScale },
    value: same,
    grads: { raw_prediction: { from: 'input', convert: factor === 1 ? same : scaled(factor) } },
  };
}
