// Ordinary arrays that take more of the memory than they should at once go through it tile by tile, with the bits of the undivided
// call: a tile is whole blocks of elements, or rows, whose values are kept until they make a block; of a class axis that is not the
// last a range of positions.
import { BLOCK, FLAGS, SAMPLE_WEIGHT, VALUE, WEIGHT } from '../abi.ts';
import type { BoundCall, KernelCall } from '../call.ts';
import { bytesOf, type FloatArray, isHalf, type TypedArray } from '../dtypes.ts';
import type { Operand } from '../memory/operand.ts';
import { bring, take } from './copies.ts';
import type { Kernel } from './kernels.ts';
import { ADDRESSES, type CallRecord, FIRST, INNER, isCopied, isSummed, PARTIALS, TO } from './record.ts';
import { type Bind, Region, type Runner, Space } from './space.ts';
import { StagedCall } from './stagedCall.ts';

/** Gives a call space for all of it, or for as large a tile as the runner allows and there is room for. */
export const bindInTiles: Bind = (runner, call, kernel, record) => {
  for (let most = runner.most; ; most /= 4) {
    const units = unitsOfTile(call, kernel, most);
    try {
      if (units === call.outer * call.inner) return new StagedCall(runner, call, kernel, record);
      return new TiledCall(runner, call, kernel, units, record);
    } catch (error) {
      if (unitsOfTile(call, kernel, most / 4) === units) throw error;
    }
  }
};

const hasSum = (call: KernelCall): boolean => (call.flags & FLAGS.VALUE) !== 0 && !call.has(VALUE);

/** How many elements an element or a row of the call has of an operand; 0: all have the same. */
function perOf(
  { slot, length, broadcast }: Operand,
  { outer, inner, classes }: KernelCall,
  kernel: Kernel,
): number {
  const units = outer * inner;
  if (broadcast !== null || (slot === WEIGHT && !kernel.isElementwise)) return 0;
  return length === units * classes ? classes : length === units ? 1 : 0;
}

/** Whether the kernel itself adds up the sample weights of all rows, for the mean of a z-loss beside class weights. */
const isOfAllRows = (call: KernelCall): boolean =>
  call.kernel === 'shaped_rows' && call.prepass && call.has(WEIGHT) && call.has(SAMPLE_WEIGHT);

