import type { KernelCall } from '../call.ts';
import { labelsToI32 } from '../labels.ts';
import { align } from '../memory/allocator.ts';
import type { LinearArena } from '../memory/arena.ts';
import { dtypeOf, view } from '../memory/dtype.ts';
import type { FloatArray, IndexArray, TypedArray } from '../types.ts';
import { isIndex, isOutside, mustWiden } from './record.ts';

/** Bytes that an array of `bytes` takes: every operand starts on a cache line, and has an address even if it is empty. */
const lines = (bytes: number): number => align(Math.max(bytes, 1));

/**
 * Room for the operands of plain calls that lie outside the memory: free bytes of the arena, borrowed for one call, one
 * operand after another. Nothing is taken and given back, so that a small call costs little more than its copies.
 */
export class Staging {
  readonly #arena: LinearArena;
  #next = 0;
  /** Bytes of the call's floats. */
  #size = 4;
  // of the whole memory: set() at an index takes 14 ns for few elements, a view of the right ones 40 more
  #f32: Float32Array = new Float32Array(0);
  #f64: Float64Array = new Float64Array(0);
  #i32: Int32Array = new Int32Array(0);
  /** The result copied out last: the next call's is mostly in the same place. */
  #result: FloatArray = this.#f32;

  constructor(arena: LinearArena) {
    this.#arena = arena;
  }

  /** Makes room for a call's operands and a tile; false where there is none in one piece. */
  begin(call: KernelCall, tile: number): boolean {
    const labels = call.target;
    const count = labels === null ? 0 : labels.length;
    this.#size = call.dtype === 'f32' ? 4 : 8;
    const bytes = this.#bytesOf(call) + (tile > 0 ? lines(tile) : 0);
    const at = this.#arena.borrow(bytes);
    if (at < 0) return false;
    this.#next = at;
    if (at + bytes > 4 * this.#i32.length) {
      const { buffer } = this.#arena;
      this.#f32 = new Float32Array(buffer);
      this.#f64 = new Float64Array(buffer);
      this.#i32 = new Int32Array(buffer);
    }
    // the memory may have grown, which detaches labels that lie in it: they are still to be read from here
    if (isIndex(call) && labels!.length !== count)
      call.target = view(dtypeOf(labels)!, this.#arena.buffer, call.targetAt, count) as IndexArray;
    return true;
  }

  /** The next room: its address. */
  take(bytes: number): number {
    const at = this.#next;
    this.#next = at + lines(bytes);
    return at;
  }

  /** Copies an operand's elements in; their address. */
  floats(array: FloatArray): number {
    const at = this.take(array.length * this.#size);
    if (this.#size === 4) this.#f32.set(array, at >>> 2);
    else this.#f64.set(array, at >>> 3);
    return at;
  }

  /** The same for labels, which become i32. */
  labels({ target, ignoreIndex }: KernelCall): number {
    const labels = target as IndexArray;
    const at = this.take(4 * labels.length);
    if (labels.length === 0) return at; // perhaps detached, which no length tells
    if (labels instanceof Int32Array) this.#i32.set(labels, at >>> 2);
    else labelsToI32(labels, new Int32Array(this.#i32.buffer, at, labels.length), ignoreIndex);
    return at;
  }

  /** The same for the record of a shape. */
  shape(record: Uint32Array): number {
    const at = this.take(4 * record.length);
    this.#i32.set(record, at >>> 2);
    return at;
  }

  /** Room for a result. */
  result(array: FloatArray): number {
    return this.take(array.length * this.#size);
  }

  /** Copies a result out. */
  copyOut(at: number, to: FloatArray): void {
    const { length } = to;
    if (length === 0) return;
    let from = this.#result;
    if (from.byteOffset !== at || from.length !== length || from.BYTES_PER_ELEMENT !== this.#size) {
      const { buffer } = this.#i32;
      from = this.#size === 4 ? new Float32Array(buffer, at, length) : new Float64Array(buffer, at, length);
      this.#result = from;
    }
    to.set(from);
  }

  /** Infinity where an operand lies at address 0: growing the memory now would detach it. */
  #bytesOf(call: KernelCall): number {
    let bytes = 0;
    if (isIndex(call)) {
      if (call.targetAt <= 0 || mustWiden(call)) bytes += lines(4 * call.target!.length);
    } else if (isOutside(call.target, call.targetAt)) bytes += this.#room(call.target!, call.targetAt);
    if (isOutside(call.input, call.inputAt)) bytes += this.#room(call.input!, call.inputAt);
    if (isOutside(call.weight, call.weightAt)) bytes += this.#room(call.weight!, call.weightAt);
    if (isOutside(call.extra, call.extraAt)) bytes += this.#room(call.extra!, call.extraAt);
    if (isOutside(call.sampleWeight, call.sampleWeightAt))
      bytes += this.#room(call.sampleWeight!, call.sampleWeightAt);
    if (isOutside(call.gradOutput, call.gradOutputAt))
      bytes += this.#room(call.gradOutput!, call.gradOutputAt);
    if (isOutside(call.value, call.valueAt)) bytes += this.#room(call.value!, call.valueAt);
    if (isOutside(call.grad, call.gradAt)) bytes += this.#room(call.grad!, call.gradAt);
    if (isOutside(call.gradTarget, call.gradTargetAt))
      bytes += this.#room(call.gradTarget!, call.gradTargetAt);
    if (call.weightShape !== null) bytes += lines(4 * call.weightShape.length);
    if (call.extraShape !== null) bytes += lines(4 * call.extraShape.length);
    return bytes;
  }

  #room(array: TypedArray, at: number): number {
    return at === 0 ? Number.POSITIVE_INFINITY : lines(array.length * this.#size);
  }
}
