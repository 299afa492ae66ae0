// Sums without an error, many side by side. A sum is Σ limb_i 2^(16 i + lowest); limbs are integers in doubles, which have room for a
// thousand numbers before what is more than 16 bits has to be carried on.
//
// A number's 53 digits are taken as 26 and 27: each lies within two limbs, and is added to the lower one, times a power of 2 below 2¹⁶.
import type { FloatDType } from '../dtypes.ts';
import { noRoom } from '../errors.ts';
import { type SumKernel, sumKernel, wordsOf } from './kernel.ts';
import { abs, bitsOf, type Dyadic } from './rational.ts';

/** The powers of 2 that limbs have room for: of f64; of f32, products of two and their squares. */
const RANGES: Readonly<Record<FloatDType, { readonly lowest: number; readonly limbs: number }>> = {
  f32: { lowest: -512, limbs: 60 },
  f64: { lowest: -1088, limbs: 136 },
};
/** Beside the limbs: how often NaN, +∞ and −∞ were added, and how many numbers since the last carry. */
const [NANS, INFINITIES, MINUS_INFINITIES, PENDING] = [0, 1, 2, 3];
const BESIDE = 4;
const RADIX = 2 ** 16;
/** Numbers of below 2⁴² each. */
const ROOM = 1024;

/** From so many numbers on bins pay, which are to be emptied. */
const MANY = 2048;
/** From so many on the kernel does, and in groups from so many a group. */
const FEW = 96;
const FEW_OF_GROUP = 24;
/** The most groups that the kernel is given at once: 4 MB of sums in f64. */
const MOST_GROUPS = 4096;
/** The greatest exponents of f64: what has them is not finite, or not to be split. */
const SPARED = 32;

const POWERS = Float64Array.from({ length: 16 }, (_, i) => 2 ** i);

const number = new Float64Array(1);
const words = new Uint32Array(number.buffer);
const HIGH = new Uint8Array(Uint32Array.of(1).buffer)[0];
const LOW = 1 - HIGH;

/** Which numbers are added, and to whose sums. */
export interface Rows {
  readonly length: number;
  /** The group of each, or of all. */
  readonly groups: Int32Array | number;
  /** The least and the greatest of them, where they are known. */
  readonly span?: readonly [number, number] | undefined;
  /** 0 where a row does not count; all count where it is not given. */
  readonly counted: Uint8Array | undefined;
}

/** How often what is not finite was added. */
export interface Specials {
  readonly nan: number;
  readonly infinity: number;
  readonly minusInfinity: number;
}

export class ExactSums {
  readonly #lowest: number;
  readonly #limbs: number;
  /** Doubles of a sum. */
  readonly #stride: number;
  readonly #kernel: SumKernel | undefined;
  #data: Float64Array;

  /** `hasKernel`: whether it may add many numbers up; the sums are the same without. */
  constructor(dtype: FloatDType, count: number, hasKernel = true) {
    this.#kernel = hasKernel ? sumKernel() : undefined;
    const { lowest, limbs } = RANGES[dtype];
    this.#lowest = lowest;
    this.#limbs = limbs;
    this.#stride = limbs + BESIDE;
    this.#data = grown(new Float64Array(0), count * this.#stride);
  }

  /** Makes room for so many sums; new ones are 0. */
  reserve(count: number): void {
    this.#data = grown(this.#data, count * this.#stride);
  }

