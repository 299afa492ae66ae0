import type { FloatDType } from '../dtypes.ts';
import type { Choice, Loops } from '../families/family.ts';
import { type Descriptor, dtypesOf } from '../losses/descriptor.ts';
import type { KernelName } from '../wasm/generated/exports.ts';
import { LOOPS, type Loop } from '../wasm/loops.ts';

type OptionRecord = Readonly<{ [name: string]: unknown }>;

/** Every loop has its place, so that all of these have one hidden class. */
const loopsOf = (nameOf: (loop: Loop) => KernelName | undefined): Loops =>
  Object.fromEntries(LOOPS.map((loop) => [loop, nameOf(loop)])) as Loops;

/** An array is an operand, and not to be kept: that there is one is. */
const ownValue = (value: unknown): unknown => typeof value === 'object' || value;

/** Which kernel and which numbers a loss's options, dtype and classes mean. */
export class Dispatch {
  readonly #descriptor: Descriptor;
  /** The loss's own options: what choices depend on. */
  readonly #own: readonly string[];

  // The last choice and what it was made for: calls come in long rows of the same kind, and a choice takes garbage.
  #choice: Choice | undefined;
  #dtype: FloatDType = 'f32';
  #classes = 1;
  readonly #values: unknown[];

  constructor(descriptor: Descriptor) {
    this.#descriptor = descriptor;
    this.#own = Object.keys(descriptor.options);
    this.#values = this.#own.map(() => undefined);
  }

  choose(values: object, dtype: FloatDType, classes: number): Choice {
    if (
      this.#choice === undefined ||
      dtype !== this.#dtype ||
      classes !== this.#classes ||
      !this.#isAsBefore(values as OptionRecord)
    ) {
      this.#choice = this.#make(values as OptionRecord, dtype, classes);
    }
    return this.#choice;
  }

  #isAsBefore(values: OptionRecord): boolean {
    for (let i = 0; i < this.#own.length; i++) {
      if (!Object.is(ownValue(values[this.#own[i]]), this.#values[i])) return false;
    }
    return true;
  }

  #make(values: OptionRecord, dtype: FloatDType, classes: number): Choice {
    const { kernels, kernel, params, soft, isGeneral } = this.#descriptor;
    const name = kernel(values, dtype); // which may refuse them
    this.#dtype = dtype;
    this.#classes = classes;
    this.#own.forEach((name, i) => {
      this.#values[i] = ownValue(values[name]);
    });
    const { loops } = kernels.find((one) => one.name === name)!;
    const isForThis = (loop: Loop): boolean =>
      loops.includes(loop) && (loop === 'any' || !(isGeneral?.(values) || !dtypesOf(loop).includes(dtype)));
    return {
      loops: loopsOf((loop) => (isForThis(loop) ? (`${name}_${loop}` as KernelName) : undefined)),
      params: params(values, dtype, classes),
      soft: soft?.(values) === true,
    };
  }
}
