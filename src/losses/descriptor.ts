import type { FloatDType } from '../types.ts';
import type { OptionTable } from './options.ts';

/**
 * The wasm exports of one kernel file: `<name>_<loop>_<dtype>` for each loop. `op` is the class in
 * `assembly/kernels/<file>.ts`.
 *
 * | loop | template | for |
 * |---|---|---|
 * | any | POINTWISE | elementwise, everything by run-time flags |
 * | sum, grad, sumgrad | POINTWISE_… | elementwise without weights, specialised: cheap formulas only |
 * | softplus | SOFTPLUS | the same for losses with one log(1 + e) an element |
 * | product | PRODUCT | the same in f32 for losses that are −log of a probability where the target is 0 or 1 |
 * | rows | ROWWISE | classes coupled by softmax, contiguous and many |
 * | lanes | LANEWISE | few classes, or a strided class axis |
 * | map | MAP | functions of one number, which are no losses |
 * | pick | PICK | index targets of losses that read only the target's class |
 */
export interface KernelSpec {
  readonly name: string;
  readonly file: string;
  readonly op: string;
  readonly loops: readonly Loop[];
  /** What `lanes` wraps the op in; none where the op is a column itself. */
  readonly column?: 'SoftmaxColumn' | 'ClassColumn';
}
export type Loop =
  | 'any'
  | 'sum'
  | 'grad'
  | 'sumgrad'
  | 'softplus'
  | 'product'
  | 'rows'
  | 'lanes'
  | 'pick'
  | 'map';
/** Loops whose gain is that of f32 alone; f64 has `any` in their place. */
export const F32_LOOPS: readonly Loop[] = ['product'];

/** Everything that a loss is, apart from its formulas. */
export interface Descriptor<O = unknown> {
  readonly name: string;
  /** The PyTorch function with the same meaning. */
  readonly torch: string;
  /** One line for tables: the loss of one term. */
  readonly formula: string;
  /** What the terms are: elements of equal shapes, or rows of classes with index or probability targets. */
  readonly family: 'elementwise' | 'classes';
  readonly inputs: readonly ['input', 'target'];
  /** Values of `input` for which the loss is defined. */
  readonly domain: string;
  readonly options: OptionTable;
  readonly kernels: readonly KernelSpec[];
  /** Whether 'batchmean' is a reduction of this loss. */
  readonly batchmean?: boolean;
  /** The kernel for these options, without loop and dtype. */
  readonly kernel: (options: O, dtype: FloatDType) => string;
  /** Whether these options are for the loop `any` alone, whatever else the kernel has. */
  readonly isGeneral?: (options: O) => boolean;
  /** P0, P1 … of the kernel. */
  readonly params: (options: O, dtype: FloatDType, classes: number) => readonly number[];
  /** classes family: whether every class has a target probability even with index targets. */
  readonly soft?: (options: O) => boolean;
  /** classes family: whether probability targets are allowed. */
  readonly probabilityTargets?: boolean;
}
