import type { KernelCall } from '../call.ts';
import type { FloatDType } from '../dtypes.ts';
import { fail } from '../errors.ts';
import type { KernelExports, KernelName } from './generated/exports.ts';
import { adderOf, isInSteps, isOfElements, loopOf } from './loops.ts';

/** An export, with all that a call has to know of it. */
export interface Kernel {
  readonly name: string;
  readonly dtype: FloatDType;
  /** Takes the address of a call record; returns the reduced value. */
  readonly run: (record: number) => number;
  /** The dtype's check of labels and sum of weights: the first bad label's index, or −1. Calls that need it have it. */
  readonly prepass: (record: number) => number;
  /** Makes the gradients of operands that are broadcast of what it leaves; for losses that have some. */
  readonly unbroadcast: Kernel['run'] | undefined;
  /** Adds up what the parts of a call leave. */
  readonly add: Kernel['run'] | undefined;
  /** Whether its units are elements, or rows; undefined: only whole calls are known of it. */
  readonly isElementwise: boolean | undefined;
  /** Whether it works on a tile. */
  readonly lanes: boolean;
  /** Whether it works in steps, on a space of its own. */
  readonly steps: boolean;
}

/** There may be fewer kernels than in the whole module, also none of the pre-passes. */
type Found = Omit<Kernel, 'prepass'> & { readonly prepass: Kernel['prepass'] | undefined };

/** An export that can be called. */
export function functionOf(exports: KernelExports, name: string): Kernel['run'] | undefined {
  const it: unknown = exports[name as keyof KernelExports];
  return typeof it === 'function' ? (it as Kernel['run']) : undefined;
}

/** The kernels by name and dtype. The one found last is at hand: a loop calls the same one again. */
export class Kernels {
  readonly #kernels: Readonly<Record<FloatDType, ReadonlyMap<string, Found>>>;
  #last: Kernel | undefined = undefined;
  /** What it was asked for as: the name itself, since comparing letters takes 40 ns. */
  #lastName: KernelName | undefined = undefined;

  constructor(exports: KernelExports) {
    const of = (dtype: FloatDType): Map<string, Found> => {
      const kernels = new Map<string, Found>();
      const prepass = functionOf(exports, `prepass_${dtype}`);
      const unbroadcast = functionOf(exports, `unbroadcast_${dtype}`);
      for (const full of Object.keys(exports)) {
        const run = functionOf(exports, full);
        if (run === undefined || !full.endsWith(`_${dtype}`)) continue;
        const name = full.slice(0, -4);
        const loop = loopOf(name);
        const isElementwise = isOfElements(loop);
        const add = functionOf(exports, adderOf(isElementwise, dtype));
        const lanes = loop === 'lanes';
        const steps = isInSteps(loop);
        kernels.set(name, { name, dtype, run, prepass, unbroadcast, add, isElementwise, lanes, steps });
      }
      return kernels;
    };
    this.#kernels = { f32: of('f32'), f64: of('f64') };
  }

  /** The kernel of a call; throws where the modules have not all that the call takes. */
  of(call: KernelCall): Kernel {
    const last = this.#last;
    if (last !== undefined && this.#lastName === call.kernel && last.dtype === call.dtype) return last;
    const kernel = this.#kernels[call.dtype].get(call.kernel);
    if (kernel === undefined) return missing(call, call.kernel);
    if (kernel.prepass === undefined) {
      if (call.prepass) missing(call, 'prepass');
      return kernel as Kernel;
    }
    this.#lastName = call.kernel;
    this.#last = kernel as Kernel;
    return this.#last;
  }
}

const missing = ({ name, dtype }: KernelCall, kernel: string): never =>
  fail(
    'ERR_UNSUPPORTED',
    `F.${name} in ${dtype} takes ${kernel}_${dtype}, which is not loaded: give load its part with ${dtype} ` +
      `('simdloss/losses/${name.split('.')[0]}${kernel === 'shaped_rows' ? '/shaped' : ''}${dtype === 'f64' ? '/f64' : ''}'), or simdloss.wasm as it is in the package`,
  );
