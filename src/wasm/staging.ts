import { align, VALUE } from '../abi.ts';
import type { KernelCall } from '../call.ts';
import { type FloatArray, type IndexArray, isHalf } from '../dtypes.ts';
import { labelsToI32 } from '../labels.ts';
import type { LinearArena } from '../memory/arena.ts';
import type { Operand } from '../memory/operand.ts';
import { bring, take } from './copies.ts';
import { type CallRecord, isCopied, type RecordWriter, roomOf } from './record.ts';

/** Bytes that an array of `bytes` takes: every operand starts on a cache line, and has an address even if it is empty. */
const lines = (bytes: number): number => align(Math.max(bytes, 1));

/**
 * Room for the operands of plain calls that lie outside the memory: free bytes of the arena, borrowed for one call, one
 * operand after another. Nothing is taken and given back, so that a small call costs little more than its copies.
 */
export class Staging {
  readonly #arena: LinearArena;
  readonly #writer: RecordWriter;
  readonly #most: number;
  #next = 0;
  // of the whole memory: set() at an index takes 14 ns for few elements, a view of the right ones 40 more
  #f32: Float32Array = new Float32Array(0);
  #f64: Float64Array = new Float64Array(0);
  #i32: Int32Array = new Int32Array(0);
  /** The result copied out last: the next call's is mostly in the same place. */
  #result: FloatArray = this.#f32;
  /** Where the results of the present call are, by operand. */
  readonly #results: number[] = [];

  /** Lends at most so many bytes. */
  constructor(arena: LinearArena, writer: RecordWriter, most: number) {
    this.#arena = arena;
    this.#most = most;
    this.#writer = writer;
  }

  /** Makes room for the `staged` operands of a call and a tile; false where there is none in one piece. */
  begin(call: KernelCall, staged: number, tile: number): boolean {
    const size = call.dtype === 'f32' ? 4 : 8;
    let bytes = tile > 0 ? lines(tile) : 0;
    for (let i = 0; i < call.count; i++) {
      if ((staged & (1 << i)) === 0) continue;
      const o = call.operands[i];
      // growing the memory now would detach what lies at address 0
      if (o.at === 0) return false;
      if (isCopied(o)) bytes += lines((o.isIndex ? 4 : size) * roomOf(o, call));
      if (o.broadcast !== null) bytes += lines(4 * o.broadcast.length);
    }
    const at = bytes > this.#most ? -1 : this.#arena.borrow(bytes);
    if (at < 0) return false;
    this.#next = at;
    if (at + bytes > 4 * this.#i32.length) {
      const { buffer } = this.#arena;
      this.#f32 = new Float32Array(buffer);
      this.#f64 = new Float64Array(buffer);
      this.#i32 = new Int32Array(buffer);
    }
    return true;
  }

  /** The next room: its address. */
  take(bytes: number): number {
    const at = this.#next;
    this.#next = at + lines(bytes);
    return at;
  }

  /** Copies the `staged` operands in, and writes to the record where they are. */
  copyIn(call: KernelCall, staged: number, record: CallRecord): void {
    for (let i = 0; i < call.count; i++) {
      if ((staged & (1 << i)) === 0) continue;
      const o = call.operands[i];
      if (isCopied(o)) {
        o.settle(call.dtype, this.#arena);
        const at = o.isIndex
          ? this.#labels(o, call.ignoreIndex)
          : isHalf(o.dtype)
            ? this.#halves(o, roomOf(o, call))
            : this.#floats(o, roomOf(o, call));
        this.#results[i] = at;
        this.#writer.setAddress(record, o.slot, at);
      }
      if (o.broadcast !== null) {
        const at = this.take(4 * o.broadcast.length);
        this.#i32.set(o.broadcast, at >>> 2);
        this.#writer.setShape(record, o.slot, at);
      }
    }
  }

  /** Copies the `staged` results out. */
  copyOut(call: KernelCall, staged: number): void {
    for (let i = call.count - 1; i >= 0 && call.operands[i].slot >= VALUE; i--)
      if ((staged & (1 << i)) !== 0) this.#out(this.#results[i], call.operands[i]);
  }

  /** Room for an operand, with its elements if it is read; its address. */
  #floats({ elements, slot }: Operand, length: number): number {
    const at = this.take(elements.BYTES_PER_ELEMENT * length);
    if (slot >= VALUE) return at;
    if (elements.BYTES_PER_ELEMENT === 4) this.#f32.set(elements as FloatArray, at >>> 2);
    else this.#f64.set(elements as FloatArray, at >>> 3);
    return at;
  }

  /** The same for numbers of 16 bits, which become f32. */
  #halves(o: Operand, length: number): number {
    const at = this.take(4 * length);
    if (o.slot < VALUE) bring(o, o.elements, this.#view(at, o.length, 4), 0, this.#arena);
    return at;
  }

  /** The same for labels, which become i32. */
  #labels({ elements }: Operand, ignoreIndex: number): number {
    const at = this.take(4 * elements.length);
    if (elements.length === 0) return at; // perhaps detached, which no length tells
    if (elements instanceof Int32Array) this.#i32.set(elements, at >>> 2);
    else
      labelsToI32(elements as IndexArray, new Int32Array(this.#i32.buffer, at, elements.length), ignoreIndex);
    return at;
  }

  #out(at: number, o: Operand): void {
    const { length } = o;
    if (length === 0) return;
    let from = this.#result;
    const size = o.dtype === 'f64' ? 8 : 4;
    if (from.byteOffset !== at || from.length !== length || from.BYTES_PER_ELEMENT !== size) {
      from = this.#view(at, length, size);
      this.#result = from;
    }
    take(o, from, o.elements, this.#arena);
  }

  #view(at: number, length: number, size: number): FloatArray {
    const { buffer } = this.#i32;
    return size === 4 ? new Float32Array(buffer, at, length) : new Float64Array(buffer, at, length);
  }
}
