import type { FloatDType } from '../dtypes.ts';
import type { Family, Input } from '../families/family.ts';
import type { OptionTable } from '../options/specs.ts';
import type { Loop } from '../wasm/loops.ts';

/**
 * | template | for |
 * |---|---|
 * | ternary | elements of three inputs, each with a gradient of its own |
 * | features | rows of features |
 * | rivals | rows of classes, each compared with its label's |
 * | sets | rows of classes of which several are labels |
 * | means | rows whose loss is the mean of elements' |
 * | curved | rows whose loss is a function of cross entropy's |
 * | figures | no loss: what a label is among its row's logits |
 */
export type Template = 'ternary' | 'features' | 'rivals' | 'sets' | 'means' | 'curved' | 'figures';

/**
 * The wasm exports of one kernel file: `<name>_<loop>_<dtype>` for each loop. `op` is the class in
 * `assembly/kernels/<file>.ts`.
 */
export interface KernelSpec {
  readonly name: string;
  readonly file: string;
  readonly op: string;
  readonly loops: readonly Loop[];
  /** Whether `sum`, `sumgrad` and `terms` have cheaper formulas for blocks of finite terms, those of `<op>Finite`. */
  readonly hasFinite?: true;
  /** What loops it goes through, where these are not the ones that elements or rows of classes usually do. */
  readonly template?: Template;
  /** Set where it is in no part of its loss but that of this name; assembly/loops/<apart>.ts has all of it. */
  readonly apart?: 'shaped';
  /** What `lanes` wraps the op in. */
  readonly column?: 'SoftmaxColumn' | 'ClassColumn' | 'BackwardColumn' | 'RivalColumn';
}
/** Loops whose gain is that of f32 alone; f64 has `any` in their place. */
const F32_LOOPS: readonly Loop[] = ['terms', 'product'];
/** The dtypes that a loop's exports are in. */
export const dtypesOf = (loop: Loop): readonly FloatDType[] =>
  F32_LOOPS.includes(loop) ? ['f32'] : ['f32', 'f64'];

export type HessianKind = 'exact' | 'one' | 'secant' | 'halley';

/** Everything that a loss is, apart from its formulas. */
export interface Descriptor<O = any> {
  readonly name: string;
  /** Functions with the same meaning elsewhere. */
  readonly like: {
    readonly torch?: string;
    readonly keras?: string;
    readonly optax?: string;
    readonly sklearn?: string;
  };
  /** One line for tables: the loss of one term. */
  readonly formula: string;
  /** What the terms are. */
  readonly family: Family;
  /** One to four, in the order of the arguments. */
  readonly inputs: readonly Input<O>[];
  readonly options: OptionTable;
  /** Options that are looked for here, and which loss has them. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** Every kernel that `kernel` may name; another loss's may be among them. */
  readonly kernels: readonly KernelSpec[];
  /** Whether 'batchmean' is a reduction of this loss. */
  readonly batchmean?: boolean;
  /** What second derivatives can be asked for; none where there are none. */
  readonly hessian?: readonly HessianKind[];
  /** Whether its kernel has the 'one' of its own: 1 where the loss is active, else 0. */
  readonly hasOwnOne?: boolean;
  /** The kernel for these options, without loop and dtype. */
  readonly kernel: (options: O, dtype: FloatDType) => string;
  /** Whether these options are for the loop `any` alone, whatever else the kernel has. */
  readonly isGeneral?: (options: O) => boolean;
  /** P0, P1 … of the kernel. */
  readonly params: (options: O, dtype: FloatDType, classes: number) => readonly number[];
  /** Whether every class has a target probability even with index targets. */
  readonly soft?: (options: O) => boolean;
}
