import { broadcastIndex } from '../../reference/tensor.ts';
import { expand, full, mapTensor, sumAlong } from '../arrays.ts';
import { type Case, type Tensor, tensorOf } from '../case.ts';
import { type LossCall, type NotApplicable, type Plan, same, scaled } from '../plan.ts';
import { chain, normalised, through } from './probabilities.ts';
import { averagedRows } from './rows.ts';

/** tfjs computes gradients in float32. */
const precision = { grads: { rtol: 2e-6, atol: 3e-7 } };
const epsilon = 1e-7;

type Core = { loss: string; options?: object };
const core: Record<string, (params: Case['params']) => Core> = {
  mae: () => ({ loss: 'l1' }),
  mse: () => ({ loss: 'mse' }),
  huber: ({ delta }) => ({ loss: 'huber', options: { delta } }),
  log_loss: ({ epsilon: eps }) => ({ loss: 'bce', options: { eps, epsMode: 'add' } }),
  hinge: () => ({ loss: 'hinge', options: { labels: 'binary' } }),
  cosine_distance: ({ axis }) => ({ loss: 'cosineDistance', options: { axis, normalize: false } }),
  bce_with_logits: ({ labelSmoothing = 0 }) => ({ loss: 'bceWithLogits', options: { labelSmoothing } }),
  cross_entropy_probs: ({ labelSmoothing }) => ({ loss: 'crossEntropy', options: { labelSmoothing } }),
};

export function mapTfjs(c: Case): Plan | NotApplicable {
  const plan = 'y_true' in c.inputs ? layersPlan(c) : corePlan(c);
  return 'notApplicable' in plan ? plan : { precision, ...plan };
}

/** tf.losses.*: weights broadcast to the losses, and a reduction of their products. */
function corePlan(c: Case): Plan | NotApplicable {
  if (c.loss === 'weighted_reduce') return linearPlan(c);
  if (!(c.loss in core)) return { notApplicable: `loss not in this version: ${c.loss}` };
  const { loss, options } = core[c.loss](c.params);
  const name = 'logits' in c.inputs ? 'logits' : 'predictions';
  const input = tensorOf(c.inputs[name]);
  const call: LossCall = {
    loss,
    inputs: { input, target: tensorOf(c.inputs.labels) },
    labels: false,
    options: { ...options },
    wrt: ['input'],
  };
  if (loss === 'cosineDistance') return cosinePlan(c, call, name);
  return weighted(c, call, loss === 'crossEntropy' ? input.shape.slice(0, -1) : input.shape, name);
}

/** tfjs keeps the axis of the features, of length 1. */
function cosinePlan(c: Case, call: LossCall, name: string): Plan {
  const axis = c.params.axis as number;
  const { shape } = call.inputs.input;
  const plan = weighted(
    c,
    call,
    shape.map((d, k) => (k === axis ? 1 : d)),
    name,
  );
  const { sampleWeight } = call.options;
  if (sampleWeight)
    call.options.sampleWeight = { ...(sampleWeight as Tensor), shape: shape.filter((_, k) => k !== axis) };
  return plan;
}

/** computeWeightedLoss reduces any numbers: nll over one class, whose value is minus its input. */
function linearPlan(c: Case): Plan {
  const losses = tensorOf(c.inputs.losses);
  const input = { data: losses.data.map((v) => -v), shape: [losses.data.length, 1] };
  const call: LossCall = {
    loss: 'nll',
    inputs: { input, target: full([losses.data.length], 0) },
    labels: true,
    options: {},
    wrt: ['input'],
  };
  const plan = weighted(c, call, losses.shape, 'losses');
  const { sampleWeight } = call.options;
  if (sampleWeight) call.options.sampleWeight = { ...(sampleWeight as Tensor), shape: [losses.data.length] };
  return through(plan, 'losses', scaled(-1), same);
}

/** Expresses tfjs's reductions: its mean divides by the sum of the weights, its default by how many are not 0. */
function weighted(c: Case, call: LossCall, lossShape: number[], gradient: string): Plan {
  const reduction = c.params.reduction!;
  const plan: Plan = { call, value: same, grads: { [gradient]: { from: 'input', convert: same } } };
  call.options.reduction = reduction === 'sum_by_nonzero_weights' ? 'mean' : (reduction as 'mean');
  if (!c.inputs.weights) return plan;
  const { perLoss, nonzero } = spread(tensorOf(c.inputs.weights), lossShape);
  call.options.sampleWeight = perLoss;
  if (reduction === 'sum_by_nonzero_weights') {
    call.options.reduction = 'sum';
    plan.value = scaled(1 / nonzero);
    plan.grads[gradient].convert = scaled(1 / nonzero);
  }
  return plan;
}

