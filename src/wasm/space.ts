// Working space of calls that are staged, and what runs them.
import { CALL_BYTES } from '../abi.ts';
import { type BoundCall, type KernelCall, roomOf } from '../call.ts';
import { type DType, type TypedArray, view } from '../dtypes.ts';
import type { LinearArena } from '../memory/arena.ts';
import type { Kernel } from './kernels.ts';
import { CallRecord, type RecordWriter } from './record.ts';

/** What runs a record that is ready. */
export interface Runner {
  readonly arena: LinearArena;
  readonly writer: RecordWriter;
  /** Bytes that arrays outside the memory may take in it at once. */
  readonly most: number;
  /** The instance's own tile if the call needs none or it is large enough, else −1: it takes roomOf. */
  fixedTile(call: KernelCall, kernel: Kernel): number;
  /** The pre-pass, if the call has one: throws ERR_LABEL before anything is written. `first`: rows before those of the record. */
  check(call: KernelCall, kernel: Kernel, record: number, first: number): void;
  /** The kernel on `units` elements or rows. */
  execute(call: KernelCall, kernel: Kernel, record: number, units: number): number;
}

/** Gives a call space of its own. Without a record it takes a place for one, too. */
export type Bind = (runner: Runner, call: KernelCall, kernel: Kernel, record?: CallRecord) => BoundCall;

/** A view of linear memory that survives growth, which detaches the view of before. */
export class Region {
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

/** What a call has allocated. */
export class Space {
  readonly #runner: Runner;
  readonly #blocks: number[] = [];

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  take(bytes: number): number {
    const at = this.#runner.arena.allocate(bytes);
    this.#blocks.push(at);
    return at;
  }

  /** The record of a call, written but for what has to be staged; `given`: its place, if it has one. */
  record(call: KernelCall, kernel: Kernel, given?: CallRecord): CallRecord {
    const runner = this.#runner;
    const record = given ?? new CallRecord(this.take(CALL_BYTES));
    const fixed = runner.fixedTile(call, kernel);
    runner.writer.write(record, call, fixed >= 0 ? fixed : this.take(roomOf(call)));
    return record;
  }

  /** The place of a broadcast's record. */
  shape(broadcast: Uint32Array): number {
    const at = this.take(4 * broadcast.length);
    view('u32', this.#runner.arena.buffer, at, broadcast.length).set(broadcast);
    return at;
  }

  free(): void {
    for (const at of this.#blocks.splice(0)) this.#runner.arena.free(at);
  }
}
