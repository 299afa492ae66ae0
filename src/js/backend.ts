import { FLAGS, IN1 } from '../abi.ts';
import type { Backend, BoundCall, KernelCall } from '../call.ts';
import type { IndexArray } from '../dtypes.ts';
import { labelError, labelsToI32 } from '../labels.ts';
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
  /** Takes the place of labels of another type than i32. */
  readonly #widened: Int32Array<ArrayBuffer> | undefined;

  constructor(call: KernelCall) {
    this.#call = call;
    this.#kernel = jsKernels[call.dtype][call.kernel];
    this.#prepass = call.prepass ? jsKernels[call.dtype].prepass : undefined;
    for (let i = 0; i < call.count; i++) call.operands[i].settle(call.dtype);
    if ((call.flags & FLAGS.INDEX) !== 0 && !(call.operands[IN1].elements instanceof Int32Array)) {
      this.#widened = new Int32Array(call.operands[IN1].length);
    }
  }

  run(): number {
    const call = this.#call;
    const { operands, count, arrays, shapes } = call;
    for (let i = 0; i < count; i++) {
      const { slot, elements, broadcast } = operands[i];
      arrays[slot] = elements;
      shapes[slot] = broadcast;
    }
    const labels = operands[IN1]?.elements as IndexArray;
    if (this.#widened !== undefined) {
      labelsToI32(labels, this.#widened, call.ignoreIndex);
      arrays[IN1] = this.#widened;
    }
    try {
      if (this.#prepass !== undefined) {
        const bad = this.#prepass(call);
        if (bad >= 0) labelError(labels, bad, call.classes, call.ignoreIndex);
      }
      return this.#kernel(call);
    } finally {
      // nothing of the caller's stays referred to, nor is it taken for the next call's
      arrays.fill(null);
      shapes.fill(null);
    }
  }

  dispose(): void {}
}