/** What each loss is multiplied by in all, where weights and losses broadcast against each other. */
function spread(weights: Tensor, lossShape: number[]): { perLoss: Tensor; nonzero: number } {
  const rank = Math.max(weights.shape.length, lossShape.length);
  const padded = (shape: number[]): number[] => [...new Array(rank - shape.length).fill(1), ...shape];
  const [w, l] = [padded(weights.shape), padded(lossShape)];
  const product = w.map((d, k) => Math.max(d, l[k]));
  const whole = expand(weights, product);
  const lossAt = broadcastIndex(lossShape, product);
  const perLoss = full(lossShape, 0);
  whole.data.forEach((v, i) => {
    perLoss.data[lossAt(i)] += v;
  });
  return { perLoss, nonzero: whole.data.filter((v) => v !== 0).length };
}

/** tfjs-layers: Keras's functions, a mean or a sum over the last axis and no reduction. */
function layersPlan(c: Case): Plan | NotApplicable {
  const input = tensorOf(c.inputs.y_pred);
  const target = tensorOf(c.inputs.y_true);
  const averaged = (loss: string, options?: object): Plan =>
    averagedRows({ loss, input, target, options }, 'y_pred', 'none');
  switch (c.loss) {
    case 'mae':
      return averaged('l1');
    case 'mse':
      return averaged('mse');
    case 'log_cosh':
      return averaged('logCosh');
    case 'mape':
      return averaged('mape', { eps: epsilon });
    case 'msle':
      return averaged('msle', { eps: epsilon });
    case 'hinge':
      return averaged('hinge');
    case 'squared_hinge':
      return averaged('squaredHinge');
    case 'poisson':
      return averaged('poissonNll', { logInput: false, eps: epsilon });
    case 'bce':
      return averaged('bce', { eps: epsilon });
    case 'bce_with_logits':
      return unreduced('bceWithLogits', input, target);
    case 'categorical_crossentropy':
      if (c.params.from_logits) return unreduced('crossEntropy', input, target, { axis: -1 });
      return ofProbabilities(input, target, false);
    case 'sparse_categorical_crossentropy':
      return ofProbabilities(input, target, true);
    case 'cosine_proximity': {
      const plan = unreduced('cosineDistance', input, target);
      return { ...plan, value: (from) => from.map((v) => v - 1) };
    }
    case 'kl_divergence':
      return divergence(input, target);
    default:
      return { notApplicable: `loss not in this version: ${c.loss}` };
  }
}

function unreduced(loss: string, input: Tensor, target: Tensor, options: object = {}, labels = false): Plan {
  return {
    call: {
      loss,
      inputs: { input, target },
      labels,
      options: { ...options, reduction: 'none' },
      wrt: ['input'],
    },
    value: same,
    grads: { y_pred: { from: 'input', convert: same } },
  };
}

function ofProbabilities(input: Tensor, target: Tensor, labels: boolean): Plan {
  const { p, back, bound } = normalised(input, -1);
  const options = { axis: -1, fromLogits: false, eps: epsilon };
  return through(unreduced('crossEntropy', p, target, options, labels), 'y_pred', back, bound);
}

/** Σ y·log(y/p), both clipped to [1e−7, 1]: klDiv of log p, and 1/p on the gradient's way back. */
function divergence(p: Tensor, y: Tensor): Plan {
  const clip = (t: Tensor): Tensor => mapTensor(t, (v) => Math.min(Math.max(v, epsilon), 1));
  const plan = unreduced('klDiv', mapTensor(clip(p), Math.log), clip(y));
  // tfjs records 0 where y was clipped up to 1e−7.
  plan.precision = { grads: { rtol: 2e-6, atol: 1.1e-6 } };
  return through({ ...plan, value: sumAlong(p.shape, -1) }, 'y_pred', chain(p.data.map((v) => 1 / v)));
}
