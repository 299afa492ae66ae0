import type { FloatDType } from '../types.ts';
import type { KernelName } from '../wasm/generated/exports.ts';
import { type Descriptor, F32_LOOPS, type Loop } from './descriptor.ts';

/** The options of a call; each loss adds its own. */
export type CallOptions = {
  readonly reduction: 'mean' | 'sum' | 'none' | 'batchmean';
  readonly sampleWeight?: unknown;
  readonly gradOutput?: unknown;
  readonly wrt?: unknown;
  readonly out?: unknown;
  readonly allIgnored: 'nan' | 'zero';
  readonly compute?: 'value' | 'grad' | 'valueAndGrad';
  readonly weight?: unknown;
  readonly posWeight?: unknown;
  readonly axis?: number;
  readonly ignoreIndex?: number;
};

type OptionRecord = Readonly<{ [name: string]: unknown }>;

/** Full names of one kernel's exports. */
type Loops = Readonly<Record<Loop, KernelName | undefined>>;
const LOOPS: readonly Loop[] = [
  'any',
  'sum',
  'grad',
  'sumgrad',
  'softplus',
  'product',
  'rows',
  'lanes',
  'pick',
  'map',
];

/** What a descriptor makes of options, dtype and class count. */
export interface Choice {
  readonly loops: Loops;
  /** P0, P1 … of the kernel. */
  readonly params: readonly number[];
  /** classes family: whether every class has a target probability even with index targets. */
  readonly soft: boolean;
}

/** Every loop has its place, so that all of these have one hidden class. */
const loopsOf = (nameOf: (loop: Loop) => KernelName | undefined): Loops =>
  Object.fromEntries(LOOPS.map((loop) => [loop, nameOf(loop)])) as Loops;

/** The loops of every kernel. */
export type KernelTable = Readonly<Record<string, Loops>>;

/** Of all losses together: one may name a kernel of another (smoothL1 with beta 0 is l1). */
export const kernelTable = (all: readonly Descriptor[]): KernelTable =>
  Object.fromEntries(
    all.flatMap(({ kernels }) =>
      kernels.map(({ name, loops }) => [
        name,
        loopsOf((loop) => (loops.includes(loop) ? (`${name}_${loop}` as KernelName) : undefined)),
      ]),
    ),
  );

/** What a descriptor says, looked up once. */
export class LossPlan {
  readonly isClassLoss: boolean;
  readonly probabilityTargets: boolean;
  readonly #descriptor: Descriptor;
  readonly #kernels: KernelTable;
  /** The loss's own options, but for its operands: what choices depend on. */
  readonly #own: readonly string[];

  // The last choice and what it was made for: calls come in long rows of the same kind, and a choice takes garbage.
  #choice: Choice | undefined;
  #dtype: FloatDType = 'f32';
  #classes = 1;
  readonly #values: unknown[];

  constructor(descriptor: Descriptor, kernels: KernelTable) {
    this.#descriptor = descriptor;
    this.isClassLoss = descriptor.family === 'classes';
    this.probabilityTargets = descriptor.probabilityTargets === true;
    this.#kernels = kernels;
    this.#own = Object.keys(descriptor.options).filter((name) => !descriptor.options[name].isOperand);
    this.#values = this.#own.map(() => undefined);
  }

  choose(values: CallOptions, dtype: FloatDType, classes: number): Choice {
    if (
      this.#choice === undefined ||
      dtype !== this.#dtype ||
      classes !== this.#classes ||
      !this.#isAsBefore(values as OptionRecord)
    ) {
      this.#choice = this.#make(values, dtype, classes);
    }
    return this.#choice;
  }

  #isAsBefore(values: OptionRecord): boolean {
    for (let i = 0; i < this.#own.length; i++) {
      if (!Object.is(values[this.#own[i]], this.#values[i])) return false;
    }
    return true;
  }

  #make(values: CallOptions, dtype: FloatDType, classes: number): Choice {
    const { kernel, params, soft, isGeneral } = this.#descriptor;
    this.#dtype = dtype;
    this.#classes = classes;
    this.#own.forEach((name, i) => {
      this.#values[i] = (values as OptionRecord)[name];
    });
    const loops = this.#kernels[kernel(values, dtype)];
    const isForThis = (loop: Loop): boolean =>
      loop === 'any' || !(isGeneral?.(values) || (dtype === 'f64' && F32_LOOPS.includes(loop)));
    return {
      loops: loopsOf((loop) => (isForThis(loop) ? loops[loop] : undefined)),
      params: params(values, dtype, classes),
      soft: soft?.(values) === true,
    };
  }
}
