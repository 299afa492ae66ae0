import { rowsOf, sizeOf } from '../../reference/tensor.ts';
import { inverse, mapTensor, permutation, reshape, sumAlong } from '../arrays.ts';
import { type Case, type Tensor, tensorOf } from '../case.ts';
import { type Convert, type LossCall, type NotApplicable, type Plan, same, scaled } from '../plan.ts';

/** Some tests run optax in float32 and record what comes out as float64. */
const single = { value: { rtol: 1e-6, atol: 1e-7 } };

export function mapOptax(c: Case): Plan | NotApplicable {
  const plan = planOf(c);
  return !('notApplicable' in plan) && c.inputs.logits?.dtype === 'f32'
    ? { precision: single, ...plan }
    : plan;
}

function planOf(c: Case): Plan | NotApplicable {
  const logits = c.inputs.logits && tensorOf(c.inputs.logits);
  const labels = c.inputs.labels && tensorOf(c.inputs.labels);
  switch (c.loss) {
    case 'huber':
      return ofPredictions(c, 'huber', { delta: c.params.delta });
    case 'hinge': {
      const { predictor_outputs: scores, targets } = c.inputs;
      const options = { reduction: c.params.reduction };
      return simple('hinge', tensorOf(scores), tensorOf(targets), 'predictor_outputs', options);
    }
    case 'log_cosh':
      return ofPredictions(c, 'logCosh');
    case 'squared_error':
      return ofPredictions(c, 'mse');
    case 'l2':
      return halved(ofPredictions(c, 'mse'));
    case 'bce_with_logits':
      return simple('bceWithLogits', logits, labels, 'logits', { reduction: c.params.reduction });
    case 'sigmoid_focal':
      return simple('sigmoidFocal', logits, labels, 'logits', c.params);
    case 'cross_entropy':
      return integerLabels(c, logits, labels);
    case 'cross_entropy_probs':
      return softLabels(c, logits, labels);
    case 'poly_cross_entropy':
      return softLabels(c, logits, labels, 'polyCrossEntropy', { epsilon: c.params.epsilon });
    case 'kl_div':
      return divergence(c);
    case 'cosine_distance':
      return cosine(c);
    case 'cosine_similarity':
      return lessOne(cosine(c));
    case 'triplet_margin':
      return triplet(c);
    case 'ntxent':
      return pairs(c);
    case 'dice':
    case 'dice_binary':
      return dice(c);
    case 'ranking_softmax':
      return ranking(c, logits, labels);
    default:
      return { notApplicable: `loss not in this version: ${c.loss}` };
  }
}

function simple(
  loss: string,
  input: Tensor,
  target: Tensor,
  gradient: string,
  options: object,
  labels = false,
): Plan {
  const call: LossCall = { loss, inputs: { input, target }, labels, options, wrt: ['input'] };
  return { call, value: same, grads: { [gradient]: { from: 'input', convert: same } } };
}

/** Predictions without targets are errors already. */
function ofPredictions({ inputs, params }: Case, loss: string, options: object = {}): Plan {
  const predictions = tensorOf(inputs.predictions);
  const targets = inputs.targets ? tensorOf(inputs.targets) : mapTensor(predictions, () => 0);
  return simple(loss, predictions, targets, 'predictions', { ...options, reduction: params.reduction });
}

/** A feature that the mask leaves out is 0 in both. */
function cosine({ inputs, params }: Case): Plan {
  const where = inputs.where && tensorOf(inputs.where).data;
  const masked = (t: Tensor): Tensor => mapTensor(t, (v, i) => (where && !where[i] ? 0 : v));
  const [input, target] = [inputs.predictions, inputs.targets].map((t) => masked(tensorOf(t)));
  const { epsilon: eps, axis, reduction } = params;
  return simple('cosineDistance', input, target, 'predictions', { eps, axis, reduction });
}

/** The similarity is what the distance lacks to 1. */
const lessOne = (plan: Plan): Plan => ({
  ...plan,
  value: (from) => from.map((v) => 1 - v),
  grads: { predictions: { from: 'input', convert: scaled(-1) } },
});

/** Its mean is that over a sample's classes; of one class it takes the sigmoid where it is told to take softmax. */
function dice(c: Case): Plan {
  const { params } = c;
  const [input, target] = [c.inputs.predictions, c.inputs.targets].map((t) => {
    const tensor = tensorOf(t);
    const isBare = c.loss === 'dice_binary' && tensor.shape.at(-1) !== 1;
    return isBare ? reshape(tensor, [...tensor.shape, 1]) : tensor;
  });
  const isOne = input.shape.at(-1) === 1;
  const isMade = params.apply_sigmoid || params.apply_softmax;
  const plan = simple('dice', input, target, 'predictions', {
    fromLogits: isMade ? (isOne ? 'sigmoid' : 'softmax') : false,
    smooth: params.smooth,
    alpha: params.alpha,
    beta: params.beta,
    ignoreBackground: params.ignore_background,
    ...(c.inputs.class_weights && { classWeight: tensorOf(c.inputs.class_weights) }),
    reduction: 'none',
  });
  const classes = input.shape.at(-1)!;
  plan.value = averaged(classes);
  plan.grads.predictions.convert = scaled(1 / classes);
  return plan;
}

/** The means of so many numbers at a time. */
const averaged =
  (n: number): Convert =>
  (from) =>
    Array.from(
      { length: from.length / n },
      (_, i) => from.slice(i * n, (i + 1) * n).reduce((a, b) => a + b, 0) / n,
    );

