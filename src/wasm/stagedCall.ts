import { BLOCK, CALL_BYTES, FLAGS, SAMPLE_WEIGHT, tileBytes, VALUE, WEIGHT } from '../abi.ts';
import type { BoundCall, KernelCall } from '../call.ts';
import { bytesOf, type DType, type FloatArray, type IndexArray, type TypedArray, view } from '../dtypes.ts';
import { labelsToI32 } from '../labels.ts';
import type { LinearArena } from '../memory/arena.ts';
import type { Operand } from '../memory/operand.ts';
import type { Kernel } from './kernels.ts';
import {
  ADDRESSES,
  CallRecord,
  FIRST,
  INNER,
  isCopied,
  isSummed,
  mustWiden,
  PARTIALS,
  type RecordWriter,
  roomOf,
  TO,
} from './record.ts';

/** What runs a record that is ready. */
export interface Runner {
  readonly arena: LinearArena;
  readonly writer: RecordWriter;
  /** Bytes that arrays outside the memory may take in it at once. */
  readonly most: number;
  /** The instance's own tile if the call needs none or it is large enough, else −1. */
  fixedTile(call: KernelCall, kernel: Kernel): number;
  /** The pre-pass, if the call has one: throws ERR_LABEL before anything is written. `first`: rows before those of the record. */
  check(call: KernelCall, kernel: Kernel, record: number, first: number): void;
  /** The kernel on `units` elements or rows. */
  execute(call: KernelCall, kernel: Kernel, record: number, units: number): number;
}

/** A view of linear memory that survives growth, which detaches the view of before. */
class Region {
  readonly #arena: LinearArena;
  readonly #dtype: DType;
  readonly #at: number;
  readonly #length: number;
  #view: TypedArray;

  constructor(arena: LinearArena, dtype: DType, at: number, length: number) {
    this.#arena = arena;
    this.#dtype = dtype;
    this.#at = at;
    this.#length = length;
    this.#view = view(dtype, arena.buffer, at, length);
  }

  get view(): TypedArray {
    if (this.#view.length !== this.#length || this.#length === 0)
      this.#view = view(this.#dtype, this.#arena.buffer, this.#at, this.#length);
    return this.#view;
  }
}

/** An operand that is copied in before each run, or out after it, and its room: of a tile, or of all of it. */
interface Copied {
  readonly operand: Operand;
  readonly space: Region;
  /** How many elements an element or a row of the call has of it; 0: it is there as a whole. */
  readonly per: number;
}

/** An operand that lies in the memory, of which each tile takes the next part. */
interface Moving {
  readonly operand: Operand;
  /** Bytes for each element or row of the call. */
  readonly step: number;
}

/** Room that the last block's padding may take. */
const PADDING = 128;
/** Whether the pre-pass reads it. */
const isOfPrepass = ({ slot, isIndex }: Operand): boolean => isIndex || slot === SAMPLE_WEIGHT;
/** Below this many elements a loop copies sooner than a view is made. */
const FEW = 32;

/**
 * A call with space of its own: a prepared step, or a plain call for which there is no room in one piece. What takes more than the
 * runner's most goes through the memory tile by tile, with the bits of the undivided call: a tile is whole blocks of elements, or rows,
 * whose values are kept until they make a block; of a class axis that is not the last a range of positions.
 */
export class StagedCall implements BoundCall {
  readonly #runner: Runner;
  readonly #call: KernelCall;
  readonly #kernel: Kernel;
  readonly #record: CallRecord;
  readonly #own: number[] = [];
  readonly #allocated: number[] = [];
  readonly #in: Copied[] = [];
  readonly #out: Copied[] = [];
  readonly #moving: Moving[] = [];
  /** Elements or rows of the call, and of a tile at most. */
  readonly #units: number;
  #most: number;
  /** Room for a tile's sums; 0 where there are none, or where the call is done at once. */
  #partials = 0;

