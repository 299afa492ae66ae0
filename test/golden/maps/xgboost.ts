import { type Case, tensorOf } from '../case.ts';
import { type NotApplicable, type Plan, same, scaled } from '../plan.ts';

/** XGBoost's objectives: gradients and Hessians with two digits; it pins no values. */
export function mapXgboost(c: Case): Plan | NotApplicable {
  switch (c.loss) {
    case 'squared_error':
      return plan(c, 'mse', { factor: 0.5, hessian: { hessianScale: 0.5 } });
    case 'logistic':
      return plan(c, 'bceWithLogits');
    case 'softmax':
      return plan(c, 'crossEntropy', { labels: true, hessian: { hessianScale: 2 } });
    case 'poisson':
      return plan(c, 'poissonNll', { hessian: { hessian: 'halley' } });
    case 'pseudo_huber':
      return plan(c, 'pseudoHuber', { options: { delta: c.params.huber_slope } });
    case 'squared_log_error':
      return plan(c, 'msle', { factor: 0.5, hessian: { hessianScale: 0.5, minHessian: 1e-6 } });
    case 'gamma':
      return plan(c, 'halfTweedie', { options: { power: 2 } });
    case 'tweedie':
      return plan(c, 'halfTweedie', { options: { power: c.params.tweedie_variance_power } });
    case 'expectile':
      return plan(c, 'expectile', {
        factor: 0.5,
        options: { quantile: c.params.expectile_alpha },
        hessian: { hessianScale: 0.5 },
      });
    case 'hinge':
      return plan(c, 'hinge', {
        options: { labels: 'binary' },
        hessian: { hessian: 'one', minHessian: 2 ** -126 },
      });
    default:
      return { notApplicable: `loss not in this version: ${c.loss}` };
  }
}

interface Meaning {
  readonly factor?: number;
  readonly labels?: boolean;
  readonly options?: object;
  readonly hessian?: object;
}

function plan(
  c: Case,
  loss: string,
  { factor = 1, labels = false, options = {}, hessian = {} }: Meaning = {},
): Plan {
  const weight = c.inputs.sample_weight;
  return {
    call: {
      loss,
      inputs: { input: tensorOf(c.inputs.raw_prediction), target: tensorOf(c.inputs.y_true) },
      labels,
      options: { ...options, reduction: 'sum', ...(weight && { sampleWeight: tensorOf(weight) }) },
      wrt: ['input'],
    },
    hessian,
    value: same,
    grads: { raw_prediction: { from: 'input', convert: factor === 1 ? same : scaled(factor) } },
  };
}
