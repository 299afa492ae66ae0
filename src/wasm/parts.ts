import { BLOCK, CALL_BYTES, FLAGS, LANEWISE_CLASSES, SCRATCH_BYTES, tileBytes, VALUE } from '../abi.ts';
import { type KernelCall, roomOf } from '../call.ts';
import { type FloatDType, view } from '../dtypes.ts';
import type { LinearArena } from '../memory/arena.ts';
import type { WorkerFactory } from '../threads/platform.ts';
import { Pool } from '../threads/pool.ts';
import { ourWorker } from '../threads/start.ts';
import type { KernelExports } from './generated/exports.ts';
import { functionOf } from './kernels.ts';
import { adderOf, isOfElements, type Loop, loopOf } from './loops.ts';
import { ADDRESSES, FROM, PARTIALS, SCRATCH, TILE, TO } from './record.ts';
import { pairsSteps, projectionSteps, runOverlaps, runSteps } from './steps.ts';

/**
 * Nanoseconds that an f32 element takes in each loop, roughly, and how many elements or rows a chunk is a multiple of:
 * whole blocks of the sum, whole vectors of lanes.
 */
interface LoopCost {
  readonly nanos: number;
  readonly grain: number;
}
const costs: Readonly<Record<Loop, LoopCost>> = {
  sum: { nanos: 0.1, grain: BLOCK },
  grad: { nanos: 0.12, grain: BLOCK },
  sumgrad: { nanos: 0.14, grain: BLOCK },
  terms: { nanos: 1.2, grain: BLOCK },
  any: { nanos: 1.5, grain: BLOCK },
  softplus: { nanos: 1.8, grain: BLOCK },
  product: { nanos: 1.2, grain: BLOCK },
  map: { nanos: 1, grain: BLOCK },
  few: { nanos: 2.1, grain: 16 },
  rows: { nanos: 1.1, grain: 1 },
  lanes: { nanos: 2.2, grain: 16 },
  pick: { nanos: 0.2, grain: 16 },
  sequences: { nanos: 5, grain: 1 },
  // a product's term
  project: { nanos: 0.06, grain: 1 },
  allPairs: { nanos: 0.06, grain: 1 },
  overlaps: { nanos: 1.5, grain: 1 },
};
export const costOf = (name: string): LoopCost | undefined => costs[loopOf(name) as Loop];

/**
 * Least time of a call that is worth waking workers for, and of a chunk, ns. `npm run bench:threads` on two quiet cores: a
 * call of 30 µs is as fast with two threads as with one, 35 µs 1.15 times, 70 µs 1.3, 290 µs 1.8; memory-bound ones
 * pay from 40 µs on.
 */
const LEAST_CALL = 45_000;
const LEAST_CHUNK = 15_000;
/** Chunks a thread: a thread that is held up delays the others by one of them at most. */
const CHUNKS_A_THREAD = 8;
/** Room that a row sum's padding may take. */
const PADDING = 128;

/** What cutting a kernel's calls takes to know. */
interface Cut {
  /** Index of the export, by dtype; −1 where the module lacks something that a call in parts takes. */
  readonly f32: number;
  readonly f64: number;
  readonly nanos: number;
  readonly grain: number;
  readonly elementwise: boolean;
  readonly lanes: boolean;
  readonly overlaps: boolean;
}

/** Memory that is kept from call to call and only grows. */
class Room {
  readonly #arena: LinearArena;
  #at = 0;
  #size = 0;

  constructor(arena: LinearArena) {
    this.#arena = arena;
  }

  of(bytes: number): number {
    if (bytes > this.#size) {
      const at = this.#arena.allocate(bytes);
      if (this.#size > 0) this.#arena.free(this.#at);
      this.#at = at;
      this.#size = bytes;
    }
    return this.#at;
  }
}

/** Cuts calls that are long enough into chunks for the workers; the bits are those of the undivided call. */
export class Parts {
  readonly pool: Pool;
  readonly #exports: KernelExports;
  readonly #cuts: Readonly<Record<string, Cut>>;
  readonly #arena: LinearArena;
  readonly #partials: Room;
  readonly #tiles: Room;

  /** Starts workers on the arena's memory; `deadline` as the pool has it. */
  static start(
    modules: readonly WebAssembly.Module[],
    exports: KernelExports,
    arena: LinearArena,
    threads: number,
    worker: WorkerFactory = ourWorker,
    deadline?: number,
  ): Parts {
    const kernels = Object.keys(exports).filter(
      (name) => costOf(name) !== undefined && functionOf(exports, name) !== undefined,
    );
    const pool = new Pool({
      modules,
      memory: arena.memory,
      threads,
      kernels,
      fields: { scratch: SCRATCH, tile: TILE, from: FROM, to: TO },
      recordBytes: CALL_BYTES,
      scratchBytes: SCRATCH_BYTES,
      tileBytes: tileBytes(LANEWISE_CLASSES),
      worker,
      reserve: (bytes) => arena.allocate(bytes),
      deadline,
    });
    return new Parts(pool, kernels, exports, arena);
  }

