import { FLAGS, IN1, VALUE } from '../abi.ts';
import type { Backend, BoundCall, KernelCall } from '../call.ts';
import { type FloatArray, type HalfDType, type IndexArray, isHalf, zeros } from '../dtypes.ts';
import { narrow, widen } from '../half.ts';
import { labelError, labelsToI32 } from '../labels.ts';
import type { Operand } from '../memory/operand.ts';
import { jsKernels, jsUnbroadcast } from './kernels.ts';

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

/** An operand of 16 bits, and its f32s. */
interface Wide {
  readonly operand: Operand;
  readonly dtype: HalfDType;
  readonly numbers: Float32Array;
}

/** The gradient of an operand that is broadcast: what the kernel writes, and room for adding it up. */
interface Summed {
  readonly operand: Operand;
  readonly each: FloatArray;
  /** What they become. */
  total: FloatArray;
  readonly sums: Float64Array;
  readonly lost: Float64Array;
}

const NONE: readonly never[] = [];

class JsCall implements BoundCall {
  readonly #call: KernelCall;
  readonly #kernel: (call: KernelCall) => number;
  readonly #prepass: ((call: KernelCall) => number) | undefined;
  /** Takes the place of labels of another type than i32. */
  readonly #widened: Int32Array<ArrayBuffer> | undefined;

  // most calls have none of these, and leave no lists of them
  #wide: readonly Wide[] = NONE;
  #summed: readonly Summed[] = NONE;

  constructor(call: KernelCall) {
    this.#call = call;
    this.#kernel = jsKernels[call.dtype][call.kernel];
    this.#prepass = call.prepass ? jsKernels[call.dtype].prepass : undefined;
    for (let i = 0; i < call.count; i++) {
      const operand = call.operands[i];
      const { dtype, length } = operand;
      operand.settle(call.dtype);
      if (isHalf(dtype)) {
        const numbers = new Float32Array(length);
        this.#wide = [...this.#wide, { operand, dtype, numbers }];
      }
    }
    for (let i = 0; call.isSummed && i < call.count; i++) {
      const operand = call.operands[i];
      if (operand.slot < VALUE || operand.broadcast === null) continue;
      const [sums, lost] = [new Float64Array(operand.length), new Float64Array(operand.length)];
      const each = zeros(call.dtype, call.inner);
      this.#summed = [...this.#summed, { operand, each, total: each, sums, lost }];
    }
    if (
      (call.flags & (FLAGS.INDEX | FLAGS.COMPARED)) !== 0 &&
      !(call.labels.elements instanceof Int32Array)
    ) {
      this.#widened = new Int32Array(call.labels.length);
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
    for (const { operand, dtype, numbers } of this.#wide) {
      if (operand.slot < VALUE) widen(dtype, operand.elements as Uint16Array, numbers);
      arrays[operand.slot] = numbers;
    }
    for (const summed of this.#summed) {
      const { slot } = summed.operand;
      summed.total = arrays[slot] as FloatArray;
      arrays[slot] = summed.each;
    }
    const labels = arrays[IN1] as IndexArray;
    if (this.#widened !== undefined) {
      labelsToI32(labels, this.#widened, call.ignoreIndex);
      arrays[IN1] = this.#widened;
    }
    try {
      call.check?.(call);
      if (this.#prepass !== undefined) {
        const bad = this.#prepass(call);
        if (bad >= 0) labelError(labels, bad, call);
      }
      const value = this.#kernel(call);
      for (const { operand, each, sums, lost, total } of this.#summed)
        jsUnbroadcast[call.dtype](each as never, operand.broadcast!, sums, lost, total as never);
      for (const { operand, dtype, numbers } of this.#wide)
        if (operand.slot >= VALUE) narrow(dtype, numbers, operand.elements as Uint16Array);
      return value;
    } finally {
      // nothing of the caller's stays referred to, nor is it taken for the next call's
      arrays.fill(null);
      shapes.fill(null);
    }
  }

  dispose(): void {}
}
