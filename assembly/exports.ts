// Generated from the registry by `npm run generate`; do not edit.
import { ABI } from './abi';
import { Bce } from './kernels/bce';
import { BceWithLogits } from './kernels/bceWithLogits';
import { CrossEntropy } from './kernels/crossEntropy';
import { Huber } from './kernels/huber';
import { KlDiv } from './kernels/klDiv';
import { KlDivLog } from './kernels/klDivLog';
import { L1 } from './kernels/l1';
import { ExpMap, Expm1Map, Log1pMap, LogMap, SoftplusMap, TanhMap } from './kernels/math';
import { Mse } from './kernels/mse';
import { Nll } from './kernels/nll';
import { Probabilities } from './kernels/probabilities';
import { SigmoidMap } from './kernels/sigmoid';
import { SmoothL1 } from './kernels/smoothL1';
import { LogSoftmaxBackward, SoftmaxBackward } from './kernels/softmaxBackward';
import { ClassColumn, PICK } from './loops/classes';
import { LANEWISE } from './loops/lanewise';
import { MAP } from './loops/map';
import { POINTWISE, POINTWISE_GRAD, POINTWISE_SUM, POINTWISE_SUMGRAD } from './loops/pointwise';
import { PREPASS } from './loops/prepass';
import { PRODUCT } from './loops/product';
import { ROWWISE } from './loops/rowwise';
import { SoftmaxColumn } from './loops/softmaxColumn';
import { SOFTPLUS } from './loops/softplus';
import { ADD_BLOCKS, ADD_ROWS } from './reduce/parts';
import { FUSED } from './simd/fma';

export function l1_any_f32(call: usize): f64 {
  return POINTWISE<f32, L1<f32>>(call);
}

export function l1_any_f64(call: usize): f64 {
  return POINTWISE<f64, L1<f64>>(call);
}

export function l1_sum_f32(call: usize): f64 {
  return POINTWISE_SUM<f32, L1<f32>>(call);
}

export function l1_sum_f64(call: usize): f64 {
  return POINTWISE_SUM<f64, L1<f64>>(call);
}

export function l1_grad_f32(call: usize): f64 {
  return POINTWISE_GRAD<f32, L1<f32>>(call);
}

export function l1_grad_f64(call: usize): f64 {
  return POINTWISE_GRAD<f64, L1<f64>>(call);
}

export function l1_sumgrad_f32(call: usize): f64 {
  return POINTWISE_SUMGRAD<f32, L1<f32>>(call);
}

export function l1_sumgrad_f64(call: usize): f64 {
  return POINTWISE_SUMGRAD<f64, L1<f64>>(call);
}

export function mse_any_f32(call: usize): f64 {
  return POINTWISE<f32, Mse<f32>>(call);
}

export function mse_any_f64(call: usize): f64 {
  return POINTWISE<f64, Mse<f64>>(call);
}

export function mse_sum_f32(call: usize): f64 {
  return POINTWISE_SUM<f32, Mse<f32>>(call);
}

export function mse_sum_f64(call: usize): f64 {
  return POINTWISE_SUM<f64, Mse<f64>>(call);
}

export function mse_grad_f32(call: usize): f64 {
  return POINTWISE_GRAD<f32, Mse<f32>>(call);
}

export function mse_grad_f64(call: usize): f64 {
  return POINTWISE_GRAD<f64, Mse<f64>>(call);
}

export function mse_sumgrad_f32(call: usize): f64 {
  return POINTWISE_SUMGRAD<f32, Mse<f32>>(call);
}

export function mse_sumgrad_f64(call: usize): f64 {
  return POINTWISE_SUMGRAD<f64, Mse<f64>>(call);
}

export function huber_any_f32(call: usize): f64 {
  return POINTWISE<f32, Huber<f32>>(call);
}

export function huber_any_f64(call: usize): f64 {
  return POINTWISE<f64, Huber<f64>>(call);
}

export function huber_sum_f32(call: usize): f64 {
  return POINTWISE_SUM<f32, Huber<f32>>(call);
}

