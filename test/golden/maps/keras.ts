import { sizeOf } from '../../reference/tensor.ts';
import { expand, mapTensor, squeezeTo } from '../arrays.ts';
import { type Case, type Tensor, tensorOf } from '../case.ts';
import { type LossCall, type NotApplicable, type Plan, same, scaled } from '../plan.ts';
import { chain, normalised, through } from './probabilities.ts';
import { atRows, averagedRows, type RowReduction, weightedRows } from './rows.ts';

/** Keras clips probabilities to [1e−7, 1 − 1e−7]. */
const epsilon = 1e-7;

/** In float32 the upper end is 1 − 2⁻²³; three cases expect that number, from the probabilities 0 and 1. */
const epsilonF32 = 2 ** -23;

const elementwise: Record<string, string> = { mae: 'l1', mse: 'mse', log_cosh: 'logCosh', mape: 'mape' };

/** Keras computes weights and averages in float32; its gradients are good for 2e−7. */
const precision = { grads: { rtol: 3e-7, atol: 3e-9 } };

export function mapKeras(c: Case): Plan | NotApplicable {
  const plan = planOf(c);
  return 'notApplicable' in plan ? plan : { ...plan, precision };
}

function planOf(c: Case): Plan | NotApplicable {
  const target = tensorOf(c.inputs.y_true);
  const input = tensorOf(c.inputs.y_pred);
  const weight = c.inputs.sample_weight && tensorOf(c.inputs.sample_weight);
  const reduction = c.params.reduction as RowReduction;
  const averaged = (loss: string, t: Tensor, options: object = {}): Plan =>
    averagedRows({ loss, input, target: t, options }, 'y_pred', reduction, weight);
  switch (c.loss) {
    case 'mae':
    case 'mse':
    case 'log_cosh':
    case 'mape':
      return averaged(elementwise[c.loss], target);
    case 'msle':
      return averaged('msle', target, { eps: epsilon });
    case 'huber':
      return averaged('huber', target, { delta: c.params.delta });
    case 'hinge':
    case 'squared_hinge':
      return averaged(c.loss === 'hinge' ? 'hinge' : 'squaredHinge', target, labelsOf(target));
    case 'poisson':
      return averaged('poissonNll', target, { logInput: false, eps: epsilon });
    case 'bce':
      return averaged(c.params.from_logits ? 'bceWithLogits' : 'bce', target, {
        labelSmoothing: c.params.label_smoothing,
        ...(!c.params.from_logits && { eps: usesF32(c) ? epsilonF32 : epsilon }),
      });
    case 'binary_focal_crossentropy':
      return focal(c, input, target, weight);
    case 'categorical_focal_crossentropy':
    case 'categorical_crossentropy':
    case 'sparse_categorical_crossentropy':
      return categorical(c, input, target, weight);
    case 'cosine_similarity':
      return cosine(c, input, target, weight);
    case 'kl_divergence':
      return divergence(input, target, weight);
    case 'dice':
    case 'tversky':
      return dice(c, input, target);
    case 'ctc':
      return {
        notApplicable: 'semantics: a blank within the target is no label (Keras: one like the others)',
      };
    default:
      return { notApplicable: `loss not in this version: ${c.loss}` };
  }
}

/** Keras's loss is −c: the distance less 1, of each row that counts. */
function cosine(c: Case, input: Tensor, target: Tensor, weight?: Tensor): Plan {
  const axis = c.params.axis as number;
  const at = axis < 0 ? axis + input.shape.length : axis;
  const rowShape = input.shape.filter((_, k) => k !== at);
  const reduction = c.params.reduction as RowReduction;
  const plan = weightedRows(
    { loss: 'cosineDistance', input, target, labels: false, options: { axis, eps: epsilon } },
    'y_pred',
    reduction,
    rowShape,
    weight,
  );
  const { sampleWeight } = (plan.call as LossCall).options;
  const weights = (sampleWeight as Tensor | undefined)?.data ?? new Array(sizeOf(rowShape)).fill(1);
  const ones = weights.reduce((a, b) => a + b, 0) / weights.length;
  const { value } = plan;
  plan.value = (from) => value(from).map((v) => v - ones);
  return plan;
}