/** optax adds eps inside the root: the square of one more feature, in which the anchor differs from both others. */
function triplet({ inputs, params }: Case): Plan {
  const { eps, margin, norm_degree: p, reduction } = params;
  const longer = (of: string, feature: number): Tensor => {
    const { data, shape } = tensorOf(inputs[of]);
    const [rows, size] = shape;
    const row = (i: number): number[] => [...data.slice(i * size, (i + 1) * size), feature];
    return { data: Array.from({ length: rows }, (_, i) => row(i)).flat(), shape: [rows, size + 1] };
  };
  const input = longer('anchors', Math.sqrt(eps as number));
  const third = longer('negatives', 0);
  const options = { margin, p, eps: 0, reduction, third };
  const plan = simple('tripletMargin', input, longer('positives', 0), 'anchors', options);
  const size = input.shape[1];
  plan.grads.anchors.convert = (from) => from.filter((_, i) => i % size < size - 1);
  return plan;
}

/** Its value is the mean, whatever the reduction is called. */
function pairs({ inputs, params }: Case): Plan {
  const [rows, labels] = [inputs.embeddings, inputs.labels].map((t) => tensorOf(t));
  const { temperature } = params;
  return simple('ntxent', rows, labels, 'embeddings', { temperature, reduction: 'mean' }, true);
}

/** ½(x − t)² */
const halved = (plan: Plan): Plan => ({
  ...plan,
  value: scaled(0.5),
  grads: { predictions: { from: 'input', convert: scaled(0.5) } },
});

/** A reshape that makes any one axis the class axis of (N, C, d), with the options that name it. */
function classAxis(shape: number[], axis: number): { shape: number[]; options: { axis?: number } } {
  const k = axis < 0 ? axis + shape.length : axis;
  if (k === shape.length - 1) return { shape, options: { axis: -1 } };
  if (k === 1) return { shape, options: {} };
  return { shape: [sizeOf(shape.slice(0, k)), shape[k], sizeOf(shape.slice(k + 1))], options: {} };
}

function integerLabels(c: Case, logits: Tensor, labels: Tensor): Plan {
  const axes = [c.params.axis as number | number[]].flat().map((a) => (a < 0 ? a + logits.shape.length : a));
  if (axes.length === 1) {
    const { shape, options } = classAxis(logits.shape, axes[0]);
    const rows = rowsOf(shape, options.axis).shape;
    return simple(
      'crossEntropy',
      reshape(logits, shape),
      reshape(labels, rows),
      'logits',
      { ...options, reduction: 'none' },
      true,
    );
  }
  // Several axes together are the classes: move them to the end and make one of them.
  const others = logits.shape.map((_, k) => k).filter((k) => !axes.includes(k));
  const from = permutation(logits.shape, [...others, ...axes]);
  const rows = others.map((k) => logits.shape[k]);
  const input = {
    data: from.map((at) => logits.data[at]),
    shape: [...rows, sizeOf(axes.map((k) => logits.shape[k]))],
  };
  const plan = simple('crossEntropy', input, labels, 'logits', { axis: -1, reduction: 'none' }, true);
  plan.grads.logits.convert = inverse(from);
  return plan;
}

/** What is masked has no share of the labels either. */
function softLabels(c: Case, logits: Tensor, labels: Tensor, loss = 'crossEntropy', more: object = {}): Plan {
  const where = c.inputs.where && tensorOf(c.inputs.where);
  const { shape, options } = classAxis(logits.shape, (c.params.axis as number) ?? -1);
  return simple(
    loss,
    reshape(logits, shape),
    reshape(
      mapTensor(labels, (v, i) => (where && !where.data[i] ? 0 : v)),
      shape,
    ),
    'logits',
    { ...options, ...more, reduction: 'none', ...(where && { mask: reshape(where, shape) }) },
  );
}

/** Elements that the mask leaves out have sample weight 0; optax then sums over an axis. */
function divergence(c: Case): Plan {
  const input = tensorOf(c.inputs.log_predictions);
  const logTarget = 'log_targets' in c.inputs;
  const target = tensorOf(c.inputs[logTarget ? 'log_targets' : 'targets']);
  const plan = simple('klDiv', input, target, 'log_predictions', {
    reduction: 'none',
    ...(logTarget && { logTarget }),
    ...(c.inputs.where && { sampleWeight: tensorOf(c.inputs.where) }),
  });
  return { ...plan, value: sumAlong(input.shape, c.params.axis as number) };
}

/** Cross entropy whose probabilities are the relevances; a list without a valid item is not read. */
function ranking(c: Case, logits: Tensor, labels: Tensor): Plan {
  const where = c.inputs.where ? tensorOf(c.inputs.where).data : labels.data.map(() => 1);
  const weights = c.inputs.weights ? tensorOf(c.inputs.weights).data : labels.data.map(() => 1);
  const rows = rowsOf(logits.shape, -1);
  const lists = Array.from({ length: sizeOf(rows.shape) }, (_, r) =>
    Number(Array.from({ length: rows.classes }, (_, j) => where[rows.at(r, j)]).some(Boolean)),
  );
  return simple(
    'crossEntropy',
    logits,
    mapTensor(labels, (v, i) => (where[i] ? v * weights[i] : 0)),
    'logits',
    {
      axis: -1,
      reduction: c.params.reduction,
      sampleWeight: { data: lists, shape: rows.shape },
      ...(c.inputs.where && { mask: tensorOf(c.inputs.where) }),
    },
  );
}