/** Elements or rows of a tile whose operands take at most so many bytes, if there can be tiles; at least one row, or block. */
function unitsOfTile(call: KernelCall, kernel: Kernel, most: number): number {
  const { operands, count, outer, inner } = call;
  const { isElementwise, add } = kernel;
  const units = outer * inner;
  let bytes = hasSum(call) && !isElementwise ? bytesOf(call.dtype) : 0;
  let canCut = isElementwise !== undefined && (add !== undefined || !hasSum(call)) && !isOfAllRows(call);
  let areRangesHere = false;
  for (let i = 0; i < count; i++) {
    const o = operands[i];
    const per = perOf(o, call, kernel);
    if (isSummed(o)) canCut = false;
    if (isCopied(o)) bytes += per * bytesOf(o.isIndex ? 'i32' : call.dtype);
    else areRangesHere ||= per > 1 && inner > 1;
  }
  if (!canCut || bytes * units <= most) return units;
  const fit = Math.floor(most / bytes);
  // the pre-pass adds up the weights of whole blocks of rows, whose labels are there then
  const isBlock = isElementwise || fit >= BLOCK || (call.flags & FLAGS.SETS) !== 0;
  const grain = isBlock ? BLOCK : fit >= 16 ? 16 : 1;
  const n = Math.max(fit - (fit % grain), grain);
  // what lies in the memory has its classes as far apart as they are
  return n >= units || (areRangesHere && n < inner) ? units : n;
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

/** A call that is staged in tiles of at most `most` elements or rows. */
class TiledCall implements BoundCall {
  readonly #runner: Runner;
  readonly #call: KernelCall;
  readonly #kernel: Kernel;
  readonly #record: CallRecord;
  readonly #space: Space;
  readonly #in: Copied[] = [];
  readonly #out: Copied[] = [];
  readonly #moving: Moving[] = [];
  readonly #units: number;
  readonly #most: number;
  /** Room for a tile's sums; 0 where there are none. */
  #partials = 0;

  constructor(runner: Runner, call: KernelCall, kernel: Kernel, most: number, record?: CallRecord) {
    this.#runner = runner;
    this.#call = call;
    this.#kernel = kernel;
    this.#units = call.outer * call.inner;
    this.#most = most;
    this.#space = new Space(runner);
    try {
      this.#record = this.#space.record(call, kernel, record);
      for (let i = 0; i < call.count; i++) this.#stage(call.operands[i]);
      if (hasSum(call)) this.#partials = this.#space.take(this.#partialBytes());
    } catch (error) {
      this.dispose();
      throw error;
    }
    // after the last allocation, which may have detached what lies in the memory
    for (const { operand } of [...this.#in, ...this.#out]) operand.settle(call.dtype, runner.arena);
  }

  run(): number {
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
    const { view } = space;
    let from = per === 0 ? elements : elements.subarray(first * per, (first + n) * per);
    if (this.#isRange(per, n)) {
      const m = n * per;
      // what is to be widened goes to the upper half of its room
      from = isHalf(operand.dtype) ? new Uint16Array(view.buffer, view.byteOffset + 2 * m, m) : view;
      copyRanges(elements, at(first, inner, per), inner, from, 0, n, n, per);
      if (from === view) return;
    }
    bring(operand, from, view, ignoreIndex, this.#runner.arena);
  }

  /** Copies out what n elements or rows from `first` on have of a result. */
  #take({ operand, space, per }: Copied, first: number, n: number): void {
    const { inner, dtype } = this.#call;
    const { arena } = this.#runner;
    if (operand.at >= 0) operand.settle(dtype, arena);
    const { elements } = operand;
    const { view } = space;
    const m = n * per;
    if (this.#isRange(per, n)) {
      const from = isHalf(operand.dtype) ? new Uint16Array(view.buffer, view.byteOffset, m) : view;
      if (from !== view) take(operand, view, from, arena);
      copyRanges(from, 0, n, elements, at(first, inner, per), inner, n, per);
    } else take(operand, view.subarray(0, m), elements.subarray(first * per, first * per + m), arena);
  }

  /** Whether n rows are a range of positions, whose classes lie apart. */
  #isRange(per: number, n: number): boolean {
    return per > 1 && n < this.#call.inner;
  }

  dispose(): void {
    this.#space.free();
  }

  #partialBytes(): number {
    if (this.#kernel.isElementwise) return 8 * Math.ceil(this.#most / BLOCK);
    return bytesOf(this.#call.dtype) * (BLOCK + this.#most) + PADDING;
  }

  /** Makes room for an operand that has to be staged, and writes to the record where it is. */
  #stage(operand: Operand): void {
    const { arena, writer } = this.#runner;
    const { slot, isIndex, broadcast } = operand;
    const per = perOf(operand, this.#call, this.#kernel);
    const dtype = isIndex ? 'i32' : this.#call.dtype;
    if (isCopied(operand)) {
      const units = per === 1 && !this.#kernel.isElementwise ? this.#rowsOfTile() : this.#most;
      const length = per > 0 ? per * units : operand.length;
      const at = this.#space.take(length * bytesOf(dtype));
      writer.setAddress(this.#record, slot, at);
      const copied = { operand, space: new Region(arena, dtype, at, length), per };
      (slot >= VALUE ? this.#out : this.#in).push(copied);
    } else if (per > 0) this.#moving.push({ operand, step: per * bytesOf(dtype) });
    if (broadcast !== null) writer.setShape(this.#record, slot, this.#space.shape(broadcast));
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
