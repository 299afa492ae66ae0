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
  /** What labels of another type than i32 are widened to. */
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
    if (this.#widened === undefined) return this.#runOn(this.#call.target as IndexArray);
    const call = this.#call;
    const labels = call.target as IndexArray;
    labelsToI32(labels, this.#widened, call.ignoreIndex);
    call.target = this.#widened;
    try {
      return this.#runOn(labels);
    } finally {
      call.target = labels;
    }
  }

  /** `labels` as they were given, for the error that names one. */
  #runOn(labels: IndexArray): number {
    const call = this.#call;
    if (this.#prepass !== undefined) {
      const bad = this.#prepass(call);
      if (bad >= 0) labelError(labels, bad, call.classes, call.ignoreIndex);
    }
    return this.#kernel(call);
  }

  dispose(): void {}
}
