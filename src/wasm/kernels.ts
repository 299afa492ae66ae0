import type { KernelCall } from '../call.ts';
import type { FloatDType } from '../dtypes.ts';
import type { KernelExports, KernelName } from './generated/exports.ts';

/** An export, with all that a call has to know of it. */
export interface Kernel {
  readonly name: string;
  readonly dtype: FloatDType;
  /** Takes the address of a call record; returns the reduced value. */
  readonly run: (record: number) => number;
  /** The dtype's check of labels and sum of weights: the first bad label's index, or −1. */
  readonly prepass: (record: number) => number;
  /** Whether it works on a tile. */
  readonly lanes: boolean;
}

/** The kernels by name and dtype. The one found last is at hand: a loop calls the same one again. */
export class Kernels {
  readonly #kernels: Readonly<Record<FloatDType, ReadonlyMap<string, Kernel>>>;
  #last: Kernel | undefined = undefined;
  /** What it was asked for as: the name itself, since comparing letters takes 40 ns. */
  #lastName: KernelName | undefined = undefined;

  constructor(exports: KernelExports) {
    const of = (dtype: FloatDType): Map<string, Kernel> => {
      const kernels = new Map<string, Kernel>();
      const prepass = exports[`prepass_${dtype}`];
      for (const [full, run] of Object.entries(exports)) {
        if (!full.endsWith(`_${dtype}`)) continue;
        const name = full.slice(0, -4);
        kernels.set(name, { name, dtype, run, prepass, lanes: name.endsWith('_lanes') });
      }
      return kernels;
    };
    this.#kernels = { f32: of('f32'), f64: of('f64') };
  }

  of(call: KernelCall): Kernel {
    const last = this.#last;
    if (last !== undefined && this.#lastName === call.kernel && last.dtype === call.dtype) return last;
    this.#lastName = call.kernel;
    this.#last = this.#kernels[call.dtype].get(call.kernel);
    return this.#last!;
  }
}
