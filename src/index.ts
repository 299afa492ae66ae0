/**
 * simdloss: loss functions and their gradients as SIMD WebAssembly kernels.
 *
 * @example
 * import { load } from 'simdloss';
 * const F = await load();
 * F.mse(Float32Array.of(1, 2), Float32Array.of(1, 4)); // 2
 */
export type { ErrorCode, LossError } from './errors.ts';
export { load, loadSync } from './load/load.ts';
export type { LoadOptions, MemoryOption } from './load/options.ts';
export type { LossFunctions } from './losses/functions.ts';
export type {
  AxisOptions,
  Helper,
  HelperOptions,
  Helpers,
  MathFunction,
  MathFunctions,
} from './losses/helpers.ts';
export type { Losses } from './losses/registry.ts';
export type { Gradients, Loss, Step } from './losses/signatures.ts';
export type { MemoryInfo } from './memory/arena.ts';
export { Tensor } from './memory/tensor.ts';
export type * from './types.ts';
