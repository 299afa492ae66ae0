import { VALUE } from '../abi.ts';
import type { BoundCall, KernelCall } from '../call.ts';
import { bytesOf } from '../dtypes.ts';
import type { Operand } from '../memory/operand.ts';
import { bring, take } from './copies.ts';
import type { Kernel } from './kernels.ts';
import { type CallRecord, isCopied, roomOf } from './record.ts';
import { Region, type Runner, Space } from './space.ts';

/** An operand that is copied in before each run, or out after it, and its space. */
interface Copied {
  readonly operand: Operand;
  readonly space: Region;
}

/** A call with space of its own: a prepared step, or a plain call for which there is no room in one piece. */
export class StagedCall implements BoundCall {
  readonly #runner: Runner;
  readonly #call: KernelCall;
  readonly #kernel: Kernel;
  readonly #record: CallRecord;
  readonly #space: Space;
  readonly #in: Copied[] = [];
  readonly #out: Copied[] = [];

  constructor(runner: Runner, call: KernelCall, kernel: Kernel, record?: CallRecord) {
    this.#runner = runner;
    this.#call = call;
    this.#kernel = kernel;
    this.#space = new Space(runner);
    try {
      this.#record = this.#space.record(call, kernel, record);
      for (let i = 0; i < call.count; i++) this.#stage(call.operands[i]);
    } catch (error) {
      this.dispose();
      throw error;
    }
    // after the last allocation, which may have detached what lies in the memory
    for (const { operand } of [...this.#in, ...this.#out]) operand.settle(call.dtype, runner.arena);
  }

  run(): number {
    const runner = this.#runner;
    const call = this.#call;
    for (let i = 0; i < this.#in.length; i++) {
      const { operand, space } = this.#in[i];
      // growth may have detached what lies in the memory
      if (operand.at >= 0) operand.settle(call.dtype, runner.arena);
      bring(operand, operand.elements, space.view, call.ignoreIndex, runner.arena);
    }
    runner.check(call, this.#kernel, this.#record.at, 0);
    const value = runner.execute(call, this.#kernel, this.#record.at, call.outer * call.inner);
    for (let i = 0; i < this.#out.length; i++) {
      const { operand, space } = this.#out[i];
      if (operand.at >= 0) operand.settle(call.dtype, runner.arena);
      take(operand, space.view, operand.elements, runner.arena);
    }
    return value;
  }

  dispose(): void {
    this.#space.free();
  }

  /** Makes room for an operand, and writes to the record where it is. */
  #stage(operand: Operand): void {
    const { arena, writer } = this.#runner;
    const { slot, length, isIndex, broadcast } = operand;
    if (isCopied(operand)) {
      const dtype = isIndex ? 'i32' : this.#call.dtype;
      const at = this.#space.take(roomOf(operand, this.#call) * bytesOf(dtype));
      writer.setAddress(this.#record, slot, at);
      (slot >= VALUE ? this.#out : this.#in).push({ operand, space: new Region(arena, dtype, at, length) });
    }
    if (broadcast !== null) writer.setShape(this.#record, slot, this.#space.shape(broadcast));
  }
}
