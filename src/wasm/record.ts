// Call records in linear memory, and how a call is written to one.
import { CALL_BYTES, offsetOf, SLOTS, VALUE } from '../abi.ts';
import type { KernelCall } from '../call.ts';
import { isHalf } from '../dtypes.ts';
import type { LinearArena } from '../memory/arena.ts';
import type { Operand } from '../memory/operand.ts';

const SCALE = offsetOf.scale >>> 3;
const DIVISOR = offsetOf.divisor >>> 3;
const HESSIAN_SCALE = offsetOf.hessianScale >>> 3;
const MIN_HESSIAN = offsetOf.minHessian >>> 3;
const P0 = offsetOf.p0 >>> 3;
const FLAG_WORD = offsetOf.flags >>> 2;
export const OUTER = offsetOf.outer >>> 2;
const CLASSES = offsetOf.classes >>> 2;
export const INNER = offsetOf.inner >>> 2;
const IGNORE_INDEX = offsetOf.ignoreIndex >>> 2;
/** These words, among the record's u32s, are written for each part of a call, or each tile. */
export const SCRATCH = offsetOf.scratch >>> 2;
export const TILE = offsetOf.tile >>> 2;
export const FROM = offsetOf.from >>> 2;
export const TO = offsetOf.to >>> 2;
export const FIRST = offsetOf.first >>> 2;
export const PARTIALS = offsetOf.partials >>> 2;
const FEATURES = offsetOf.features >>> 2;
const CHUNK = offsetOf.chunk >>> 2;
export const STEP = offsetOf.step >>> 2;
/** The words of the slots' addresses and shapes: of the first, which the others follow. */
export const ADDRESSES = offsetOf.in0 >>> 2;
export const SHAPES = offsetOf.in0Shape >>> 2;

const ALL_SLOTS = 2 ** SLOTS.length - 1;

/** Address 0 means "not given" to a kernel: what lies there is staged like an array outside the memory. */
export const isOutside = ({ at }: Operand): boolean => at <= 0;
/** Labels of another type than i32, and numbers of 16 bits, are staged even where they lie in this memory. */
export const isOtherwise = ({ isIndex, dtype }: Operand): boolean =>
  isIndex ? dtype !== 'i32' : isHalf(dtype);

/** Whether it is made of sums: of a gradient of every element of the input, which needs room of its own first. */
export const isSummed = ({ slot, broadcast }: Operand): boolean => slot >= VALUE && broadcast !== null;
/** How many elements an operand takes where it is staged. */
export const roomOf = (o: Operand, call: KernelCall): number =>
  isSummed(o) ? Math.max(o.length, call.inner) : o.length;
/** Whether it is copied in or out. */
export const isCopied = (o: Operand): boolean => isOutside(o) || isOtherwise(o) || isSummed(o);

/** A record, and which of its slots may be set. */
export class CallRecord {
  readonly at: number;
  addresses = ALL_SLOTS;
  shapes = ALL_SLOTS;
  /** The call whose numbers it has, and which of their versions. */
  call: KernelCall | undefined = undefined;
  version = 0;

  constructor(at: number) {
    this.at = at;
  }
}

/** Writes calls to records. */
export class RecordWriter {
  readonly #arena: LinearArena;
  /** The instance's working space. */
  readonly #scratch: number;
  u32!: Uint32Array;
  f64!: Float64Array;

  constructor(arena: LinearArena, scratch: number) {
    this.#arena = arena;
    this.#scratch = scratch;
    this.refresh();
  }

  /** Growth detaches the views of an unshared memory, which then have no elements. */
  refresh(): void {
    const { buffer } = this.#arena;
    this.u32 = new Uint32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  /** Makes sure that the record is in the views. */
  reach(record: CallRecord): void {
    if (record.at + CALL_BYTES > 4 * this.u32.length) this.refresh();
  }

  /**
   * Writes all of a call but what has to be staged; returns which operands those are, as bits. The last of the caller's code has run
   * and all results are made: nothing may come between this and the kernel but the staging.
   */
  write(record: CallRecord, call: KernelCall, tile: number): number {
    this.reach(record);
    const { u32 } = this;
    const u = record.at >>> 2;
    if (record.call !== call || record.version !== call.version) this.#writeNumbers(record, call);
    u32[u + FLAG_WORD] = call.flags;
    u32[u + TILE] = tile;
    u32[u + PARTIALS] = 0;
    const { operands, count, given } = call;
    let staged = 0;
    for (let i = 0; i < count; i++) {
      const o = operands[i];
      u32[u + ADDRESSES + o.slot] = o.at;
      if (isOutside(o) || isOtherwise(o) || o.broadcast !== null) staged |= 1 << i;
    }
    if ((record.addresses & ~given) !== 0) this.#clear(u + ADDRESSES, record.addresses & ~given);
    if (record.shapes !== 0) this.#clear(u + SHAPES, record.shapes);
    record.addresses = given;
    record.shapes = 0;
    return staged;
  }

  /** Calls of one kind come in long rows: these are the same for all of them. */
  #writeNumbers(record: CallRecord, call: KernelCall): void {
    record.call = call;
    record.version = call.version;
    const { f64, u32 } = this;
    const f = record.at >>> 3;
    f64[f + SCALE] = call.scale;
    f64[f + DIVISOR] = call.divisor;
    f64[f + HESSIAN_SCALE] = call.hessianScale;
    f64[f + MIN_HESSIAN] = call.minHessian;
    f64[f + P0] = call.p0;
    f64[f + P0 + 1] = call.p1;
    f64[f + P0 + 2] = call.p2;
    f64[f + P0 + 3] = call.p3;
    f64[f + P0 + 4] = call.p4;
    f64[f + P0 + 5] = call.p5;
    f64[f + P0 + 6] = call.p6;
    f64[f + P0 + 7] = call.p7;
    const u = record.at >>> 2;
    u32[u + OUTER] = call.outer;
    u32[u + CLASSES] = call.classes;
    u32[u + INNER] = call.inner;
    u32[u + IGNORE_INDEX] = call.ignoreIndex;
    u32[u + FEATURES] = call.features;
    u32[u + CHUNK] = call.chunk;
    u32[u + STEP] = 0;
    u32[u + SCRATCH] = this.#scratch;
    u32[u + FROM] = 0;
    u32[u + FIRST] = 0;
    u32[u + TO] = call.outer * call.inner;
  }

  setTile(record: CallRecord, at: number): void {
    this.reach(record);
    this.u32[(record.at >>> 2) + TILE] = at;
  }

  setAddress(record: CallRecord, slot: number, at: number): void {
    this.reach(record);
    this.u32[(record.at >>> 2) + ADDRESSES + slot] = at;
  }

  setShape(record: CallRecord, slot: number, at: number): void {
    this.reach(record);
    this.u32[(record.at >>> 2) + SHAPES + slot] = at;
    record.shapes |= 1 << slot;
  }

  #clear(from: number, slots: number): void {
    for (let slot = 0; slot < SLOTS.length; slot++)
      if ((slots & (1 << slot)) !== 0) this.u32[from + slot] = 0;
  }
}
