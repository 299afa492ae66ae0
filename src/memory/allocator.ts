import { LINE } from '../abi.ts';

/** Lines that so many bytes take, at least one. */
const linesOf = (bytes: number): number => Math.ceil(Math.max(bytes, 1) / LINE);

/** Lines of 4 GiB, the most that there are. */
const MOST = 2 ** 26;
/** Free blocks of one class that are looked at for one that is large enough, before a larger class serves. */
const TRIES = 8;

/** Lines from `at` on, free or allocated, between the blocks before and after them. */
interface Block {
  at: number;
  size: number;
  before: Block | undefined;
  after: Block | undefined;
  /** Its place among the free blocks of its class; −1: allocated. */
  place: number;
}
const ifFree = (block: Block | undefined): Block | undefined =>
  block !== undefined && block.place >= 0 ? block : undefined;

/** Below 64 lines every size is a class, from there on every power of two is cut into 32. */
function classOf(size: number): number {
  const shift = Math.max(0, 26 - Math.clz32(size));
  return 32 * shift + (size >>> shift);
}
const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);
/** Of the bit n modulo 32. */
const bitsAbove = (n: number): number => -2 << n;

/**
 * The node of the binary tree over all lines below which the first and the last line of a block part. No two blocks have
 * the same one, and that of the block around a line is on the line's way up to the root.
 */
const nodeOf = (at: number, size: number): number => (MOST + at) >>> (32 - Math.clz32(at ^ (at + size - 1)));
/** The tree is kept in pages of five levels: how many of its page's levels are above a node, and its slot there. */
const levelsAbove = (node: number): number => (31 - Math.clz32(node)) % 5;
const slotOf = (node: number, levels: number): number => (1 << levels) | (node & ((1 << levels) - 1));

/**
 * Allocator over one region of a linear memory, in lines of 64 bytes; what a call takes does not depend on how many
 * blocks there are. Free blocks are listed by classes of sizes: of a size's own class the one that was freed last serves
 * first, then the smallest larger class; neighbours are joined when they are freed. All of it lies outside the memory,
 * and the module has no allocator, so that several instances (and other modules) can share a memory.
 */
export class Allocator {
  readonly #lists: Block[][] = [];
  /** A bit for each class that lists a block, and a bit for each of these words that is not 0. */
  readonly #words = new Uint32Array(1 + (classOf(MOST) >>> 5));
  #nonZero = 0;
  /** All blocks by their nodes. A Map of nodes would be slow: where one comes and goes, V8 searches its traces. */
  readonly #pages = new Map<number, (Block | undefined)[]>();
  #last: Block | undefined = undefined;
  /** After the last block. */
  #lines: number;
  #end: number;
  #used = 0;
  #high = 0;
  readonly #grow: (end: number) => number;

  /** The region [base, end). `grow` is asked for a later end and returns the one it reached (the same if none). */
  constructor(base: number, end: number, grow: (end: number) => number) {
    // address 0 means "not given" to the kernels
    this.#lines = linesOf(base);
    this.#end = end;
    this.#grow = grow;
    this.#extend(end);
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
    const size = linesOf(bytes);
    if (size > MOST) return -1;
    let block = this.#find(size, TRIES);
    if (block === undefined) {
      const tail = ifFree(this.#last)?.size ?? 0;
      this.#extend(this.#grow(LINE * (this.#lines + size - tail)));
      // before there is no room, all of the class is worth a look
      block = this.#find(size, Number.POSITIVE_INFINITY);
      if (block === undefined) return -1;
    }
    const { at } = block;
    this.#take(block, at, size);
    return LINE * at;
  }

  free(address: number): void {
    const at = Math.floor(address / LINE);
    const block = this.#blockAt(at);
    if (block === undefined || block.at !== at || ifFree(block)) throw new Error(`not allocated: ${address}`);
    this.#used -= LINE * block.size;
    const before = ifFree(block.before);
    const after = ifFree(block.after);
    if (before !== undefined) {
      let { size } = block;
      this.#remove(block);
      if (after !== undefined) {
        size += after.size;
        this.#unlist(after);
        this.#remove(after);
      }
      this.#resize(before, before.at, before.size + size);
    } else if (after !== undefined) {
      this.#remove(block);
      this.#resize(after, at, block.size + after.size);
    } else this.#list(block);
  }

  /** Whether all of these bytes (at least one) are free. */
  isFree(address: number, bytes: number): boolean {
    return ifFree(this.#around(address, bytes)) !== undefined;
  }

  /** Allocates these very bytes, with all of their lines, where they are free; whether they were. */
  takeAt(address: number, bytes: number): boolean {
    const block = ifFree(this.#around(address, bytes));
    if (block === undefined) return false;
    const at = Math.floor(address / LINE);
    this.#take(block, at, linesOf(address + Math.max(bytes, 1)) - at);
    return true;
  }

  /** Address of what was allocated in one piece and has all of these bytes, or −1. */
  blockOf(address: number, bytes: number): number {
    const block = this.#around(address, bytes);
    return block === undefined || ifFree(block) ? -1 : LINE * block.at;
  }

  /** The block that has all of these bytes (at least one). */
  #around(address: number, bytes: number): Block | undefined {
    const block = this.#blockAt(Math.floor(address / LINE));
    if (block === undefined) return undefined;
    return address + Math.max(bytes, 1) <= LINE * (block.at + block.size) ? block : undefined;
  }

  /** The block around a line. */
  #blockAt(line: number): Block | undefined {
    for (let node = MOST + line; node > 0; ) {
      const levels = levelsAbove(node);
      const root = node >>> levels;
      const page = this.#pages.get(root);
      if (page !== undefined) {
        for (let slot = slotOf(node, levels); slot > 0; slot >>>= 1) {
          const block = page[slot];
          if (block !== undefined && block.at <= line && line < block.at + block.size) return block;
        }
      }
      node = root >>> 1;
    }
    return undefined;
  }

  /** A free block that is large enough; of the size's own class at most `tries` are looked at. */
  #find(size: number, tries: number): Block | undefined {
    const own = classOf(size);
    const list = this.#lists[own];
    if (list !== undefined) {
      for (let i = list.length - 1; i >= 0 && i >= list.length - tries; i--) {
        if (list[i].size >= size) return list[i];
      }
    }
    let word = own >>> 5;
    let bits = this.#words[word] & bitsAbove(own);
    if (bits === 0) {
      const words = this.#nonZero & bitsAbove(word);
      if (words === 0) return undefined;
      word = lowestBit(words);
      bits = this.#words[word];
    }
    return this.#lists[32 * word + lowestBit(bits)].at(-1);
  }

