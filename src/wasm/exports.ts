// Generated from the registry by `npm run generate`; do not edit.

/** Kernels by name, without dtype. */
export type KernelName =
  | 'l1_any'
  | 'l1_sum'
  | 'l1_grad'
  | 'l1_sumgrad'
  | 'mse_any'
  | 'mse_sum'
  | 'mse_grad'
  | 'mse_sumgrad'
  | 'huber_any'
  | 'huber_sum'
  | 'huber_grad'
  | 'huber_sumgrad'
  | 'smoothL1_any'
  | 'smoothL1_sum'
  | 'smoothL1_grad'
  | 'smoothL1_sumgrad'
  | 'bce_any'
  | 'bce_product'
  | 'bceWithLogits_any'
  | 'bceWithLogits_softplus'
  | 'nll_pick'
  | 'crossEntropy_rows'
  | 'crossEntropy_lanes'
  | 'probabilities_pick'
  | 'probabilities_lanes'
  | 'klDiv_any'
  | 'klDiv_grad'
  | 'klDivLog_any'
  | 'sigmoid_any'
  | 'exp_map'
  | 'expm1_map'
  | 'log_map'
  | 'log1p_map'
  | 'tanh_map'
  | 'softplus_map'
  | 'softmaxBackward_lanes'
  | 'logSoftmaxBackward_lanes';

type F32Only = 'bce_product';
type F64Name = Exclude<KernelName, F32Only>;
type Dtyped<N extends string> = `${N}_f32` | `${N}_f64`;

/** Each takes the address of a call record. A kernel returns the reduced value. */
type CallExports = Record<
  Dtyped<F64Name | 'prepass' | 'addBlocks' | 'addRows'> | `${F32Only}_f32`,
  (call: number) => number
>;

/** The number of the ABI that this wrapper has. */
export const ABI = 85853237;

/** The module's functions; fused() tells whether its multiply-add rounds once. */
export interface KernelExports extends CallExports {
  fused(): number;
}
