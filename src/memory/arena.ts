import { expected, fail, show } from '../errors.ts';
import { isEverybodys, read } from '../given.ts';
import type { DType, Shape } from '../types.ts';
import { Allocator } from './allocator.ts';
import { bytesOf } from './dtype.ts';
import { Tensor } from './tensor.ts';

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

/** The life of an instance's tensors and steps; where their bytes are is the subclasses' business. */
export abstract class Arena {
  readonly #tensors = new Set<Tensor>();
  readonly #steps = new Set<Owned>();
  readonly #scopes: Set<Owned>[] = [];
  disposed = false;

  abstract readonly buffer: ArrayBufferLike | undefined;
  /** Whether tensors lie in one linear memory, at addresses. */
  abstract readonly isLinear: boolean;
  abstract readonly info: MemoryInfo;
  /** A tensor of zeros; where `zeros` is false the elements may be anything. */
  protected abstract make<D extends DType>(dtype: D, sizes: Shape, length: number, zeros: boolean): Tensor<D>;
  protected abstract giveBack(tensor: Tensor): void;
  /** Whether it is the buffer of this arena's linear memory. */
  abstract holds(buffer: ArrayBufferLike | undefined): boolean;
  /** Whether bytes of the instance's own working space are among these. */
  abstract protects(at: number, bytes: number): boolean;

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
    if (this.protects(at, length * size)) {
      fail('ERR_OPTION', `"byteOffset" ${at} is in the instance's own working space`);
    }
    return this.#adopt(new Tensor(this, dtype, [...shape], length, buffer, at, false));
  }

  /** Called by Tensor.dispose(). */
  release(tensor: Tensor): void {
    if (!this.#tensors.delete(tensor)) return;
    for (const scope of this.#scopes) scope.delete(tensor);
    if (tensor.owned) this.giveBack(tensor);
  }

  scope<R>(run: () => R): R {
    this.check();
    const made = new Set<Owned>();
    this.#scopes.push(made);
    let kept: Set<unknown> | undefined;
    try {
      const result = run();
      const { then } = (result ?? {}) as { then?: unknown };
      if (typeof then === 'function' && !isEverybodys(Object(result), 'then')) {
        fail('ERR_TYPE', '"fn" expected a synchronous function, got one that returns a promise');
      }
      const reachable = new Set<unknown>();
      collect(result, reachable);
      kept = reachable;
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

/** Everything reachable through arrays, plain objects and the results of steps, tensors among it. */
function collect(value: unknown, into: Set<unknown>, depth = 0): void {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function') || into.has(value)) return;
  into.add(value);
  if (Tensor.is(value) || ArrayBuffer.isView(value) || depth > 8) return;
  if (typeof value === 'function') {
    collect(read(value, 'value'), into, depth + 1);
    collect(read(value, 'grad'), into, depth + 1);
    return;
  }
  const items = value instanceof Map || value instanceof Set ? value.values() : Object.values(value);
  for (const item of items) collect(item, into, depth + 1);
}

/** Tensors in a region of a WebAssembly memory. */
export class LinearArena extends Arena {
  readonly memory: WebAssembly.Memory;
  readonly allocator: Allocator;
  readonly #base: number;
  readonly info: MemoryInfo;
  readonly isLinear = true;
  readonly #reserved: { at: number; end: number }[] = [];
  // The memory's buffer and all of its bytes: asking the memory itself takes the engine 15 ns.
  #buffer: ArrayBufferLike;
  #bytes: Uint8Array;
  readonly #isShared: boolean;
  // what borrow() found last, and how much of it is known to be free
  #spareAt = 0;
  #spareBytes = 0;

  /** The region [base, end); `growable` where the whole memory is the instance's own. */
  constructor(memory: WebAssembly.Memory, base: number, end: number, growable: boolean) {
    super();
    this.memory = memory;
    this.#buffer = memory.buffer;
    this.#bytes = new Uint8Array(this.#buffer);
    this.#isShared = !(this.#buffer instanceof ArrayBuffer);
    this.#base = base;
    this.allocator = new Allocator(base, end, (wanted) => (growable ? this.#grow(wanted) : end));
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

  /** Address of `bytes` bytes that are not zeroed. */
  allocate(bytes: number): number {
    const at = this.#allocate(bytes);
    if (at < 0) {
      fail(
        'ERR_MEMORY',
        `${bytes} bytes do not fit: ${this.allocator.used} of ${this.info.capacity} in use and no room to grow`,
      );
    }
    return at;
  }

  free(at: number): void {
    this.allocator.free(at);
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
    return bytes > 0xffff_ffff ? -1 : this.allocator.allocate(bytes);
  }

  /** Working space that lasts as long as the instance and that no tensor may lie in. */
  reserve(bytes: number): number {
    const at = this.allocate(bytes);
    this.#reserved.push({ at, end: at + bytes });
    return at;
  }

  protects(at: number, bytes: number): boolean {
    return bytes > 0 && this.#reserved.some((space) => at < space.end && at + bytes > space.at);
  }

  holds(buffer: ArrayBufferLike | undefined): boolean {
    return buffer === this.buffer;
  }

  protected make<D extends DType>(dtype: D, sizes: Shape, length: number, zeros: boolean): Tensor<D> {
    const bytes = length * bytesOf(dtype);
    const at = this.allocate(bytes);
    const { buffer } = this;
    if (zeros) this.#bytes.fill(0, at, at + bytes);
    return new Tensor(this, dtype, sizes, length, buffer, at, true);
  }

  protected giveBack(tensor: Tensor): void {
    this.allocator.free(tensor.byteOffset);
  }

  #grow(wanted: number): number {
    const present = this.memory.buffer.byteLength;
    if (wanted > 0x1_0000_0000) return present;
    if (wanted <= present) return present;
    // at least half as much again, so that many small tensors don't grow the memory one by one
    for (const bytes of [Math.max(wanted, present + (present >> 1)), wanted]) {
      try {
        this.memory.grow(Math.ceil((bytes - present) / 65536));
        break;
      } catch {
        // the maximum, or the platform's limit: try exactly what is needed
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

  protects(): boolean {
    return false;
  }

  protected make<D extends DType>(dtype: D, sizes: Shape, length: number): Tensor<D> {
    const bytes = length * bytesOf(dtype);
    let buffer: ArrayBuffer;
    try {
      buffer = new ArrayBuffer(bytes);
    } catch (cause) {
      return fail('ERR_MEMORY', `${bytes} bytes cannot be allocated`, cause);
    }
    this.#used += bytes;
    this.#high = Math.max(this.#high, this.#used);
    return new Tensor(this, dtype, sizes, length, buffer, 0, true);
  }

  protected giveBack(tensor: Tensor): void {
    this.#used -= tensor.length * bytesOf(tensor.dtype);
  }
}