export function huber_sum_f64(call: usize): f64 {
  return POINTWISE_SUM<f64, Huber<f64>>(call);
}

export function huber_grad_f32(call: usize): f64 {
  return POINTWISE_GRAD<f32, Huber<f32>>(call);
}

export function huber_grad_f64(call: usize): f64 {
  return POINTWISE_GRAD<f64, Huber<f64>>(call);
}

export function huber_sumgrad_f32(call: usize): f64 {
  return POINTWISE_SUMGRAD<f32, Huber<f32>>(call);
}

export function huber_sumgrad_f64(call: usize): f64 {
  return POINTWISE_SUMGRAD<f64, Huber<f64>>(call);
}

export function smoothL1_any_f32(call: usize): f64 {
  return POINTWISE<f32, SmoothL1<f32>>(call);
}

export function smoothL1_any_f64(call: usize): f64 {
  return POINTWISE<f64, SmoothL1<f64>>(call);
}

export function smoothL1_sum_f32(call: usize): f64 {
  return POINTWISE_SUM<f32, SmoothL1<f32>>(call);
}

export function smoothL1_sum_f64(call: usize): f64 {
  return POINTWISE_SUM<f64, SmoothL1<f64>>(call);
}

export function smoothL1_grad_f32(call: usize): f64 {
  return POINTWISE_GRAD<f32, SmoothL1<f32>>(call);
}

export function smoothL1_grad_f64(call: usize): f64 {
  return POINTWISE_GRAD<f64, SmoothL1<f64>>(call);
}

export function smoothL1_sumgrad_f32(call: usize): f64 {
  return POINTWISE_SUMGRAD<f32, SmoothL1<f32>>(call);
}

export function smoothL1_sumgrad_f64(call: usize): f64 {
  return POINTWISE_SUMGRAD<f64, SmoothL1<f64>>(call);
}

export function bce_any_f32(call: usize): f64 {
  return POINTWISE<f32, Bce<f32>>(call);
}

export function bce_any_f64(call: usize): f64 {
  return POINTWISE<f64, Bce<f64>>(call);
}

export function bce_product_f32(call: usize): f64 {
  return PRODUCT<f32, Bce<f32>>(call);
}

export function bceWithLogits_any_f32(call: usize): f64 {
  return POINTWISE<f32, BceWithLogits<f32>>(call);
}

export function bceWithLogits_any_f64(call: usize): f64 {
  return POINTWISE<f64, BceWithLogits<f64>>(call);
}

export function bceWithLogits_softplus_f32(call: usize): f64 {
  return SOFTPLUS<f32, BceWithLogits<f32>>(call);
}

export function bceWithLogits_softplus_f64(call: usize): f64 {
  return SOFTPLUS<f64, BceWithLogits<f64>>(call);
}

export function nll_pick_f32(call: usize): f64 {
  return PICK<f32, Nll<f32>>(call);
}

export function nll_pick_f64(call: usize): f64 {
  return PICK<f64, Nll<f64>>(call);
}

export function crossEntropy_rows_f32(call: usize): f64 {
  return ROWWISE<f32, CrossEntropy<f32>>(call);
}

export function crossEntropy_rows_f64(call: usize): f64 {
  return ROWWISE<f64, CrossEntropy<f64>>(call);
}

export function crossEntropy_lanes_f32(call: usize): f64 {
  return LANEWISE<f32, SoftmaxColumn<f32, CrossEntropy<f32>>>(call);
}

export function crossEntropy_lanes_f64(call: usize): f64 {
  return LANEWISE<f64, SoftmaxColumn<f64, CrossEntropy<f64>>>(call);
}

export function probabilities_pick_f32(call: usize): f64 {
  return PICK<f32, Probabilities<f32>>(call);
}

export function probabilities_pick_f64(call: usize): f64 {
  return PICK<f64, Probabilities<f64>>(call);
}

export function probabilities_lanes_f32(call: usize): f64 {
  return LANEWISE<f32, ClassColumn<f32, Probabilities<f32>>>(call);
}

