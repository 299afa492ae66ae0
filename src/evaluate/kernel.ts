// The kernel of exact sums: a module of its own, so that no instance has it that nobody evaluates with. It has a memory of its own, to which
// numbers are copied.
import type { FloatDType } from '../dtypes.ts';
import { inlineModule } from './generated/exactSums.ts';

interface Global {
  readonly value: number;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /** Bytes of numbers that are copied at once. */
  readonly ROOM: Global;
  readonly FOUR: Global;
  readonly END: Global;
  readonly USED: Global;
  readonly SPAN: Global;
  readonly NUMBERS: Global;
  readonly KEYS: Global;
  readonly COUNTED: Global;
  readonly DOUBLES: Global;
  readonly BINS: Global;
  hide_f32(n: number): void;
  hide_f64(n: number): void;
  sum_f32(n: number): number;
  sum_f64(n: number): number;
  groups_f32(n: number, low: number, groups: number): void;
  groups_f64(n: number, low: number, groups: number): void;
  span(n: number): void;
  count(n: number, low: number, range: number): void;
}

/** How many there are, as the kernel has them, and the doubles of each. */
const SIZES = { f32: { count: 32, doubles: 1 }, f64: { count: 256, doubles: 2 } } as const;
const PAGE = 65536;
/** The least bin but the first that was used, less one, and the greatest. */
const UNUSED = [-1, 0];
/** Groups that the sum of one is in, so that no number waits for the last one. */
export const PARTS = 4;
/** Keys that are copied at once. */
const KEYS_AT_ONCE = 8192;

export class SumKernel {
  readonly #exports: Exports;
  /** How many numbers may be added before bins are emptied. */
  readonly most = 2 ** 19;

  constructor(exports: Exports) {
    this.#exports = exports;
    const { memory, FOUR } = exports;
    new Int32Array(memory.buffer, FOUR.value, 4).set([0, 1, 2, 3]);
    this.#used().set(UNUSED);
  }

  /** How many numbers are taken at once. */
  atOnce(dtype: FloatDType): number {
    return this.#exports.ROOM.value / (dtype === 'f32' ? 4 : 8);
  }

  /** Takes numbers; as 0 where `counted`, if it is given, is 0. */
  take(dtype: FloatDType, numbers: Float32Array | Float64Array, counted: Uint8Array | undefined): void {
    const { memory, NUMBERS, COUNTED } = this.#exports;
    const n = numbers.length;
    const to = new (dtype === 'f32' ? Float32Array : Float64Array)(
      memory.buffer,
      NUMBERS.value,
      (n + 3) & ~3,
    );
    to.set(numbers);
    to.fill(0, n);
    if (counted === undefined) return;
    new Uint8Array(memory.buffer, COUNTED.value, n).set(counted);
    if (dtype === 'f32') this.#exports.hide_f32(n);
    else this.#exports.hide_f64(n);
  }

  /** The doubles that the sum of n numbers is the sum of, with what is in the bins of PARTS groups and what is left. */
  sum(dtype: FloatDType, n: number): Float64Array {
    const { memory, DOUBLES } = this.#exports;
    const end = dtype === 'f32' ? this.#exports.sum_f32(n) : this.#exports.sum_f64(n);
    return new Float64Array(memory.buffer, DOUBLES.value, (end - DOUBLES.value) / 8);
  }

  /** Adds as many numbers to the bins of their groups, which keys from `low` on are of. */
  addToGroups(dtype: FloatDType, keys: Int32Array, low: number, groups: number): void {
    const n = this.#takeKeys(keys, low);
    if (dtype === 'f32') this.#exports.groups_f32(n, low, groups);
    else this.#exports.groups_f64(n, low, groups);
  }

  /** The first of four places, of which one had no bin. */
  left(): Int32Array {
    const { memory, KEYS, END } = this.#exports;
    const end = new Uint32Array(memory.buffer, END.value, 1)[0];
    return new Int32Array(memory.buffer, KEYS.value, (end - KEYS.value) / 4);
  }

  /** Makes room for the bins of so many groups; whether there is. */
  hasBins(dtype: FloatDType, groups: number): boolean {
    const { count, doubles } = SIZES[dtype];
    return this.#hasRoom(8 * count * doubles * groups);
  }

  /** Tells what is in the bins, and empties them. */
  empty(dtype: FloatDType, groups: number, add: (group: number, x: number) => void): void {
    const { memory, BINS } = this.#exports;
    const { doubles } = SIZES[dtype];
    const used = this.#used();
    const [least, last] = used;
    used.set(UNUSED);
    for (let bin = 0; bin <= last; bin = Math.max(bin, least) + 1) {
      const of = new Float64Array(memory.buffer, BINS.value + 8 * bin * doubles * groups, doubles * groups);
      for (let i = 0; i < of.length; i++) {
        const x = of[i];
        if (x === 0) continue;
        of[i] = 0;
        add(doubles === 1 ? i : i >> 1, x);
      }
    }
  }

  /** The least and the greatest of some keys. */
  span(keys: Int32Array): readonly [number, number] {
    const { memory, SPAN } = this.#exports;
    const span = new Int32Array(memory.buffer, SPAN.value, 2);
    let [low, high] = [keys[0], keys[0]];
    for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
      this.#exports.span(this.#takeKeys(keys.subarray(from, from + KEYS_AT_ONCE), keys[0]));
      low = Math.min(low, span[0]);
      high = Math.max(high, span[1]);
    }
    return [low, high];
  }

  /** How often there is each of `range` keys from `low` on, among those that count; undefined where there is no room. */
  count(
    keys: Int32Array,
    counted: Uint8Array | undefined,
    low: number,
    range: number,
  ): Int32Array | undefined {
    const { COUNTED, BINS } = this.#exports;
    if (!this.#hasRoom(4 * range)) return undefined;
    const { buffer } = this.#exports.memory;
    const are = new Uint8Array(buffer, COUNTED.value, KEYS_AT_ONCE).fill(1);
    for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
      if (counted !== undefined) are.set(counted.subarray(from, from + KEYS_AT_ONCE));
      this.#exports.count(this.#takeKeys(keys.subarray(from, from + KEYS_AT_ONCE), low), low, range);
    }
    const counts = new Int32Array(buffer, BINS.value, range);
    const copy = counts.slice();
    counts.fill(0);
    return copy;
  }

  /** `others`: up to a multiple of four. */
  #takeKeys(keys: Int32Array, others: number): number {
    const { memory, KEYS } = this.#exports;
    const n = keys.length;
    const to = new Int32Array(memory.buffer, KEYS.value, (n + 3) & ~3);
    to.set(keys);
    to.fill(others, n);
    return n;
  }

  #used(): Int32Array {
    const { memory, USED } = this.#exports;
    return new Int32Array(memory.buffer, USED.value, 2);
  }

  /** Whether there are so many bytes from the bins on, which are 0 but where something is. */
  #hasRoom(bytes: number): boolean {
    const { memory, BINS } = this.#exports;
    const lacking = BINS.value + bytes - memory.buffer.byteLength;
    try {
      if (lacking > 0) memory.grow(Math.ceil(lacking / PAGE));
    } catch {
      return false;
    }
    return true;
  }
}

let made: SumKernel | undefined;
let isTried = false;

/** The kernel of this thread; undefined where the engine has none, or compiles nothing: sums are the same without. */
export function sumKernel(): SumKernel | undefined {
  if (isTried) return made;
  isTried = true;
  // a module's memory is read as the engine has it, which a few machines do the other way round
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 0) return undefined;
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(inlineModule()));
    made = new SumKernel(exports as unknown as Exports);
  } catch {}
  return made;
}
