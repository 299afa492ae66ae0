import { CALL_BYTES, FLAGS, LANEWISE_CLASSES, SCRATCH_BYTES, tileBytes } from '../abi.ts';
import { type Backend, type BoundCall, type KernelCall, roomOf } from '../call.ts';
import { labelError } from '../labels.ts';
import type { LinearArena } from '../memory/arena.ts';
import type { KernelExports } from './generated/exports.ts';
import { type Kernel, Kernels } from './kernels.ts';
import type { Parts } from './parts.ts';
import { CallRecord, RecordWriter } from './record.ts';
import type { Bind, Runner } from './space.ts';
import { StagedCall } from './stagedCall.ts';
import { Staging } from './staging.ts';

/** What ordinary arrays take of the memory at once, a thread, but for one row of all operands. */
const STAGED_BYTES = 2 ** 20;

/** What the instance's own tile has room for. */
const TILE_BYTES = /* @__PURE__ */ tileBytes(LANEWISE_CLASSES);

const whole: Bind = (runner, call, kernel, record) => new StagedCall(runner, call, kernel, record);

/** Runs calls on the module's kernels: operands in this memory are used in place, others are staged through it. */
export class WasmBackend implements Backend, Runner {
  readonly name = 'wasm';
  readonly arena: LinearArena;
  readonly writer: RecordWriter;
  readonly most: number;
  readonly exports: KernelExports;
  readonly #kernels: Kernels;
  readonly #parts: Parts | undefined;
  readonly #bind: Bind;
  readonly #staging: Staging;
  /** Room for the tile of few classes. */
  readonly #tile: number;
  /** That of plain calls. */
  readonly #record: CallRecord;

  /** `parts` where workers take part, `inTiles` where large arrays are to go through the memory in tiles. */
  constructor(exports: KernelExports, arena: LinearArena, parts?: Parts, inTiles?: Bind) {
    this.arena = arena;
    this.exports = exports;
    this.#parts = parts;
    this.#bind = inTiles ?? whole;
    this.most = STAGED_BYTES * (parts?.pool.threads ?? 1);
    const scratch = arena.allocate(SCRATCH_BYTES + TILE_BYTES + CALL_BYTES);
    this.#tile = scratch + SCRATCH_BYTES;
    this.#record = new CallRecord(this.#tile + TILE_BYTES);
    this.writer = new RecordWriter(arena, scratch);
    this.#staging = new Staging(arena, this.writer, inTiles === undefined ? Infinity : STAGED_BYTES);
    this.#kernels = new Kernels(exports);
  }

  run(call: KernelCall): number {
    const kernel = this.#kernels.of(call);
    const tile = this.fixedTile(call, kernel);
    const record = this.#record;
    const staged = this.writer.write(record, call, tile);
    if (staged !== 0 || tile < 0) return this.#runStaged(call, kernel, tile, staged);
    return this.#runWhole(call, kernel, record.at);
  }

  /** Brings to the memory what lies outside it. */
  #runStaged(call: KernelCall, kernel: Kernel, tile: number, staged: number): number {
    // a call that is cut allocates on its way, and so does one whose operands find no room in one piece
    if (!this.#isCut(call)) {
      const staging = this.#staging;
      const tileSize = tile < 0 ? roomOf(call) : 0;
      if (staging.begin(call, staged, tileSize)) {
        if (tile < 0) this.writer.setTile(this.#record, staging.take(tileSize));
        staging.copyIn(call, staged, this.#record);
        const value = this.#runWhole(call, kernel, this.#record.at);
        staging.copyOut(call, staged);
        return value;
      }
    }
    const bound = this.#bind(this, call, kernel, this.#record);
    try {
      return bound.run();
    } finally {
      bound.dispose();
    }
  }

  bind(call: KernelCall): BoundCall {
    return this.#bind(this, call, this.#kernels.of(call));
  }

  #runWhole(call: KernelCall, kernel: Kernel, record: number): number {
    this.check(call, kernel, record, 0);
    return this.execute(call, kernel, record, call.outer * call.inner);
  }

  check(call: KernelCall, kernel: Kernel, record: number, first: number): void {
    call.check?.(call, this.arena.buffer, this.writer.u32, record);
    if (!call.prepass) return;
    const bad = kernel.prepass(record);
    const perRow = (call.flags & FLAGS.SETS) !== 0 ? call.classes : 1;
    if (bad >= 0) this.#labelError(call, first * perRow + bad);
  }

  /** With the workers' help where that pays. */
  execute(call: KernelCall, kernel: Kernel, record: number, units: number): number {
    const parts = this.#parts;
    const chunks = parts === undefined ? 1 : parts.chunks(call, units);
    const value = chunks < 2 ? kernel.run(record) : parts!.run(call, record, this.writer.u32, chunks, units);
    if (call.isSummed) kernel.unbroadcast!(record);
    return value;
  }

  #labelError(call: KernelCall, bad: number): never {
    const { labels } = call;
    if (labels.at >= 0) labels.settle(call.dtype, this.arena);
    return labelError(labels.elements as Int32Array, bad, call);
  }

  #isCut(call: KernelCall): boolean {
    return this.#parts !== undefined && this.#parts.chunks(call, call.outer * call.inner) >= 2;
  }

  dispose(): void {
    this.#parts?.pool.dispose();
  }

  fixedTile(call: KernelCall, kernel: Kernel): number {
    if (kernel.steps) return -1;
    if (!kernel.lanes && call.room === 0) return 0;
    return roomOf(call) <= TILE_BYTES ? this.#tile : -1;
  }
}