  /** Allocates a part of a free block. The rest is cut off first, since a node is one block's. */
  #take(block: Block, at: number, size: number): void {
    const front = at - block.at;
    const back = block.size - front - size;
    if (front > 0) {
      this.#resize(block, block.at, front);
      const taken = this.#insert(at, size, block, block.after);
      if (back > 0) this.#list(this.#insert(at + size, back, taken, taken.after));
    } else if (back > 0) {
      this.#resize(block, at + size, back);
      this.#insert(at, size, block.before, block);
    } else this.#unlist(block);
    this.#used += LINE * size;
    if (this.#used > this.#high) this.#high = this.#used;
  }

  /** Takes in the lines up to a new end of the region. */
  #extend(end: number): void {
    const lines = Math.floor(end / LINE);
    this.#end = end;
    if (lines <= this.#lines) return;
    const at = this.#lines;
    this.#lines = lines;
    const tail = ifFree(this.#last);
    if (tail !== undefined) this.#resize(tail, tail.at, lines - tail.at);
    else this.#list(this.#insert(at, lines - at, this.#last, undefined));
  }

  #insert(at: number, size: number, before: Block | undefined, after: Block | undefined): Block {
    const block: Block = { at, size, before, after, place: -1 };
    this.#set(nodeOf(at, size), block);
    if (before !== undefined) before.after = block;
    if (after !== undefined) after.before = block;
    else this.#last = block;
    return block;
  }

  /** Forgets a block that is not listed; a neighbour takes its lines. */
  #remove({ at, size, before, after }: Block): void {
    this.#set(nodeOf(at, size), undefined);
    if (before !== undefined) before.after = after;
    if (after !== undefined) after.before = before;
    else this.#last = before;
  }

  /** Moves the ends of a free block. */
  #resize(block: Block, at: number, size: number): void {
    const old = nodeOf(block.at, block.size);
    const node = nodeOf(at, size);
    if (node !== old) {
      this.#set(old, undefined);
      this.#set(node, block);
    }
    const stays = classOf(size) === classOf(block.size);
    if (!stays) this.#unlist(block);
    block.at = at;
    block.size = size;
    if (!stays) this.#list(block);
  }

  #set(node: number, block: Block | undefined): void {
    const levels = levelsAbove(node);
    const root = node >>> levels;
    let page = this.#pages.get(root);
    if (page === undefined) {
      page = [];
      this.#pages.set(root, page);
    }
    page[slotOf(node, levels)] = block;
  }

  /** Makes a block free. */
  #list(block: Block): void {
    const c = classOf(block.size);
    this.#lists[c] ??= [];
    block.place = this.#lists[c].push(block) - 1;
    this.#words[c >>> 5] |= 1 << c;
    this.#nonZero |= 1 << (c >>> 5);
  }

  #unlist(block: Block): void {
    const c = classOf(block.size);
    const list = this.#lists[c];
    const last = list.pop()!;
    if (last !== block) {
      list[block.place] = last;
      last.place = block.place;
    }
    block.place = -1;
    if (list.length > 0) return;
    this.#words[c >>> 5] &= ~(1 << c);
    if (this.#words[c >>> 5] === 0) this.#nonZero &= ~(1 << (c >>> 5));
  }
}
