// What every entry of the package exports beside load and loadSync.

export type {
  ArrayOf,
  DType,
  DTypeOf,
  FloatArray,
  FloatDType,
  HalfDType,
  IndexArray,
  IndexDType,
  Shape,
  TypedArray,
} from '../dtypes.ts';
export type { ErrorCode, LossError } from '../errors.ts';
export type { LossFunctions } from '../functions.ts';
export type { Greatest, GreatestOptions, IndicesOf, TopK } from '../helpers/greatest.ts';
export type {
  AxisOptions,
  Helper,
  HelperOptions,
  Helpers,
  MathFunction,
  MathFunctions,
} from '../helpers/helpers.ts';
export type { FiguresOf, RowFigures, RowFiguresOptions } from '../helpers/rowFigures.ts';
export type { Losses } from '../losses/registry.ts';
export type {
  FirstStepOptions,
  Forms,
  GradAndHess,
  Gradients,
  GradOptions,
  HessianOptions,
  Loss,
  Step,
  StepOptions,
  TernaryForms,
  ValueAndGradOptions,
  ValueOptions,
} from '../losses/signatures.ts';
export type { MemoryInfo } from '../memory/arena.ts';
export type * from '../memory/inputs.ts';
export { Tensor } from '../memory/tensor.ts';
export type { Load, LoadSync } from './load.ts';
export type { LoadOptions, MemoryOption } from './options.ts';