  /** Without a record it takes a place of its own. */
  constructor(runner: Runner, call: KernelCall, kernel: Kernel, record?: CallRecord) {
    this.#runner = runner;
    this.#call = call;
    this.#kernel = kernel;
    this.#units = call.outer * call.inner;
    this.#most = this.#units;
    const { arena, writer } = runner;
    try {
      this.#record = record ?? new CallRecord(this.#allocate(CALL_BYTES));
      const fixed = runner.fixedTile(call, kernel);
      const tile = fixed >= 0 ? fixed : this.#allocate(tileBytes(call.classes));
      this.#own.push(...this.#allocated.splice(0));
      const staged = writer.write(this.#record, call, tile);
      this.#stageAll(staged);
    } catch (error) {
      this.dispose();
      throw error;
    }
    // after the last allocation, which may have detached what lies in the memory
    for (const { operand } of [...this.#in, ...this.#out]) operand.settle(call.dtype, arena);
  }

  run(): number {
    const runner = this.#runner;
    const call = this.#call;
    const record = this.#record.at;
    if (this.#most < this.#units) return this.#runTiles();
    for (let i = 0; i < this.#in.length; i++) this.#bring(this.#in[i], 0, 0);
    runner.check(call, this.#kernel, record, 0);
    const value = runner.execute(call, this.#kernel, record, this.#units);
    for (let i = 0; i < this.#out.length; i++) {
      const { operand, space } = this.#out[i];
      if (operand.at >= 0) operand.settle(call.dtype, runner.arena);
      (operand.elements as FloatArray).set(space.view as FloatArray);
    }
    return value;
  }

  #runTiles(): number {
    const runner = this.#runner;
    const call = this.#call;
    const kernel = this.#kernel;
    const record = this.#record;
    runner.writer.reach(record);
    const { u32 } = runner.writer;
    const words = record.at >>> 2;
    const units = this.#units;
    // its numbers are not those of the whole call
    record.call = undefined;
    for (let i = 0; i < this.#in.length; i++) if (this.#in[i].per === 0) this.#bring(this.#in[i], 0, 0);
    if (call.prepass) {
      const most = this.#rowsOfTile();
      for (let first = 0; first < units; first += most) {
        this.#setTile(first, Math.min(most, units - first), true);
        runner.check(call, kernel, record.at, first);
      }
    }
    const size = bytesOf(call.dtype);
    let value = 0;
    /** Rows whose values wait for others of their block. */
    let held = 0;
    for (let first = 0; first < units; ) {
      const n = this.#unitsAt(first);
      this.#setTile(first, n, false);
      u32[words + PARTIALS] = this.#partials && this.#partials + held * size;
      runner.execute(call, kernel, record.at, n);
      for (let i = 0; i < this.#out.length; i++) this.#take(this.#out[i], first, n);
      first += n;
      if (this.#partials === 0) continue;
      held += n;
      const done = first === units ? held : held - (held % BLOCK);
      if (done === 0) continue;
      u32[words + PARTIALS] = this.#partials;
      u32[words + FIRST] = first - held;
      u32[words + TO] = done;
      value = kernel.add!(record.at);
      held -= done;
      if (held > 0) {
        const bytes = new Uint8Array(runner.arena.buffer, this.#partials, (done + held) * size);
        bytes.copyWithin(0, done * size);
      }
    }
    return value;
  }

  /** Elements or rows of the tile that begins with `first`. */
  #unitsAt(first: number): number {
    const { inner, classes } = this.#call;
    const n = Math.min(this.#most, this.#units - first);
    if (this.#kernel.isElementwise || inner === 1 || classes === 1) return n;
    return n >= inner ? n - (n % inner) : Math.min(n, inner - (first % inner));
  }

  /** Of rows, as many as operands of one element a row have room for: whole blocks, as the pre-pass takes them. */
  #rowsOfTile(): number {
    return Math.ceil(this.#most / BLOCK) * BLOCK;
  }

  /** Brings a tile to the memory, or what the pre-pass reads of it, and says so in the record. */
  #setTile(first: number, n: number, isPrepass: boolean): void {
    const { inner, classes } = this.#call;
    const { u32 } = this.#runner.writer;
    const words = this.#record.at >>> 2;
    u32[words + FIRST] = first;
    u32[words + TO] = n;
    if (!this.#kernel.isElementwise && inner > 1 && classes > 1) u32[words + INNER] = Math.min(n, inner);
    for (let i = 0; i < this.#moving.length; i++) {
      const { operand, step } = this.#moving[i];
      u32[words + ADDRESSES + operand.slot] = operand.at + first * step;
    }
    for (let i = 0; i < this.#in.length; i++) {
      const copied = this.#in[i];
      if (copied.per > 0 && !(isPrepass && !isOfPrepass(copied.operand))) this.#bring(copied, first, n);
    }
  }

  /** Copies in what n elements or rows from `first` on have of an operand, or all of it. */
  #bring({ operand, space, per }: Copied, first: number, n: number): void {
    const { inner, ignoreIndex, dtype } = this.#call;
    // growth may have detached what lies in the memory
    if (operand.at >= 0) operand.settle(dtype, this.#runner.arena);
    const { elements } = operand;
    const from = per === 0 ? elements : elements.subarray(first * per, (first + n) * per);
    if (mustWiden(operand)) labelsToI32(from as IndexArray, space.view as Int32Array, ignoreIndex);
    else if (this.#isRange(per, n))
      copyRanges(elements, at(first, inner, per), inner, space.view, 0, n, n, per);
    else (space.view as FloatArray).set(from as FloatArray);
  }

  /** Copies out what n elements or rows from `first` on have of a result. */
  #take({ operand, space, per }: Copied, first: number, n: number): void {
    const { inner, dtype } = this.#call;
    if (operand.at >= 0) operand.settle(dtype, this.#runner.arena);
    const { elements } = operand;
    if (this.#isRange(per, n)) copyRanges(space.view, 0, n, elements, at(first, inner, per), inner, n, per);
    else (elements as FloatArray).set((space.view as FloatArray).subarray(0, n * per), first * per);
  }

  /** Whether n rows are a range of positions, whose classes lie apart. */
  #isRange(per: number, n: number): boolean {
    return per > 1 && n < this.#call.inner;
  }

  dispose(): void {
    this.#free(this.#allocated);
    this.#free(this.#own);
  }

  #free(list: number[]): void {
    for (const at of list.splice(0)) this.#runner.arena.free(at);
  }

  #allocate(bytes: number): number {
    const at = this.#runner.arena.allocate(bytes);
    this.#allocated.push(at);
    return at;
  }

  /** Makes room for the operands that have to be staged: for smaller tiles, if there is not so much. */
  #stageAll(staged: number): void {
    for (let most = this.#runner.most; ; most /= 4) {
      this.#most = this.#fit(staged, most);
      try {
        for (let i = 0; i < this.#call.count; i++)
          this.#stage(this.#call.operands[i], (staged & (1 << i)) !== 0);
        if (this.#most < this.#units && this.#hasSum()) this.#partials = this.#allocate(this.#partialBytes());
        return;
      } catch (error) {
        this.#free(this.#allocated);
        for (const list of [this.#in, this.#out, this.#moving]) list.length = 0;
        if (this.#fit(staged, most / 4) === this.#most) throw error;
      }
    }
  }

  /** Elements or rows of a tile whose operands take at most so many bytes, if there can be tiles; at least one row, or block. */
  #fit(staged: number, most: number): number {
    const { operands, count, inner } = this.#call;
    const { isElementwise, add } = this.#kernel;
    let bytes = this.#hasSum() && !isElementwise ? bytesOf(this.#call.dtype) : 0;
    let canCut = isElementwise !== undefined && (add !== undefined || !this.#hasSum());
    let areRangesHere = false;
    for (let i = 0; i < count; i++) {
      const o = operands[i];
      const per = this.#perOf(o);
      if (isSummed(o)) canCut = false;
      if ((staged & (1 << i)) === 0 || !isCopied(o)) areRangesHere ||= per > 1 && inner > 1;
      else bytes += per * bytesOf(o.isIndex ? 'i32' : this.#call.dtype);
    }
    if (!canCut || bytes * this.#units <= most) return this.#units;
    const fit = Math.floor(most / bytes);
    const grain = isElementwise || fit >= BLOCK ? BLOCK : fit >= 16 ? 16 : 1;
    const n = Math.max(fit - (fit % grain), grain);
    // what lies in the memory has its classes as far apart as they are
    return n >= this.#units || (areRangesHere && n < inner) ? this.#units : n;
  }

  #hasSum(): boolean {
    return (this.#call.flags & FLAGS.VALUE) !== 0 && !this.#call.has(VALUE);
  }

  #partialBytes(): number {
    if (this.#kernel.isElementwise) return 8 * Math.ceil(this.#most / BLOCK);
    return bytesOf(this.#call.dtype) * (BLOCK + this.#most) + PADDING;
  }

  /** How many elements an element or a row of the call has of an operand; 0: all have the same. */
  #perOf({ slot, length, broadcast }: Operand): number {
    const { classes } = this.#call;
    if (broadcast !== null || (slot === WEIGHT && !this.#kernel.isElementwise)) return 0;
    return length === this.#units * classes ? classes : length === this.#units ? 1 : 0;
  }

  /** Makes room for an operand that has to be staged, and writes to the record where it is. */
  #stage(operand: Operand, isStaged: boolean): void {
    const { arena, writer } = this.#runner;
    const { slot, isIndex, broadcast } = operand;
    const per = this.#most < this.#units ? this.#perOf(operand) : 0;
    const dtype = isIndex ? 'i32' : this.#call.dtype;
    if (!isStaged || !isCopied(operand)) {
      if (per > 0) this.#moving.push({ operand, step: per * bytesOf(dtype) });
    } else {
      const units = per === 1 && !this.#kernel.isElementwise ? this.#rowsOfTile() : this.#most;
      const at = this.#allocate((per > 0 ? per * units : roomOf(operand, this.#call)) * bytesOf(dtype));
      writer.setAddress(this.#record, slot, at);
      const length = per > 0 ? per * units : operand.length;
      const copied = { operand, space: new Region(arena, dtype, at, length), per };
      if (slot >= VALUE) this.#out.push(copied);
      else this.#in.push(copied);
    }
    if (broadcast !== null) {
      const at = this.#allocate(4 * broadcast.length);
      view('u32', arena.buffer, at, broadcast.length).set(broadcast);
      writer.setShape(this.#record, slot, at);
    }
  }
}

/** Where the first class of row `first` is. */
const at = (first: number, inner: number, classes: number): number =>
  Math.floor(first / inner) * inner * classes + (first % inner);

/** Copies n elements of each of `count` classes, which are `step` and `otherStep` elements apart. */
function copyRanges(
  from: TypedArray,
  start: number,
  step: number,
  to: TypedArray,
  otherStart: number,
  otherStep: number,
  n: number,
  count: number,
): void {
  for (let c = 0; c < count; c++) {
    const a = start + c * step;
    const b = otherStart + c * otherStep;
    if (n >= FEW) (to as FloatArray).set((from as FloatArray).subarray(a, a + n), b);
    else for (let i = 0; i < n; i++) to[b + i] = from[a + i];
  }
}