  /** Adds x to sum i; of f32, x is one, or a product of two or three. */
  add(i: number, x: number): void {
    number[0] = x;
    const high = words[HIGH];
    const low = words[LOW];
    const biased = (high >>> 20) & 2047;
    const data = this.#data;
    const at = i * this.#stride;
    if (biased === 2047) {
      const kind = Number.isNaN(x) ? NANS : x > 0 ? INFINITIES : MINUS_INFINITIES;
      data[at + this.#limbs + kind]++;
      return;
    }
    const upper = (high & 0xfffff) | (biased === 0 ? 0 : 0x100000);
    const sign = high >>> 31 === 0 ? 1 : -1;
    const place = (biased === 0 ? 1 : biased) - 1075 - this.#lowest;
    const tail = low & 0x7ffffff;
    if (tail !== 0) data[at + (place >> 4)] += sign * tail * POWERS[place & 15];
    const above = place + 27;
    data[at + (above >> 4)] += sign * (upper * 32 + (low >>> 27)) * POWERS[above & 15];
    if (++data[at + this.#limbs + PENDING] === ROOM) this.#carry(at);
  }

  /** Adds each of `rows` to its group's sum: the first one's is `first`, the others' follow, `step` apart. */
  addEach(values: ArrayLike<number>, rows: Rows, first: number, step: number): void {
    const { length, groups, counted } = rows;
    const isFloats = values instanceof Float32Array;
    if (isFloats || values instanceof Float64Array) {
      const kernel = length >= FEW ? this.#kernel : undefined;
      if (kernel !== undefined && this.#addByKernel(kernel, values, rows, first, step)) return;
      if (counted === undefined && typeof groups === 'number' && length >= (isFloats ? MANY : 8 * MANY)) {
        if (isFloats) this.#addFloats(values, first + groups * step);
        else this.#addDoubles(values, first + groups * step);
        return;
      }
    }
    for (let i = 0; i < length; i++)
      if (counted === undefined || counted[i] !== 0)
        this.add(first + (typeof groups === 'number' ? groups : groups[i]) * step, values[i]);
  }

  /** Whether the kernel did it: there may be too few numbers for as many groups. */
  #addByKernel(
    kernel: SumKernel,
    values: Float32Array | Float64Array,
    { length, groups, counted, span }: Rows,
    first: number,
    step: number,
  ): boolean {
    const dtype = values instanceof Float32Array ? 'f32' : 'f64';
    const [low, high] = typeof groups === 'number' ? [groups, groups] : (span ?? spanOf(groups));
    const count = high - low + 1;
    if (count > MOST_GROUPS || (count - 1) * FEW_OF_GROUP > length) return false;
    if (kernel.words(dtype, count) === undefined) return false;
    const atOnce = kernel.atOnce(dtype);
    const sum = first + low * step;
    let pending = 0;
    for (let from = 0; from < length; from += atOnce) {
      const to = Math.min(from + atOnce, length);
      kernel.take(dtype, values.subarray(from, to), counted?.subarray(from, to));
      if (count === 1) for (const x of kernel.sum(dtype, to - from)) this.add(sum, x);
      else kernel.addToGroups(dtype, (groups as Int32Array).subarray(from, to), low);
      pending += to - from;
      if (pending + atOnce <= kernel.most && to < length) continue;
      this.#takeLimbs(kernel, dtype, count, sum, step);
      pending = 0;
    }
    return true;
  }

  /** Adds what the kernel has in limbs, which are 0 afterwards. */
  #takeLimbs(kernel: SumKernel, dtype: FloatDType, sums: number, first: number, step: number): void {
    const words = kernel.words(dtype, sums)!;
    const limbs = kernel.limbs[dtype];
    const shift = (limbs.lowest - this.#lowest) / 16;
    const data = this.#data;
    let from = 0;
    for (let sum = 0; sum < sums; sum++, from += wordsOf(limbs)) {
      const at = (first + sum * step) * this.#stride;
      for (let k = 0; k < limbs.count; k++) {
        const low = words[from + 2 * k];
        const high = words[from + 2 * k + 1];
        if (low === 0 && high === 0) continue;
        data[at + k + shift] += low >>> 0;
        data[at + k + shift + 2] += high;
      }
      for (let k = 0; k < PENDING; k++) data[at + this.#limbs + k] += words[from + 2 * (limbs.count + k)];
      if (++data[at + this.#limbs + PENDING] === ROOM) this.#carry(at);
    }
    words.fill(0);
  }

  /** By bins: one for each exponent, in which numbers of 24 digits add up exactly, 2²⁹ of them. */
  #addFloats(values: Float32Array, i: number): void {
    const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
    const bins = new Float64Array(4 * 256);
    let hasSpecials = false;
    for (let from = 0; from < bits.length; from += 2 ** 29) {
      const to = Math.min(from + 2 ** 29, bits.length);
      let k = from;
      // four of each, as a sum in one bin waits for the last one
      for (; k + 4 <= to; k += 4) {
        bins[(bits[k] >>> 23) & 255] += values[k];
        bins[256 + ((bits[k + 1] >>> 23) & 255)] += values[k + 1];
        bins[512 + ((bits[k + 2] >>> 23) & 255)] += values[k + 2];
        bins[768 + ((bits[k + 3] >>> 23) & 255)] += values[k + 3];
      }
      for (; k < to; k++) bins[(bits[k] >>> 23) & 255] += values[k];
      if (this.#empty(bins, 256, 255, i)) hasSpecials = true;
    }
    if (hasSpecials) for (const x of values) if (x - x !== 0) this.add(i, x);
  }

  /** The same of f64, whose digits are taken as the first 26 and the others. */
  #addDoubles(values: Float64Array, i: number): void {
    const bits = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
    const bins = new Float64Array(4 * 2048);
    let hasSpecials = false;
    for (let from = 0; from < values.length; from += 2 ** 26) {
      const to = Math.min(from + 2 ** 26, values.length);
      for (let k = from; k < to; k++) {
        const x = values[k];
        const bin = (k & 1) * 4096 + ((bits[2 * k + HIGH] >>> 20) & 2047);
        const first = upper(x);
        bins[bin] += first;
        bins[bin + 2048] += x - first;
      }
      if (this.#empty(bins, 2048, 2048 - SPARED, i)) hasSpecials = true;
    }
    if (hasSpecials) for (const x of values) if (!isSplit(x)) this.add(i, x);
  }

  /**
   * Adds what is in bins to a sum, `count` of them for each of four places. Returns whether those from `last` on had something, which is
   * to be looked at one by one.
   */
  #empty(bins: Float64Array, count: number, last: number, i: number): boolean {
    let hasSpecials = false;
    for (let bin = 0; bin < bins.length; bin++) {
      if (bins[bin] === 0) continue;
      if (bin % count >= last) hasSpecials = true;
      else this.add(i, bins[bin]);
      bins[bin] = 0;
    }
    return hasSpecials;
  }

  /** Adds a·b, with what it is rounded by where that can be told: not below 2⁻⁹⁶⁹, nor where a or b is above 2⁹⁹⁶. */
  addProduct(i: number, a: number, b: number): void {
    const product = a * b;
    this.add(i, product);
    const [highA, highB] = [upper(a), upper(b)];
    const [lowA, lowB] = [a - highA, b - highB];
    // exact each, from the largest on (Dekker)
    const error = highA * highB - product + highA * lowB + lowA * highB + lowA * lowB;
    if (error - error === 0) this.add(i, error);
  }

  /** Adds sum k to sum i. */
  addSum(i: number, k: number): void {
    const [at, from] = [i * this.#stride, k * this.#stride];
    this.#carry(at);
    this.#carry(from);
    for (let limb = 0; limb < this.#limbs + PENDING; limb++) this.#data[at + limb] += this.#data[from + limb];
    this.#carry(at);
  }

  /** Makes n sums from i on 0. */
  clear(i: number, n: number): void {
    this.#data.fill(0, i * this.#stride, (i + n) * this.#stride);
  }

  /** Adds a sum that another made. */
  merge(i: number, { mantissa, exponent }: Dyadic, { nan, infinity, minusInfinity }: Specials): void {
    const at = i * this.#stride;
    const data = this.#data;
    data[at + this.#limbs + NANS] += nan;
    data[at + this.#limbs + INFINITIES] += infinity;
    data[at + this.#limbs + MINUS_INFINITIES] += minusInfinity;
    this.#carry(at);
    const place = exponent - this.#lowest;
    const sign = mantissa < 0n ? -1 : 1;
    let rest = abs(mantissa) << BigInt(place & 15);
    for (let k = place >> 4; rest !== 0n; k++) {
      // what is above the last limb stays in it
      const isLast = k === this.#limbs - 1;
      data[at + k] += sign * Number(isLast ? rest : rest & 0xffffn);
      rest = isLast ? 0n : rest >> 16n;
    }
    this.#carry(at);
  }

  /** Whether a sum is one that these have room for. */
  hasRoomFor({ mantissa, exponent }: Dyadic): boolean {
    if (mantissa === 0n) return true;
    return exponent >= this.#lowest && exponent + bitsOf(abs(mantissa)) <= this.#lowest + 16 * this.#limbs;
  }

  /** Sum i of what is finite. */
  exact(i: number): Dyadic {
    const at = i * this.#stride;
    this.#carry(at);
    const last = at + this.#limbs - 1;
    let digits = '';
    for (let k = last - 1; k >= at; k--) digits += this.#data[k].toString(16).padStart(4, '0');
    const mantissa = (BigInt(this.#data[last]) << BigInt(16 * (this.#limbs - 1))) + BigInt(`0x${digits}`);
    return { mantissa, exponent: this.#lowest };
  }

  specials(i: number): Specials {
    const at = i * this.#stride + this.#limbs;
    const [nan, infinity, minusInfinity] = this.#data.subarray(at, at + PENDING);
    return { nan, infinity, minusInfinity };
  }

  /** Makes all limbs but the last numbers of 16 bits. */
  #carry(at: number): void {
    const data = this.#data;
    let carry = 0;
    const last = at + this.#limbs - 1;
    for (let k = at; k < last; k++) {
      const limb = data[k] + carry;
      carry = Math.floor(limb / RADIX);
      data[k] = limb - carry * RADIX;
    }
    data[last] += carry;
    data[at + this.#limbs + PENDING] = 0;
  }
}

/** The array with room for `length` numbers, and some more where it grows often. */
export function grown(array: Float64Array, length: number): Float64Array {
  if (length <= array.length) return array;
  const size = Math.max(length, Math.min(2 * array.length, length + 2 ** 20));
  let more: Float64Array;
  try {
    more = new Float64Array(size);
  } catch (cause) {
    return noRoom(`${size} numbers of sums`, cause);
  }
  more.set(array);
  return more;
}

/** The least and the greatest. */
function spanOf(groups: Int32Array): readonly [number, number] {
  let [low, high] = [groups[0], groups[0]];
  for (let i = 1; i < groups.length; i++) {
    const group = groups[i];
    if (group < low) low = group;
    if (group > high) high = group;
  }
  return [low, high];
}

/** Whether a number's digits can be told apart by `upper`. */
const isSplit = (x: number): boolean => Math.abs(x) < 2 ** (1025 - SPARED);

/** The first 26 digits of a. */
function upper(a: number): number {
  const scaled = 134217729 * a;
  return scaled - (scaled - a);
}
