// Generated from the registry by `npm run generate`; do not edit.
import * as nll from '../points/nll.ts';
import * as probabilities from '../points/probabilities.ts';
import { column, pick } from './classes.ts';
import { exp, expm1, log, log1p, softplus, tanh } from './maps.ts';
import { bce, bceWithLogits, huber, klDiv, klDivLog, l1, mse, sigmoid, smoothL1 } from './pointwise.ts';
import { prepass } from './prepass.ts';
import { softmax } from './softmax.ts';
import { logSoftmaxBackward, softmaxBackward } from './softmaxBackward.ts';

export const kernels = {
  l1_any: l1,
  l1_sum: l1,
  l1_grad: l1,
  l1_sumgrad: l1,
  mse_any: mse,
  mse_sum: mse,
  mse_grad: mse,
  mse_sumgrad: mse,
  huber_any: huber,
  huber_sum: huber,
  huber_grad: huber,
  huber_sumgrad: huber,
  smoothL1_any: smoothL1,
  smoothL1_sum: smoothL1,
  smoothL1_grad: smoothL1,
  smoothL1_sumgrad: smoothL1,
  bce_any: bce,
  bce_product: bce,
  bceWithLogits_any: bceWithLogits,
  bceWithLogits_softplus: bceWithLogits,
  nll_pick: pick(nll),
  crossEntropy_rows: softmax,
  crossEntropy_lanes: softmax,
  probabilities_pick: pick(probabilities),
  probabilities_lanes: column(probabilities),
  klDiv_any: klDiv,
  klDiv_grad: klDiv,
  klDivLog_any: klDivLog,
  sigmoid_any: sigmoid,
  exp_map: exp,
  expm1_map: expm1,
  log_map: log,
  log1p_map: log1p,
  tanh_map: tanh,
  softplus_map: softplus,
  softmaxBackward_lanes: softmaxBackward,
  logSoftmaxBackward_lanes: logSoftmaxBackward,
  prepass,
};
