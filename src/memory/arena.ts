import { align } from '../abi.ts';
import type { DType, Shape } from '../dtypes.ts';
import { bytesOf } from '../dtypes.ts';
import { expected, fail, isReadable, noRoom, show } from '../errors.ts';
import { isEverybodys, kindOf } from '../given.ts';
import type { Halves } from '../half.ts';
import { Allocator } from './allocator.ts';
import { Tensor } from './tensor.ts';

const PAGE = 65536;

/** What `F.memory` tells; every property is read anew. */
export interface MemoryInfo {
  /** The linear memory's buffer; undefined on the JS backend. */
  readonly buffer: ArrayBufferLike | undefined;
  /** Bytes taken by live tensors, prepared steps and the instance's own working space. */
  readonly bytesInUse: number;
  readonly liveTensors: number;
  /** The largest bytesInUse so far. */
  readonly highWaterMark: number;
  /** Bytes that the instance may use before the memory has to grow; Infinity on the JS backend. */
  readonly capacity: number;
}

/** A tensor or a prepared step. */
interface Owned {
  dispose(): void;
}

/** Of a block: it is disposed with the last of its tensors. */
interface Life {
  tensors: number;
  disposed: boolean;
}

/** The life of an instance's tensors and steps; where their bytes are is the subclasses' business. */
export abstract class Arena {
  readonly #tensors = new Set<Tensor>();
  /** Of the blocks that someone asked for, or that more than one tensor is in. */
  readonly #lives = new Map<number, Life>();
  readonly #steps = new Set<Owned>();
  readonly #scopes: Set<Owned>[] = [];
  disposed = false;
  /** What numbers of 16 bits take; undefined where the instance was given no 'half'. */
  halves: Halves | undefined = undefined;

  abstract readonly buffer: ArrayBufferLike | undefined;
  /** Whether tensors lie in one linear memory, at addresses. */
  abstract readonly isLinear: boolean;
  abstract readonly info: MemoryInfo;
  /** A tensor of zeros; where `zeros` is false the elements may be anything. */
  protected abstract make<D extends DType>(dtype: D, sizes: Shape, length: number, zeros: boolean): Tensor<D>;
  protected abstract giveBack(tensor: Tensor): void;
  /** Whether it is the buffer of this arena's linear memory. */
  abstract holds(buffer: ArrayBufferLike | undefined): boolean;
  /**
   * The block of tensors that all of these bytes are in; 0 where they are somebody else's, so that nothing of the
   * instance's will ever be there. −1 where they are neither. To `take` them makes a block of them if they are free.
   */
  abstract blockOf(at: number, bytes: number, take?: boolean): number;

  get liveTensors(): number {
    return this.#tensors.size;
  }

  create<D extends DType>(dtype: D, shape: Shape, length: number): Tensor<D> {
    this.check();
    return this.#adopt(this.make(dtype, [...shape], length, true));
  }

  /**
   * For results, of which a kernel writes every element: zeroing them first would be for nothing. `sizes` is shared:
   * nobody may change it.
   */
  createUnset<D extends DType>(dtype: D, sizes: Shape, length: number): Tensor<D> {
    this.check();
    return this.#adopt(this.make(dtype, sizes, length, false));
  }

  attach<D extends DType>(dtype: D, shape: Shape, length: number, at: number): Tensor<D> {
    this.check();
    const buffer = this.buffer;
    if (buffer === undefined)
      fail('ERR_UNSUPPORTED', 'attach needs a linear memory, which the js backend lacks');
    const size = bytesOf(dtype);
    if (!Number.isSafeInteger(at) || at < 0 || at % size !== 0) {
      expected('ERR_OPTION', 'byteOffset', `a multiple of ${size}`, show(at));
    }
    if (at + length * size > buffer.byteLength) {
      fail(
        'ERR_SHAPE',
        `"byteOffset" ${at} plus ${length * size} bytes is beyond the memory's ${buffer.byteLength}`,
      );
    }
    const shared = this.blockOf(at, length * size);
    if (shared > 0) this.lifeOf(shared).tensors++;
    const block = shared < 0 ? this.blockOf(at, length * size, true) : shared;
    if (block < 0) {
      fail('ERR_OPTION', `"byteOffset" ${at}: ${length * size} bytes that are neither free nor one tensor's`);
    }
    return this.#adopt(new Tensor(this, dtype, [...shape], length, buffer, at, block));
  }

