import { expand } from '../arrays.ts';
import { type Case, type Tensor, tensorOf } from '../case.ts';
import { type NotApplicable, type Plan, same, scaled } from '../plan.ts';

const ignored = -100;

export function mapLiger(c: Case): Plan | NotApplicable {
  switch (c.loss) {
    case 'cross_entropy_z_loss':
    case 'cross_entropy_softcap':
      return crossEntropy(c);
    case 'tvd':
      return totalVariation(c);
    case 'jsd':
      return divergence(c);
    default:
      return { notApplicable: `loss not in this version: ${c.loss}` };
  }
}

/** The case records the z-loss by itself, too. */
function crossEntropy(c: Case): Plan {
  const { reduction, label_smoothing, ignore_index, lse_square_scale, softcap } = c.params;
  return {
    call: {
      loss: 'crossEntropy',
      inputs: { input: tensorOf(c.inputs.input), target: tensorOf(c.inputs.target) },
      labels: true,
      options: {
        reduction: reduction as 'mean',
        ...(label_smoothing !== undefined && { labelSmoothing: label_smoothing as number }),
        ...(ignore_index !== undefined && { ignoreIndex: ignore_index as number }),
        ...(lse_square_scale !== undefined && { zLoss: lse_square_scale as number }),
        ...(softcap !== undefined && { softcap: softcap as number }),
        ...(c.inputs.weight && { weight: tensorOf(c.inputs.weight) }),
      },
      wrt: ['input'],
    },
    value: same,
    grads: { input: { from: 'input', convert: same } },
  };
}

/** Sample weights that leave out the rows whose shifted label is ignored, and how many rows they keep. */
function kept(c: Case): { sampleWeight?: Tensor; rows: number } {
  const { shape } = c.inputs.input;
  if (!c.inputs.shift_labels) return { rows: shape[0] };
  const keep = tensorOf(c.inputs.shift_labels).data.map((label) => Number(label !== ignored));
  return {
    sampleWeight: expand({ data: keep, shape: [shape[0], 1] }, shape),
    rows: keep.filter(Boolean).length,
  };
}

/** ½|p − q|: half of l1; its means count the rows that are kept. */
function totalVariation(c: Case): Plan {
  const { sampleWeight, rows } = kept(c);
  const { reduction } = c.params;
  const classes = c.inputs.input.shape[1];
  const divisor = { mean: rows * classes, batchmean: rows }[reduction as string] ?? 1;
  const convert = scaled(0.5 / divisor);
  return {
    call: {
      loss: 'l1',
      inputs: { input: tensorOf(c.inputs.input), target: tensorOf(c.inputs.target) },
      labels: false,
      options: { reduction: reduction === 'none' ? 'none' : 'sum', ...(sampleWeight && { sampleWeight }) },
      wrt: ['input'],
    },
    value: convert,
    grads: { input: { from: 'input', convert } },
  };
}

/** Liger's rows are log-probabilities, and its mean counts the rows that are kept. */
function divergence(c: Case): Plan {
  const { sampleWeight, rows } = kept(c);
  const convert = scaled(1 / rows);
  return {
    call: {
      loss: 'jsd',
      inputs: { input: tensorOf(c.inputs.input), target: tensorOf(c.inputs.target) },
      labels: false,
      options: { beta: c.params.beta as number, reduction: 'sum', ...(sampleWeight && { sampleWeight }) },
      wrt: ['input'],
    },
    value: convert,
    grads: { input: { from: 'input', convert } },
  };
}
