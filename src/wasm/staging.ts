import type { KernelCall } from '../call.ts';
import { labelsToI32 } from '../labels.ts';
import type { LinearArena } from '../memory/arena.ts';
import { dtypeOf, view } from '../memory/dtype.ts';
import type { FloatArray, IndexArray, TypedArray } from '../types.ts';
import { inPlace, isIndex, mustWiden } from './record.ts';

/** Bytes that an array of `bytes` takes: every operand starts on a cache line, and has an address even if it is empty. */
const lines = (bytes: number): number => 64 * Math.ceil(Math.max(bytes, 1) / 64);

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

  /** Address of an operand's elements; copies them in where they lie elsewhere. */
  floats(array: FloatArray | null, at: number): number {
    if (array === null) return 0;
    if (at > 0) return at;
    const place = this.take(array.length * this.#size);
    if (this.#size === 4) this.#f32.set(array, place >>> 2);
    else this.#f64.set(array, place >>> 3);
    return place;
  }

  /** The same for labels, which become i32. */
  labels(call: KernelCall): number {
    const labels = call.target as IndexArray;
    if (call.targetAt > 0 && labels instanceof Int32Array) return call.targetAt;
    const { length } = labels;
    const place = this.take(4 * length);
    if (labels instanceof Int32Array) this.#i32.set(labels, place >>> 2);
    else {
      const to = new Int32Array(this.#i32.buffer, place, length);
      labelsToI32(labels, to, call.ignoreIndex);
    }
    return place;
  }

  /** The same for the record of a shape. */
  shape(record: Uint32Array | null): number {
    if (record === null) return 0;
    const place = this.take(4 * record.length);
    this.#i32.set(record, place >>> 2);
    return place;
  }

  /** Address where a result is to be written. */
  result(array: FloatArray | null, at: number): number {
    if (array === null) return 0;
    return at > 0 ? at : this.take(array.length * this.#size);
  }

  /** Copies a result out that was written elsewhere. */
  copyOut(array: FloatArray | null, at: number, place: number): void {
    if (array === null || at > 0 || array.length === 0) return;
    const { length } = array;
    let result = this.#result;
    if (result.byteOffset !== place || result.length !== length || result.BYTES_PER_ELEMENT !== this.#size) {
      const { buffer } = this.#i32;
      result =
        this.#size === 4 ? new Float32Array(buffer, place, length) : new Float64Array(buffer, place, length);
      this.#result = result;
    }
    array.set(result);
  }

  #bytesOf(call: KernelCall): number {
    let bytes =
      this.#room(call.input, call.inputAt) +
      this.#room(call.weight, call.weightAt) +
      this.#room(call.extra, call.extraAt) +
      this.#room(call.sampleWeight, call.sampleWeightAt) +
      this.#room(call.gradOutput, call.gradOutputAt) +
      this.#room(call.value, call.valueAt) +
      this.#room(call.grad, call.gradAt) +
      this.#room(call.gradTarget, call.gradTargetAt);
    if (!isIndex(call)) bytes += this.#room(call.target as FloatArray | null, call.targetAt);
    else if (call.targetAt <= 0 || mustWiden(call)) bytes += lines(4 * call.target!.length);
    if (call.weightShape !== null) bytes += lines(4 * call.weightShape.length);
    if (call.extraShape !== null) bytes += lines(4 * call.extraShape.length);
    return bytes;
  }

  #room(array: TypedArray | null, at: number): number {
    return inPlace(array, at) ? 0 : lines(array!.length * this.#size);
  }
}
