import { sizeOf } from '../../reference/tensor.ts';
import { expand, full, sumAlong } from '../arrays.ts';
import type { Tensor } from '../case.ts';
import { type LossCall, type Plan, same, scaled } from '../plan.ts';

/** Keras's reductions; 'none' is its mean over the last axis, once for each row. */
export type RowReduction = 'none' | 'sum' | 'sum_over_batch_size' | 'mean_with_sample_weight';

interface Elementwise {
  loss: string;
  input: Tensor;
  target: Tensor;
  options?: object;
}

/**
 * An elementwise loss averaged over its last axis, each row times its sample weight: the rows' weights become
 * elementwise weights, and an average over equal rows is an average over elements.
 */
export function averagedRows(
  { loss, input, target, options }: Elementwise,
  gradient: string,
  reduction: RowReduction,
  rowWeight?: Tensor,
): Plan {
  const { shape } = input;
  const last = shape.at(-1)!;
  const weight = rowWeight && (rowWeight.shape.length === 0 ? rowWeight.data[0] : atRows(rowWeight, shape));
  const call: LossCall = {
    loss,
    inputs: { input, target },
    labels: false,
    options: { ...options },
    wrt: ['input'],
  };
  if (weight !== undefined) call.options.weight = weight;
  const plan: Plan = { call, value: same, grads: { [gradient]: { from: 'input', convert: same } } };
  if (reduction === 'sum_over_batch_size') call.options.reduction = 'mean';
  else if (reduction === 'mean_with_sample_weight') {
    call.options.reduction = 'mean';
    delete call.options.weight;
    if (rowWeight) call.options.sampleWeight = expand(atRows(rowWeight, shape), shape);
  } else {
    call.options.reduction = reduction;
    plan.value = reduction === 'sum' ? scaled(1 / last) : sumAlong(shape, -1, 1 / last);
    plan.grads[gradient].convert = scaled(1 / last);
  }
  return plan;
}

/** A weight for each row, with a last axis of length 1. */
export function atRows(weight: Tensor, shape: number[]): Tensor {
  if (weight.shape.length === 0) return weight;
  const rows = shape.slice(0, -1);
  const whole = sizeOf(weight.shape) === sizeOf(rows) ? { ...weight, shape: rows } : expand(weight, rows);
  return { data: whole.data, shape: [...rows, 1] };
}

interface RowLoss extends Elementwise {
  labels: boolean;
}

/** A loss of one number for each row, weighted by row. */
export function weightedRows(
  { loss, input, target, labels, options }: RowLoss,
  gradient: string,
  reduction: RowReduction,
  rowShape: number[],
  rowWeight?: Tensor,
): Plan {
  const rows = sizeOf(rowShape);
  const call: LossCall = { loss, inputs: { input, target }, labels, options: { ...options }, wrt: ['input'] };
  const plan: Plan = { call, value: same, grads: { [gradient]: { from: 'input', convert: same } } };
  if (rowWeight) {
    call.options.sampleWeight =
      sizeOf(rowWeight.shape) === rows
        ? { data: rowWeight.data, shape: rowShape }
        : full(rowShape, rowWeight.data[0]);
  }
  call.options.reduction = reduction === 'none' || reduction === 'sum' ? reduction : 'mean';
  if (reduction === 'sum_over_batch_size' && rowWeight) {
    call.options.reduction = 'sum';
    plan.value = scaled(1 / rows);
    plan.grads[gradient].convert = scaled(1 / rows);
  }
  return plan;
}
