const ALIGN = 64;
/** The next multiple of a cache line, 64 bytes. */
export const align = (n: number): number => Math.ceil(n / ALIGN) * ALIGN;

/**
 * First-fit allocator over one region of a linear memory: 64-byte alignment, a free list sorted by address,
 * neighbours joined when they are freed. The module has none, so that several instances (and other modules) can
 * share a memory.
 */
export class Allocator {
  #free: { at: number; size: number }[] = [];
  #sizes = new Map<number, number>();
  #end: number;
  #used = 0;
  #high = 0;
  readonly #grow: (end: number) => number;

  /** The region [base, end). `grow` is asked for a later end and returns the one it reached (the same if none). */
  constructor(base: number, end: number, grow: (end: number) => number) {
    // address 0 means "not given" to the kernels
    const start = Math.max(align(base), ALIGN);
    this.#end = end;
    this.#grow = grow;
    if (end > start) this.#free.push({ at: start, size: end - start });
  }

  get used(): number {
    return this.#used;
  }
  get highWater(): number {
    return this.#high;
  }
  get end(): number {
    return this.#end;
  }

  /** Address of `bytes` bytes (at least one), or −1 where there is no room. */
  allocate(bytes: number): number {
    const size = align(Math.max(bytes, 1));
    let i = this.#find(size);
    if (i < 0) {
      const last = this.#free.at(-1);
      const tail = last !== undefined && last.at + last.size === this.#end ? last.size : 0;
      const start = align(this.#end);
      const wanted = tail ? this.#end + size - tail : start + size;
      const end = this.#grow(wanted);
      if (end > this.#end) {
        if (tail) last!.size += end - this.#end;
        else if (end > start) this.#free.push({ at: start, size: end - start });
        this.#end = end;
      }
      i = this.#find(size);
      if (i < 0) return -1;
    }
    const block = this.#free[i];
    const at = block.at;
    if (block.size === size) this.#free.splice(i, 1);
    else {
      block.at += size;
      block.size -= size;
    }
    this.#sizes.set(at, size);
    this.#used += size;
    if (this.#used > this.#high) this.#high = this.#used;
    return at;
  }

  free(at: number): void {
    const size = this.#sizes.get(at);
    if (size === undefined) throw new Error(`not allocated: ${at}`);
    this.#sizes.delete(at);
    this.#used -= size;
    const free = this.#free;
    let low = 0;
    let high = free.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (free[middle].at < at) low = middle + 1;
      else high = middle;
    }
    const before = free[low - 1];
    const after = free[low];
    const joinsBefore = before !== undefined && before.at + before.size === at;
    const joinsAfter = after !== undefined && at + size === after.at;
    if (joinsBefore && joinsAfter) {
      before.size += size + after.size;
      free.splice(low, 1);
    } else if (joinsBefore) before.size += size;
    else if (joinsAfter) {
      after.at = at;
      after.size += size;
    } else free.splice(low, 0, { at, size });
  }

  /** Address of what was allocated in one piece and has all of these bytes, or −1. */
  blockOf(at: number, bytes: number): number {
    const size = this.#sizes.get(at);
    if (size !== undefined) return bytes <= size ? at : -1;
    for (const [block, all] of this.#sizes) if (block < at && at + bytes <= block + all) return block;
    return -1;
  }

  /** Allocates these very bytes, with all of their lines, where they are free; whether they were. */
  takeAt(address: number, bytes: number): boolean {
    const at = address - (address % ALIGN);
    const end = align(address + bytes);
    const i = this.#free.findIndex((block) => block.at <= at && end <= block.at + block.size);
    if (i < 0) return false;
    const block = this.#free[i];
    const rest = block.at + block.size - end;
    this.#free.splice(
      i,
      1,
      ...(at > block.at ? [{ at: block.at, size: at - block.at }] : []),
      ...(rest > 0 ? [{ at: end, size: rest }] : []),
    );
    this.#sizes.set(at, end - at);
    this.#used += end - at;
    if (this.#used > this.#high) this.#high = this.#used;
    return true;
  }

  #find(size: number): number {
    const free = this.#free;
    for (let i = 0; i < free.length; i++) if (free[i].size >= size) return i;
    return -1;
  }
}
