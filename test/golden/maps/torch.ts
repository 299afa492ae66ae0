import { inputsByRole, isProjection, ROLES } from '../../losses/roles.ts';
import type { HelperName } from '../../reference/index.ts';
import type { LossName } from '../../rows/row.ts';
import { type Case, tensorOf } from '../case.ts';
import type { NotApplicable, Plan, SequenceCall, Source } from '../plan.ts';
import { same } from '../plan.ts';

const names: Record<string, string> = {
  l1: 'l1',
  mse: 'mse',
  smooth_l1: 'smoothL1',
  huber: 'huber',
  nll: 'nll',
  cross_entropy: 'crossEntropy',
  linear_cross_entropy: 'linearCrossEntropy',
  bce: 'bce',
  bce_with_logits: 'bceWithLogits',
  kl_div: 'klDiv',
  gaussian_nll: 'gaussianNll',
  poisson_nll: 'poissonNll',
  soft_margin: 'softMargin',
  hinge_embedding: 'hingeEmbedding',
  margin_ranking: 'marginRanking',
  cosine_embedding: 'cosineEmbedding',
  triplet_margin: 'tripletMargin',
  multi_margin: 'multiMargin',
  multilabel_margin: 'multilabelMargin',
  multilabel_soft_margin: 'multilabelSoftMargin',
};

const params: Record<string, string> = {
  reduction: 'reduction',
  ignore_index: 'ignoreIndex',
  label_smoothing: 'labelSmoothing',
  log_target: 'logTarget',
  from_logits: 'fromLogits',
  eps_mode: 'epsMode',
  eps: 'eps',
  beta: 'beta',
  delta: 'delta',
  axis: 'axis',
  full: 'full',
  log_input: 'logInput',
  margin: 'margin',
  p: 'p',
  swap: 'swap',
};

const tensors: Record<string, string> = {
  weight: 'weight',
  pos_weight: 'posWeight',
  sample_weight: 'sampleWeight',
  linear_bias: 'linearBias',
};

const helpers: Record<string, HelperName> = {
  softmax: 'softmax',
  log_softmax: 'logSoftmax',
  log_sum_exp: 'logSumExp',
  sigmoid: 'sigmoid',
};

function helperPlan(c: Case): Plan {
  return {
    call: {
      helper: helpers[c.loss],
      input: tensorOf(c.inputs.input),
      ...(c.params.axis !== undefined && { axis: c.params.axis as number }),
      gradOutput: tensorOf(c.inputs.grad_output),
    },
    value: same,
    grads: { input: { from: 'input', convert: same } },
  };
}

/** The gradients are those with respect to logits, of which PyTorch was given the log-probabilities. */
function sequencePlan({ inputs, params: own }: Case): Plan {
  const { logits, target, input_lengths, target_lengths, grad_output } = inputs;
  return {
    call: {
      loss: 'ctc',
      inputs: { input: tensorOf(logits), target: tensorOf(target) },
      lengths: [tensorOf(input_lengths), tensorOf(target_lengths)],
      options: {
        blank: own.blank,
        zeroInfinity: own.zero_infinity,
        reduction: own.reduction,
        fromLogits: true,
        ...(grad_output && { gradOutput: tensorOf(grad_output) }),
      } as SequenceCall['options'],
    },
    value: same,
    grads: { logits: { from: 'input', convert: same } },
  };
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The names and options are PyTorch's own. */
export function mapTorch(c: Case): Plan | NotApplicable {
  if (c.loss in helpers) return helperPlan(c);
  if (c.loss === 'ctc') return sequencePlan(c);
  const loss = names[c.loss];
  if (!loss) return { notApplicable: `loss not in this version: ${c.loss}` };
  // PyTorch's own names, in the order of the roles
  const own = inputsByRole(loss as LossName).map((it) =>
    isProjection(loss as LossName) ? snake(it!.name) : it!.name,
  );
  const [input, target, third] = own.map((name) => c.inputs[name]);
  const { grad_output: up, ...others } = c.inputs;
  const rest = Object.fromEntries(Object.entries(others).filter(([name]) => !own.includes(name)));
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(c.params)) options[known(params, name)] = value;
  for (const [name, value] of Object.entries(rest)) options[known(tensors, name)] = tensorOf(value);
  if (up) options.gradOutput = tensorOf(up);
  if (third) options.third = tensorOf(third);
  const sources: (readonly [string, Source])[] = own.map((name, i) => [name, ROLES[i]] as const);
  if ('linear_bias' in others) sources.push(['linear_bias', 'linearBias']);
  const roles = sources.filter(([name]) => name in c.expected.grads);
  return {
    call: {
      loss,
      inputs: { input: tensorOf(input), target: tensorOf(target) },
      labels: target.dtype === 'i64',
      options,
      wrt: roles.map(([, from]) => from),
    },
    value: same,
    grads: Object.fromEntries(roles.map(([name, from]) => [name, { from, convert: same }])),
    ...(divides(c) && { precision: { grads: { rtol: 5e-9, atol: 0 } } }),
  };
}

/** PyTorch's least denominator of the BCE gradient is the float32 next to 1e−12, 4e−9 away, in float64 too. */
function divides(c: Case): boolean {
  return c.loss === 'bce' && tensorOf(c.inputs.input).data.some((p) => p * (1 - p) < 1e-12);
}

function known(table: Record<string, string>, name: string): string {
  if (!(name in table)) throw new Error(`"${name}" has no name in the public interface`);
  return table[name];
}
