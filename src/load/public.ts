// What every entry of the package exports beside load and loadSync.
export type { ErrorCode, LossError } from '../errors.ts';
export type { LossFunctions } from '../losses/functions.ts';
export type {
  AxisOptions,
  Helper,
  HelperOptions,
  Helpers,
  MathFunction,
  MathFunctions,
} from '../losses/helpers.ts';
export type { Losses } from '../losses/registry.ts';
export type { Gradients, Loss, Step } from '../losses/signatures.ts';
export type { MemoryInfo } from '../memory/arena.ts';
export { Tensor } from '../memory/tensor.ts';
export type * from '../types.ts';
export type { LoadOptions, MemoryOption } from './options.ts';
