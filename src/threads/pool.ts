import { align } from '../abi.ts';
import { fail } from '../errors.ts';
import {
  CHUNKS,
  DONE,
  FAILED,
  type Fields,
  KERNEL,
  LEFT,
  MOST_CHUNKS,
  RECORD,
  runChunk,
  SIGNAL,
  SIZE,
  type Start,
  type Thread,
  TILE_BYTES,
  TILES,
  TOTAL,
  takeChunks,
  threadOf,
} from './control.js';
import type { AnyWorker, WorkerFactory } from './platform.ts';
import { startWorker } from './start.ts';

/** What the pool is made of; addresses and sizes in bytes. */
export interface PoolOptions {
  /** What its kernels are in. */
  readonly modules: readonly WebAssembly.Module[];
  readonly memory: WebAssembly.Memory;
  /** The calling thread counts. */
  readonly threads: number;
  readonly kernels: readonly string[];
  readonly fields: Omit<Fields, 'failedChunks'>;
  readonly recordBytes: number;
  readonly scratchBytes: number;
  readonly tileBytes: number;
  readonly worker: WorkerFactory;
  /** Working space that no tensor may lie in. */
  readonly reserve: (bytes: number) => number;
  /** Milliseconds without any progress after which a worker counts as lost. */
  readonly deadline?: number;
}

const DEADLINE = 5000;
/** Tries between two looks at the clock, and looks before the thread sleeps a little where it may. */
const SPINS = 2000;
const PATIENCE = 20;
const NAP_MS = 0.05;
/** As often a worker is replaced whose predecessors ended within this time of their start, or never started. */
const REPLACEMENTS = 3;
const SHORT_LIFE_MS = 10_000;

/** Where a pool's words and its threads' working space lie. */
interface Space {
  readonly words: Int32Array;
  readonly starts: readonly Start[];
}

