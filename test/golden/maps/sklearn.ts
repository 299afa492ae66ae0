import { type Case, tensorOf } from '../case.ts';
import { type NotApplicable, type Plan, same, scaled } from '../plan.ts';

/** scikit-learn's losses: per sample, times the sample weight. Where a loss has no curvature its Hessian is 1. */
export function mapSklearn(c: Case): Plan | NotApplicable {
  switch (c.loss) {
    case 'absolute_error':
      return plan(c, 'l1');
    case 'huber':
      return plan(c, 'huber', { delta: c.params.delta });
    case 'half_binomial':
      return plan(c, 'bceWithLogits');
    case 'half_multinomial':
      return plan(c, 'crossEntropy', {}, 1, true);
    case 'pinball':
      return plan(c, 'pinball', { quantile: c.params.quantile });
    case 'half_tweedie_log':
      return plan(c, 'halfTweedie', { power: c.params.power });
    case 'half_tweedie_identity':
      return plan(c, 'halfTweedie', { power: c.params.power, link: 'identity' });
    default:
      return { notApplicable: `loss not in this version: ${c.loss}` };
  }
}

function plan(c: Case, loss: string, options: object = {}, factor = 1, labels = false): Plan {
  const weight = c.inputs.sample_weight;
  const convert = factor === 1 ? same : scaled(factor);
  return {
    call: {
      loss,
      inputs: { input: tensorOf(c.inputs.raw_prediction), target: tensorOf(c.inputs.y_true) },
      labels,
      options: { ...options, reduction: 'none', ...(weight && { sampleWeight: tensorOf(weight) }) },
      wrt: ['input'],
    },
    hessian: loss === 'l1' || loss === 'pinball' ? { hessian: 'one' } : {},
    value: convert,
    grads: { raw_prediction: { from: 'input', convert } },
  };
}