  constructor(pool: Pool, kernels: readonly string[], exports: KernelExports, arena: LinearArena) {
    this.pool = pool;
    this.#arena = arena;
    this.#exports = exports;
    this.#partials = new Room(arena);
    this.#tiles = new Room(arena);
    const cuts: Record<string, Cut> = Object.create(null);
    for (const full of kernels) {
      const name = full.slice(0, -4);
      const cost = costOf(full)!;
      const elementwise = isOfElements(loopOf(full))!;
      const indexOf = (dtype: FloatDType): number =>
        functionOf(exports, adderOf(elementwise, dtype)) === undefined
          ? -1
          : kernels.indexOf(`${name}_${dtype}`);
      cuts[name] = {
        f32: indexOf('f32'),
        f64: indexOf('f64'),
        ...cost,
        elementwise,
        lanes: cost === costs.lanes,
        overlaps: cost === costs.overlaps,
      };
    }
    this.#cuts = cuts;
  }

  /** The chunks that so many elements or rows are worth; 1: they are left whole. Depends on kernel and shape alone. */
  chunks(call: KernelCall, total: number): number {
    const { nanos, grain, overlaps, [call.dtype]: index } = this.#cuts[call.kernel];
    // steps are cut: those of a product, each of one chunk's rows, and of sets, of blocks of positions
    const terms = call.features > 0 ? call.chunk * call.features : total;
    const time = terms * call.classes * nanos * (call.dtype === 'f64' ? 2 : 1);
    const units = overlaps ? call.features : total;
    if (time < LEAST_CALL || units <= grain || index < 0 || this.pool.alive === 1) return 1;
    return Math.min(this.pool.threads * CHUNKS_A_THREAD, Math.floor(time / LEAST_CHUNK));
  }

  /** Runs a record that is ready; one with room for sums leaves them there. */
  run(call: KernelCall, record: number, u32: Uint32Array, chunks: number, total: number): number {
    const cut = this.#cuts[call.kernel];
    const words = record >>> 2;
    if (cut.overlaps) return this.#runOverlaps(call, record, u32, chunks, cut[call.dtype]);
    if (call.features > 0) return this.#runSteps(call, record, u32, chunks, cut[call.dtype]);
    const bytes = roomOf(call);
    const large = (cut.lanes || call.room > 0) && bytes > this.pool.tileBytes;
    const tiles = large ? this.#tiles.of(this.pool.threads * bytes) : 0;
    const sums = (call.flags & FLAGS.VALUE) !== 0 && !call.has(VALUE) && u32[words + PARTIALS] === 0;
    if (sums) {
      const size = call.dtype === 'f64' ? 8 : 4;
      const room = cut.elementwise ? 8 * Math.ceil(total / BLOCK) : size * total + PADDING;
      u32[words + PARTIALS] = this.#partials.of(room);
    }
    try {
      this.pool.run(
        cut[call.dtype],
        record,
        total,
        Pool.sizeOf(total, cut.grain, chunks),
        tiles,
        large ? bytes : 0,
        !isInPlace(call, u32, words + ADDRESSES),
      );
      return sums ? this.#exports[adderOf(cut.elementwise, call.dtype)](record) : 0;
    } finally {
      // it is not the record's own: undivided the call has none
      if (sums) u32[words + PARTIALS] = 0;
    }
  }

  /** The same of a call in steps, whose space all threads share. */
  #runSteps(call: KernelCall, record: number, u32: Uint32Array, chunks: number, kernel: number): number {
    const words = u32.subarray(record >>> 2, (record + CALL_BYTES) >>> 2);
    const space = words[TILE];
    // the space may lie beyond what the view of the records has seen of a memory that grows
    const head = view('u32', this.#arena.buffer, space, 3);
    const run = this.#whole(call);
    const steps = loopOf(call.kernel) === 'project' ? projectionSteps : pairsSteps;
    return runSteps(
      steps,
      call,
      words,
      (word) => head[word],
      () => run(record),
      (total, repeatable) =>
        this.pool.run(kernel, record, total, Pool.sizeOf(total, 1, chunks), space, 0, repeatable),
    );
  }

  /** The same of sets, whose sums all threads share, each with a tile of its own. */
  #runOverlaps(call: KernelCall, record: number, u32: Uint32Array, chunks: number, kernel: number): number {
    const words = u32.subarray(record >>> 2, (record + CALL_BYTES) >>> 2);
    const bytes = tileBytes(call.classes);
    const large = bytes > this.pool.tileBytes;
    const tiles = large ? this.#tiles.of(this.pool.threads * bytes) : 0;
    words[PARTIALS] = words[TILE] + bytes;
    try {
      return runOverlaps(
        call,
        words,
        isInPlace(call, u32, (record >>> 2) + ADDRESSES),
        () => this.#whole(call)(record),
        (total, repeatable) =>
          this.pool.run(
            kernel,
            record,
            total,
            Pool.sizeOf(total, 1, chunks),
            tiles,
            large ? bytes : 0,
            repeatable,
          ),
      );
    } finally {
      words[PARTIALS] = 0;
    }
  }

  /** The call's kernel on this thread. */
  #whole(call: KernelCall): (record: number) => number {
    return functionOf(this.#exports, `${call.kernel}_${call.dtype}`)!;
  }
}

/** Whether a result is written over what the call reads. */
function isInPlace({ operands, count }: KernelCall, u32: Uint32Array, addresses: number): boolean {
  for (let i = 0; i < count; i++) {
    for (let k = 0; operands[i].slot >= VALUE && operands[k].slot < VALUE; k++)
      if (u32[addresses + operands[i].slot] === u32[addresses + operands[k].slot]) return true;
  }
  return false;
}
