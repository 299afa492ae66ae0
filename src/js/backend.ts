import { FLAGS } from '../abi.ts';
import type { Backend, BoundCall, KernelCall } from '../call.ts';
import { labelError, labelsToI32 } from '../labels.ts';
import type { IndexArray } from '../types.ts';
import { jsKernels } from './kernels.ts';

/** Runs calls on the kernels written in TypeScript: every operand is used where it is. */
export class JsBackend implements Backend {
  readonly name = 'js';

  run(call: KernelCall): number {
    return new JsCall(call).run();
  }

  bind(call: KernelCall): BoundCall {
    return new JsCall(call);
  }

  dispose(): void {}
}

class JsCall implements BoundCall {
  readonly #call: KernelCall;
  readonly #kernel: (call: KernelCall) => number;
  readonly #prepass: ((call: KernelCall) => number) | undefined;
  /** Labels of another type than i32, and what they are widened to, which takes their place in the call. */
  #labels: IndexArray | undefined;
  readonly #widened: Int32Array<ArrayBuffer> | undefined;

  constructor(call: KernelCall) {
    this.#call = call;
    this.#kernel = jsKernels[call.dtype][call.kernel];
    this.#prepass = call.prepass ? jsKernels[call.dtype].prepass : undefined;
    if ((call.flags & FLAGS.INDEX) !== 0 && !(call.target instanceof Int32Array)) {
      this.#widened = new Int32Array(call.target!.length);
    }
  }

  run(): number {
    const call = this.#call;
    if (this.#widened !== undefined) {
      if (call.target !== this.#widened) this.#labels = call.target as IndexArray;
      labelsToI32(this.#labels!, this.#widened, call.ignoreIndex);
      call.target = this.#widened;
    }
    if (this.#prepass !== undefined) {
      const bad = this.#prepass(call);
      if (bad >= 0)
        labelError(this.#labels ?? (call.target as Int32Array), bad, call.classes, call.ignoreIndex);
    }
    return this.#kernel(call);
  }

  dispose(): void {}
}