export function probabilities_lanes_f64(call: usize): f64 {
  return LANEWISE<f64, ClassColumn<f64, Probabilities<f64>>>(call);
}

export function klDiv_any_f32(call: usize): f64 {
  return POINTWISE<f32, KlDiv<f32>>(call);
}

export function klDiv_any_f64(call: usize): f64 {
  return POINTWISE<f64, KlDiv<f64>>(call);
}

export function klDiv_grad_f32(call: usize): f64 {
  return POINTWISE_GRAD<f32, KlDiv<f32>>(call);
}

export function klDiv_grad_f64(call: usize): f64 {
  return POINTWISE_GRAD<f64, KlDiv<f64>>(call);
}

export function klDivLog_any_f32(call: usize): f64 {
  return POINTWISE<f32, KlDivLog<f32>>(call);
}

export function klDivLog_any_f64(call: usize): f64 {
  return POINTWISE<f64, KlDivLog<f64>>(call);
}

export function sigmoid_any_f32(call: usize): f64 {
  return POINTWISE<f32, SigmoidMap<f32>>(call);
}

export function sigmoid_any_f64(call: usize): f64 {
  return POINTWISE<f64, SigmoidMap<f64>>(call);
}

export function exp_map_f32(call: usize): f64 {
  return MAP<f32, ExpMap<f32>>(call);
}

export function exp_map_f64(call: usize): f64 {
  return MAP<f64, ExpMap<f64>>(call);
}

export function expm1_map_f32(call: usize): f64 {
  return MAP<f32, Expm1Map<f32>>(call);
}

export function expm1_map_f64(call: usize): f64 {
  return MAP<f64, Expm1Map<f64>>(call);
}

export function log_map_f32(call: usize): f64 {
  return MAP<f32, LogMap<f32>>(call);
}

export function log_map_f64(call: usize): f64 {
  return MAP<f64, LogMap<f64>>(call);
}

export function log1p_map_f32(call: usize): f64 {
  return MAP<f32, Log1pMap<f32>>(call);
}

export function log1p_map_f64(call: usize): f64 {
  return MAP<f64, Log1pMap<f64>>(call);
}

export function tanh_map_f32(call: usize): f64 {
  return MAP<f32, TanhMap<f32>>(call);
}

export function tanh_map_f64(call: usize): f64 {
  return MAP<f64, TanhMap<f64>>(call);
}

export function softplus_map_f32(call: usize): f64 {
  return MAP<f32, SoftplusMap<f32>>(call);
}

export function softplus_map_f64(call: usize): f64 {
  return MAP<f64, SoftplusMap<f64>>(call);
}

export function softmaxBackward_lanes_f32(call: usize): f64 {
  return LANEWISE<f32, SoftmaxBackward<f32>>(call);
}

export function softmaxBackward_lanes_f64(call: usize): f64 {
  return LANEWISE<f64, SoftmaxBackward<f64>>(call);
}

export function logSoftmaxBackward_lanes_f32(call: usize): f64 {
  return LANEWISE<f32, LogSoftmaxBackward<f32>>(call);
}

export function logSoftmaxBackward_lanes_f64(call: usize): f64 {
  return LANEWISE<f64, LogSoftmaxBackward<f64>>(call);
}

export function prepass_f32(call: usize): i32 {
  return PREPASS<f32>(call);
}

export function addBlocks_f32(call: usize): f64 {
  return ADD_BLOCKS(call);
}

export function addRows_f32(call: usize): f64 {
  return ADD_ROWS<f32>(call);
}

export function prepass_f64(call: usize): i32 {
  return PREPASS<f64>(call);
}

export function addBlocks_f64(call: usize): f64 {
  return ADD_BLOCKS(call);
}

export function addRows_f64(call: usize): f64 {
  return ADD_ROWS<f64>(call);
}

export function fused(): i32 {
  return FUSED();
}

/** What the wrapper holds its own number against. */
export const abi: i32 = ABI;