  /** Called by Tensor.dispose(). */
  release(tensor: Tensor): void {
    if (!this.#tensors.delete(tensor)) return;
    for (const scope of this.#scopes) scope.delete(tensor);
    const life = this.#lives.get(tensor.block);
    if (life !== undefined) {
      if (--life.tensors > 0) return;
      life.disposed = true;
      this.#lives.delete(tensor.block);
    }
    this.giveBack(tensor);
  }

  /** The life of a block of tensors. */
  lifeOf(block: number): Life {
    let life = this.#lives.get(block);
    if (life === undefined) {
      life = { tensors: 1, disposed: false };
      this.#lives.set(block, life);
    }
    return life;
  }

  scope<R>(run: () => R): R {
    this.check();
    const made = new Set<Owned>();
    this.#scopes.push(made);
    let kept: ReadonlySet<unknown> | undefined;
    try {
      const result = run();
      const then = isReadable(result) ? (result as { then?: unknown } | null | undefined)?.then : undefined;
      if (typeof then === 'function' && !isEverybodys(Object(result), 'then')) {
        fail('ERR_TYPE', '"fn" expected a synchronous function, got one that returns a promise');
      }
      kept = collect(result);
      return result;
    } finally {
      this.#scopes.splice(this.#scopes.indexOf(made), 1);
      const outer = this.#scopes.at(-1);
      for (const item of [...made]) {
        if (kept?.has(item)) outer?.add(item);
        else item.dispose();
      }
    }
  }

  /** Makes a prepared step end with its scope or the instance. */
  track(step: Owned): void {
    this.#steps.add(step);
    this.#scopes.at(-1)?.add(step);
  }

  forget(step: Owned): void {
    this.#steps.delete(step);
    for (const scope of this.#scopes) scope.delete(step);
  }

  dispose(): void {
    for (const step of [...this.#steps]) step.dispose();
    for (const tensor of [...this.#tensors]) tensor.dispose();
    this.disposed = true;
  }

  check(): void {
    if (this.disposed) fail('ERR_DISPOSED', 'this instance was disposed');
  }

  #adopt<D extends DType>(tensor: Tensor<D>): Tensor<D> {
    this.#tensors.add(tensor);
    this.#scopes.at(-1)?.add(tensor);
    return tensor;
  }
}

/** Objects that are looked at: getters could make new ones for ever. */
const MOST_OBJECTS = 2 ** 21;

/**
 * All objects that are reachable through own enumerable properties (of arrays, plain objects, steps, anything), through
 * the keys and values of Maps and through the members of Sets. Of tensors and typed arrays nothing more is.
 */
function collect(root: unknown): ReadonlySet<unknown> {
  const reached = new Set<unknown>();
  const add = (value: unknown): void => {
    const isObject = typeof value === 'function' || (typeof value === 'object' && value !== null);
    if (isObject && reached.size <= MOST_OBJECTS) reached.add(value);
  };
  add(root);
  // a Set's iteration goes on to what is added meanwhile
  for (const object of reached) {
    if (reached.size > MOST_OBJECTS) fail('ERR_TYPE', `"fn" returned more than ${MOST_OBJECTS} objects`);
    if (Tensor.is(object) || ArrayBuffer.isView(object) || !isReadable(object)) continue;
    for (const value of Object.values(object as object)) add(value);
    for (const value of membersOf(object)) add(value);
  }
  return reached;
}

/** Keys and values of a Map, members of a Set: what it has, whatever its own methods may say. */
function membersOf(object: unknown): unknown[] {
  const members: unknown[] = [];
  try {
    // those of other realms say what they are
    const kind = kindOf(object);
    if (object instanceof Map || kind === 'Map')
      Map.prototype.forEach.call(object, (value, key) => members.push(key, value));
    else if (object instanceof Set || kind === 'Set')
      Set.prototype.forEach.call(object, (value) => members.push(value));
  } catch {
    // a proxy, or what only says so
  }
  return members;
}

/** Tensors in a region of a WebAssembly memory. */
export class LinearArena extends Arena {
  readonly memory: WebAssembly.Memory;
  readonly allocator: Allocator;
  readonly #base: number;
  readonly info: MemoryInfo;
  readonly isLinear = true;
  /** The bytes that an allocation may ever take are [start, limit). */
  readonly #start: number;
  readonly #limit: number;
  /** Bytes that a memory of its own may grow to; 0 for a region. */
  readonly #maximum: number;
  /** How many the memory would have had to have for what was asked for last. */
  #wanted = 0;
  /** Blocks that no tensor is in. */
  readonly #working = new Set<number>();
  // The memory's buffer and all of its bytes: asking the memory itself takes the engine 15 ns.
  #buffer: ArrayBufferLike;
  #bytes: Uint8Array;
  readonly #isShared: boolean;
  /** A byte of a shared memory that nobody else writes. */
  readonly #probe: number;
  // what borrow() found last, and how much of it is known to be free
  #spareAt = 0;
  #spareBytes = 0;

  /** The region [base, end); `maximum`, in pages, where the whole memory is the instance's own and may grow. */
  constructor(memory: WebAssembly.Memory, base: number, end: number, maximum = 0) {
    super();
    this.memory = memory;
    this.#buffer = memory.buffer;
    this.#bytes = new Uint8Array(this.#buffer);
    this.#isShared = kindOf(this.#buffer) === 'SharedArrayBuffer';
    this.#base = base;
    this.#start = Math.max(align(base), 64);
    this.#maximum = maximum * PAGE;
    this.#limit = maximum > 0 ? Number.POSITIVE_INFINITY : end - (end % 64);
    this.allocator = new Allocator(base, end, (wanted) => (maximum > 0 ? this.#grow(wanted) : end));
    this.#probe = this.#isShared ? this.allocate(64) : 0;
    const arena = this;
    this.info = Object.freeze({
      get buffer() {
        return arena.memory.buffer;
      },
      get bytesInUse() {
        return arena.allocator.used;
      },
      get liveTensors() {
        return arena.liveTensors;
      },
      get highWaterMark() {
        return arena.allocator.highWater;
      },
      get capacity() {
        return arena.allocator.end - arena.#base;
      },
    });
  }

  get buffer(): ArrayBufferLike {
    // growth detaches an unshared buffer, whose views have no elements then; a shared one lives on
    if (this.#isShared || this.#bytes.length === 0) {
      const { buffer } = this.memory;
      if (buffer !== this.#buffer) {
        this.#buffer = buffer;
        this.#bytes = new Uint8Array(buffer);
      }
    }
    return this.#buffer;
  }

  /** Working space: address of `bytes` bytes that are not zeroed, and that no tensor or operand may be in. */
  allocate(bytes: number): number {
    const at = this.#take(bytes);
    this.#working.add(at);
    return at;
  }

  free(at: number): void {
    this.#working.delete(at);
    this.allocator.free(at);
  }

  #take(bytes: number): number {
    const at = this.#allocate(bytes);
    if (at < 0) {
      const limit =
        this.#maximum === 0
          ? 'the region ends'
          : this.#wanted > this.#maximum
            ? `the memory's maximum is ${this.#maximum / PAGE} pages`
            : 'the engine gives no more';
      fail(
        'ERR_MEMORY',
        `${bytes} bytes do not fit: ${this.allocator.used} of ${this.info.capacity} are in use, and ${limit}`,
      );
    }
    return at;
  }

  /**
   * Address of `bytes` bytes that stay free: for use until the next allocation, which may take them. −1 where there are
   * not so many in one piece. They count as in use at that moment (highWaterMark), and then no more.
   */
  borrow(bytes: number): number {
    if (bytes > this.#spareBytes) {
      const at = this.#allocate(bytes);
      if (at < 0) return -1;
      this.allocator.free(at);
      this.#spareAt = at;
      this.#spareBytes = bytes;
    }
    return this.#spareAt;
  }

  /** −1 where there is no room. */
  #allocate(bytes: number): number {
    this.#spareBytes = 0;
    this.#wanted = bytes + 64;
    return bytes > 0xffff_ffff ? -1 : this.allocator.allocate(bytes);
  }

  blockOf(at: number, bytes: number, take?: boolean): number {
    if (bytes === 0 || at + bytes <= this.#start || at >= this.#limit) return 0;
    if (take) {
      this.#spareBytes = 0;
      this.allocator.takeAt(at, bytes);
    }
    const block = this.allocator.blockOf(at, bytes);
    return this.#working.has(block) ? -1 : block;
  }

  holds(buffer: ArrayBufferLike | undefined): boolean {
    if (buffer === this.buffer) return true;
    if (!this.#isShared || buffer === undefined || buffer instanceof ArrayBuffer) return false;
    // growth makes a new object for the same bytes, and so does sending them to a thread and back
    const other = new Uint8Array(buffer);
    return [1, 2].every((value) => {
      this.#bytes[this.#probe] = value;
      return other[this.#probe] === value;
    });
  }

  protected make<D extends DType>(dtype: D, sizes: Shape, length: number, zeros: boolean): Tensor<D> {
    const bytes = length * bytesOf(dtype);
    const at = this.#take(bytes);
    const { buffer } = this;
    if (zeros) this.#bytes.fill(0, at, at + bytes);
    return new Tensor(this, dtype, sizes, length, buffer, at, at);
  }

  protected giveBack({ block }: Tensor): void {
    if (block > 0) this.allocator.free(block);
  }

  #grow(wanted: number): number {
    const present = this.memory.buffer.byteLength;
    this.#wanted = wanted;
    if (wanted <= present || wanted > this.#maximum) return present;
    // half as much again, so that many small tensors don't grow the memory one by one; where the maximum or the platform
    // refuses that, half of it, and so on down to what is needed
    for (let more = Math.min(present / 2, this.#maximum - present); ; more /= 2) {
      const pages = Math.ceil(Math.max(more, wanted - present) / PAGE);
      try {
        this.memory.grow(pages);
        break;
      } catch {
        if (more <= wanted - present) break;
      }
    }
    return this.memory.buffer.byteLength;
  }
}

/** The JS backend's: each tensor on a buffer of its own. */
export class BufferArena extends Arena {
  readonly buffer = undefined;
  readonly isLinear = false;
  readonly info: MemoryInfo;
  #used = 0;
  #high = 0;

  constructor() {
    super();
    const arena = this;
    this.info = Object.freeze({
      buffer: undefined,
      get bytesInUse() {
        return arena.#used;
      },
      get liveTensors() {
        return arena.liveTensors;
      },
      get highWaterMark() {
        return arena.#high;
      },
      capacity: Number.POSITIVE_INFINITY,
    });
  }

  holds(): boolean {
    return false;
  }

  blockOf(): number {
    return 0;
  }

  protected make<D extends DType>(dtype: D, sizes: Shape, length: number): Tensor<D> {
    const bytes = length * bytesOf(dtype);
    let buffer: ArrayBuffer;
    try {
      buffer = new ArrayBuffer(bytes);
    } catch (cause) {
      return noRoom(`${bytes} bytes`, cause);
    }
    this.#used += bytes;
    this.#high = Math.max(this.#high, this.#used);
    return new Tensor(this, dtype, sizes, length, buffer, 0, 0);
  }

  protected giveBack(tensor: Tensor): void {
    this.#used -= tensor.length * bytesOf(tensor.dtype);
  }
}
