import { CALL_BYTES, tileBytes, VALUE } from '../abi.ts';
import type { BoundCall, KernelCall } from '../call.ts';
import { bytesOf, type DType, type FloatArray, type IndexArray, type TypedArray, view } from '../dtypes.ts';
import { labelsToI32 } from '../labels.ts';
import type { LinearArena } from '../memory/arena.ts';
import type { Operand } from '../memory/operand.ts';
import type { Kernel } from './kernels.ts';
import { CallRecord, isCopied, mustWiden, type RecordWriter, roomOf } from './record.ts';

/** What runs a record that is ready. */
export interface Runner {
  readonly arena: LinearArena;
  readonly writer: RecordWriter;
  /** The instance's own tile if the call needs none or it is large enough, else −1. */
  fixedTile(call: KernelCall, kernel: Kernel): number;
  /** The pre-pass and the kernel; throws ERR_LABEL before anything is written. */
  execute(call: KernelCall, kernel: Kernel, record: number): number;
}

/** A view of linear memory that survives growth, which detaches the view of before. */
class Region {
  readonly #arena: LinearArena;
  readonly #dtype: DType;
  readonly #at: number;
  readonly #length: number;
  #view: TypedArray;

  constructor(arena: LinearArena, dtype: DType, at: number, length: number) {
    this.#arena = arena;
    this.#dtype = dtype;
    this.#at = at;
    this.#length = length;
    this.#view = view(dtype, arena.buffer, at, length);
  }

  get view(): TypedArray {
    if (this.#view.length !== this.#length || this.#length === 0)
      this.#view = view(this.#dtype, this.#arena.buffer, this.#at, this.#length);
    return this.#view;
  }
}

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
  readonly #allocated: number[] = [];
  readonly #in: Copied[] = [];
  readonly #widened: Copied[] = [];
  readonly #out: Copied[] = [];

  /** Without a record it takes a place of its own. */
  constructor(runner: Runner, call: KernelCall, kernel: Kernel, record?: CallRecord) {
    this.#runner = runner;
    this.#call = call;
    this.#kernel = kernel;
    const { arena, writer } = runner;
    try {
      this.#record = record ?? new CallRecord(this.#allocate(CALL_BYTES));
      const fixed = runner.fixedTile(call, kernel);
      const tile = fixed >= 0 ? fixed : this.#allocate(tileBytes(call.classes));
      const staged = writer.write(this.#record, call, tile);
      for (let i = 0; i < call.count; i++) if ((staged & (1 << i)) !== 0) this.#stage(call.operands[i]);
    } catch (error) {
      this.dispose();
      throw error;
    }
    // after the last allocation, which may have detached what lies in the memory
    for (const { operand } of [...this.#in, ...this.#widened, ...this.#out])
      operand.settle(call.dtype, arena);
  }

  run(): number {
    const call = this.#call;
    for (let i = 0; i < this.#in.length; i++) {
      const { operand, space } = this.#in[i];
      (space.view as FloatArray).set(operand.elements as FloatArray);
    }
    for (let i = 0; i < this.#widened.length; i++) {
      const { operand, space } = this.#widened[i];
      // growth may have detached labels that lie in the memory
      if (operand.at >= 0) operand.settle(call.dtype, this.#runner.arena);
      labelsToI32(operand.elements as IndexArray, space.view as Int32Array, call.ignoreIndex);
    }
    const value = this.#runner.execute(call, this.#kernel, this.#record.at);
    for (let i = 0; i < this.#out.length; i++) {
      const { operand, space } = this.#out[i];
      if (operand.at >= 0) operand.settle(call.dtype, this.#runner.arena);
      (operand.elements as FloatArray).set(space.view as FloatArray);
    }
    return value;
  }

  dispose(): void {
    for (let i = 0; i < this.#allocated.length; i++) this.#runner.arena.free(this.#allocated[i]);
    this.#allocated.length = 0;
  }

  #allocate(bytes: number): number {
    const at = this.#runner.arena.allocate(bytes);
    this.#allocated.push(at);
    return at;
  }

  /** Makes room for an operand, and writes to the record where it is. */
  #stage(operand: Operand): void {
    const { arena, writer } = this.#runner;
    const { slot, length, isIndex, broadcast } = operand;
    if (isCopied(operand)) {
      const dtype = isIndex ? 'i32' : this.#call.dtype;
      const at = this.#allocate(roomOf(operand, this.#call) * bytesOf(dtype));
      writer.setAddress(this.#record, slot, at);
      const copied = { operand, space: new Region(arena, dtype, at, length) };
      if (slot >= VALUE) this.#out.push(copied);
      else if (mustWiden(operand)) this.#widened.push(copied);
      else this.#in.push(copied);
    }
    if (broadcast !== null) {
      const at = this.#allocate(4 * broadcast.length);
      view('u32', arena.buffer, at, broadcast.length).set(broadcast);
      writer.setShape(this.#record, slot, at);
    }
  }
}