/** Of all elements together, or of each sample's: Keras adds 1e−7 to both parts of twice the fraction of Dice, and once of Tversky's. */
function dice(c: Case, input: Tensor, target: Tensor): Plan {
  const { alpha, beta, axis } = c.params;
  const shape =
    axis === undefined ? [1, sizeOf(input.shape), 1] : [input.shape[0], sizeOf(input.shape.slice(1)), 1];
  const call: LossCall = {
    loss: 'dice',
    inputs: { input: { ...input, shape }, target: { ...target, shape } },
    labels: false,
    options: {
      fromLogits: false,
      alpha: alpha as number | undefined,
      beta: beta as number | undefined,
      smooth: 0,
      denominatorEps: c.loss === 'dice' ? epsilon / 2 : epsilon,
      reduction: 'none',
    },
    wrt: ['input'],
  };
  return { call, value: same, grads: { y_pred: { from: 'input', convert: same } } };
}

/** Keras takes labels for 0 and 1 where all of them are. */
const labelsOf = ({ data }: Tensor): object =>
  data.every((y) => y === 0 || y === 1) ? { labels: 'binary' } : {};

const usesF32 = (c: Case): boolean => c.source.grads_origin.includes('f32 value of 1-1e-7');

/** Probabilities are the sigmoid of their logits; Keras clips them in the cross entropy, which a right answer of 0 or 1 does not feel. */
function focal(c: Case, input: Tensor, target: Tensor, weight?: Tensor): Plan {
  const { gamma, alpha, label_smoothing: labelSmoothing, apply_class_balancing: isBalanced } = c.params;
  const options = { gamma, labelSmoothing, ...(isBalanced ? { alpha } : {}) };
  const reduction = c.params.reduction as RowReduction;
  const rows = (x: Tensor): Plan =>
    averagedRows({ loss: 'sigmoidFocal', input: x, target, options }, 'y_pred', reduction, weight);
  if (c.params.from_logits) return rows(input);
  const logits = mapTensor(input, (p) => Math.log(p / (1 - p)));
  return through(rows(logits), 'y_pred', chain(input.data.map((p) => 1 / Math.max(p * (1 - p), epsilon))));
}

function categorical(c: Case, input: Tensor, y: Tensor, weight?: Tensor): Plan {
  const sparse = c.loss.startsWith('sparse');
  const isFocal = c.loss === 'categorical_focal_crossentropy';
  const axis = (c.params.axis as number) < 0 ? input.shape.length - 1 : (c.params.axis as number);
  const rowShape = input.shape.filter((_, k) => k !== axis);
  const target = sparse ? squeezeTo(rowShape.length, y) : y;
  const options: Record<string, unknown> = axis === 1 ? {} : { axis: -1 };
  if (isFocal) Object.assign(options, { gamma: c.params.gamma, alpha: c.params.alpha });
  if (c.params.label_smoothing) options.labelSmoothing = c.params.label_smoothing;
  if (c.params.ignore_class !== undefined) options.ignoreIndex = c.params.ignore_class;
  const reduction = c.params.reduction as RowReduction;
  const rows = (x: Tensor, more: object = {}): Plan =>
    weightedRows(
      {
        loss: isFocal ? 'categoricalFocal' : 'crossEntropy',
        input: x,
        target,
        labels: sparse,
        options: { ...options, ...more },
      },
      'y_pred',
      reduction,
      rowShape,
      weight,
    );
  if (c.params.from_logits) return rows(input);
  const { p, back, bound } = normalised(input, axis);
  return through(rows(p, { fromLogits: false, eps: epsilon }), 'y_pred', back, bound);
}

/** Σ y·log(y/p) over the last axis, both clipped to [1e−7, 1]: klDiv of log p, and 1/p on the gradient's way back. */
function divergence(p: Tensor, y: Tensor, weight?: Tensor): Plan {
  const clip = (t: Tensor): Tensor => mapTensor(t, (v) => Math.min(Math.max(v, epsilon), 1));
  const rows = p.data.length / p.shape.at(-1)!;
  const plan: Plan = {
    call: {
      loss: 'klDiv',
      inputs: { input: mapTensor(clip(p), Math.log), target: clip(y) },
      labels: false,
      options: {
        reduction: 'sum',
        ...(weight && { sampleWeight: expand(atRows(weight, p.shape), p.shape) }),
      },
      wrt: ['input'],
    },
    value: scaled(1 / rows),
    grads: { y_pred: { from: 'input', convert: scaled(1 / rows) } },
  };
  return through(plan, 'y_pred', chain(p.data.map((v) => 1 / v)));
}