/** A page's main thread may not wait. */
function mayWait(words: Int32Array): boolean {
  try {
    Atomics.wait(words, DONE, 0, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Workers that share a memory with the calling thread and take part in its kernel calls. They are started once and parked
 * between calls. The calling thread takes part as well and then spins until the last chunk has ended, as a page's main
 * thread may not wait; so calls stay synchronous.
 */
export class Pool {
  readonly threads: number;
  /** Size of the threads' own tiles. */
  readonly tileBytes: number;
  readonly #options: PoolOptions;
  readonly #fields: Fields;
  #space: Space;
  #own: Thread;
  #memory: Int32Array;
  /** The workers, parked or starting, by their places. */
  readonly #workers = new Map<Start, AnyWorker>();
  readonly #mayWait: boolean;
  #state: 'working' | 'replacing' | 'ended' = 'working';
  /** Resolves when all workers are parked. */
  ready: Promise<void>;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.threads = options.threads;
    this.tileBytes = options.tileBytes;
    this.#fields = { ...options.fields, failedChunks: RECORD + options.recordBytes / 4 };
    this.#space = this.#reserve();
    this.#own = threadOf(this.#space.starts[0]);
    this.#memory = new Int32Array(options.memory.buffer);
    this.#mayWait = mayWait(this.#space.words);
    this.ready = Promise.all(this.#places.map((start) => this.#fill(start, 0))).then(() => {});
  }

  /** How many threads work on calls, those included that are starting. */
  get alive(): number {
    return this.#state === 'replacing' ? this.threads : 1 + this.#workers.size;
  }

  /**
   * Runs a kernel on the call at address `record`, cut into chunks of `size` of its `total` elements or rows; returns when
   * all of it is done. `tiles` is the address of a tile of `tileBytes` for each thread, 0 where their own suffice.
   * `repeatable`: a chunk can be done again, which it cannot where results overwrite operands.
   */
  run(
    kernel: number,
    record: number,
    total: number,
    size: number,
    tiles: number,
    tileBytes: number,
    repeatable: boolean,
  ): void {
    if (this.#state !== 'working') {
      fail('ERR_WORKER', 'a worker was lost; the others are being replaced: try again later');
    }
    const { words } = this.#space;
    const chunks = Math.ceil(total / size);
    this.#copy(record, words);
    words[KERNEL] = kernel;
    words[CHUNKS] = chunks;
    words[SIZE] = size;
    words[TOTAL] = total;
    words[TILES] = tiles;
    words[TILE_BYTES] = tileBytes;
    Atomics.store(words, DONE, 0);
    Atomics.store(words, FAILED, 0);
    Atomics.store(words, LEFT, chunks);
    Atomics.add(words, SIGNAL, 1);
    Atomics.notify(words, SIGNAL, chunks - 1);
    takeChunks(this.#own);
    this.#wait(words, chunks);
    const failed = words[FAILED];
    if (failed > 0 && !repeatable) {
      fail('ERR_WORKER', 'a worker failed in place: input and result are undefined');
    }
    for (let i = 0; i < failed; i++) runChunk(this.#own, words[this.#fields.failedChunks + i]);
  }

  /** Size of a chunk for `chunks` chunks, a multiple of `grain`. */
  static sizeOf(total: number, grain: number, chunks: number): number {
    return grain * Math.ceil(total / (grain * Math.min(chunks, MOST_CHUNKS)));
  }

  dispose(): void {
    this.#state = 'ended';
    this.#end();
  }

  /** Copies a call record to the job. */
  #copy(record: number, words: Int32Array): void {
    const length = this.#options.recordBytes / 4;
    if (record + 4 * length > this.#memory.byteLength)
      this.#memory = new Int32Array(this.#options.memory.buffer);
    const from = record / 4;
    for (let i = 0; i < length; i++) words[RECORD + i] = this.#memory[from + i];
  }

  #wait(words: Int32Array, chunks: number): void {
    let done = 0;
    let limit = Number.POSITIVE_INFINITY;
    let looks = 0;
    for (let spins = 1; ; spins++) {
      const now = Atomics.load(words, DONE);
      if (now === chunks) return;
      if (now !== done) {
        done = now;
        limit = Number.POSITIVE_INFINITY;
        looks = 0;
      }
      if (spins % SPINS !== 0) continue;
      const time = performance.now();
      if (limit === Number.POSITIVE_INFINITY) limit = time + (this.#options.deadline ?? DEADLINE);
      else if (time > limit) this.#lost();
      if (++looks > PATIENCE && this.#mayWait) Atomics.wait(words, DONE, now, NAP_MS);
    }
  }

  /** A worker took a chunk and never ended it: nothing can be trusted until all workers are new. */
  #lost(): never {
    this.#state = 'replacing';
    this.ready = this.#end()
      .then(() => {
        if (this.#state === 'ended') return undefined;
        // words and space of their own, in case a worker is not quite gone
        this.#space = this.#reserve();
        this.#own = threadOf(this.#space.starts[0]);
        return Promise.allSettled(this.#places.map((start) => this.#fill(start, 1)));
      })
      // without room for it the calling thread goes on alone
      .catch(() => {})
      .then(() => {
        if (this.#state === 'replacing') this.#state = 'working';
      });
    return fail(
      'ERR_WORKER',
      'a worker was lost in this call: its results are undefined, and the workers are replaced',
    );
  }

  #reserve(): Space {
    const { modules, memory, threads, kernels, recordBytes, scratchBytes, tileBytes, reserve } =
      this.#options;
    const controlBytes = align(4 * (this.#fields.failedChunks + MOST_CHUNKS));
    const slot = align(recordBytes) + align(scratchBytes) + align(tileBytes);
    const control = reserve(controlBytes + threads * slot);
    const starts = Array.from({ length: threads }, (_, index) => {
      const at = control + controlBytes + index * slot;
      const scratch = at + align(recordBytes);
      const tile = scratch + align(scratchBytes);
      return {
        modules,
        memory,
        kernels,
        fields: this.#fields,
        recordBytes,
        index,
        control,
        controlBytes,
        at,
        scratch,
        tile,
      };
    });
    const words = new Int32Array(memory.buffer, control, controlBytes / 4);
    words.fill(0);
    return { words, starts };
  }

  /** What the other threads are started with. */
  get #places(): readonly Start[] {
    return this.#space.starts.slice(1);
  }

  /**
   * Starts the worker of a place and resolves when it is parked. One that ends, between calls or while it starts, is replaced by
   * another; `deaths` counts those in a row that did so soon, and after too many of them the place stays empty: the others do
   * its work. It rejects then, and at once where the first worker cannot be started.
   */
  async #fill(start: Start, deaths: number): Promise<void> {
    const begun = performance.now();
    const { worker, ready } = startWorker(this.#options.worker, start, () => {
      if (this.#workers.get(start) !== worker) return;
      const soon = performance.now() - begun < SHORT_LIFE_MS;
      this.#refill(start, soon ? deaths + 1 : 1).catch(() => {});
    });
    this.#workers.set(start, worker);
    try {
      await ready;
    } catch (cause) {
      if (this.#workers.get(start) !== worker) return;
      return this.#refill(start, deaths === 0 ? Number.POSITIVE_INFINITY : deaths + 1, cause);
    }
  }

  async #refill(start: Start, deaths: number, cause?: unknown): Promise<void> {
    if (deaths <= REPLACEMENTS) return this.#fill(start, deaths);
    this.#workers.delete(start);
    throw cause;
  }

  #end(): Promise<unknown> {
    const ended = [...this.#workers.values()].map((worker) => worker.terminate());
    this.#workers.clear();
    return Promise.allSettled(ended);
  }
}
