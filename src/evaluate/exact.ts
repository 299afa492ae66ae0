// Sums without an error, many side by side. A sum is Σ limb_i 2^(16 i + lowest); limbs are integers in doubles, which have room for a
// thousand numbers before what is more than 16 bits has to be carried on.
//
// A number's 53 digits are taken as 26 and 27: each lies within two limbs, and is added to the lower one, times a power of 2 below 2¹⁶.
import type { FloatDType } from '../dtypes.ts';
import { noRoom } from '../errors.ts';
import { PARTS, type SumKernel, sumKernel } from './kernel.ts';
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
const MANY = 16384;
/** From so many on the kernel does, and in groups from so many a group. */
const FEW = 96;
const FEW_OF_GROUP = 24;
/** The most groups that the kernel is given at once: 16 MB of bins, of which few are ever touched. */
const MOST_GROUPS = { f32: 65536, f64: 4096 } as const;
/** The greatest exponents of f64: what has them is not finite, or not to be split. */
const SPARED = 32;

const POWERS = Float64Array.from({ length: 16 }, (_, i) => 2 ** i);

const number = new Float64Array(1);
const words = new Uint32Array(number.buffer);
const HIGH = new Uint8Array(Uint32Array.of(1).buffer)[0];
const LOW = 1 - HIGH;

/** The groups of rows, by their keys. */
export interface Groups {
  /** Of each row. */
  readonly keys: Int32Array;
  /** The least of them. */
  readonly low: number;
  /** The group of each key from `low` on; any of them where it has none. */
  readonly of: Int32Array;
}

/** Which numbers are added, and to whose sums. */
export interface Rows {
  readonly length: number;
  /** The group of each, or of all. */
  readonly groups: Groups | number;
  /** 0 where a row does not count; all count where it is not given. */
  readonly counted: Uint8Array | undefined;
}

/** A row's group; any of them where another thread has changed the key meanwhile. */
export const groupOf = (groups: Groups | number, row: number): number =>
  typeof groups === 'number' ? groups : (groups.of[groups.keys[row] - groups.low] ?? groups.of[0]);

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
    const isDouble = values instanceof Float64Array;
    if (isDouble || values instanceof Float32Array) {
      const kernel = length >= FEW ? this.#kernel : undefined;
      if (kernel !== undefined && this.#addByKernel(kernel, values, rows, first, step)) return;
      if (counted === undefined && typeof groups === 'number' && length >= MANY) {
        this.#addMany(isDouble ? values : new Float64Array(values), first + groups * step);
        return;
      }
    }
    for (let i = 0; i < length; i++)
      if (counted === undefined || counted[i] !== 0) this.add(first + groupOf(groups, i) * step, values[i]);
  }

  /** Whether the kernel did it: there may be too few numbers for as many groups. */
  #addByKernel(
    kernel: SumKernel,
    values: Float32Array | Float64Array,
    { length, groups, counted }: Rows,
    first: number,
    step: number,
  ): boolean {
    const dtype = values instanceof Float32Array ? 'f32' : 'f64';
    const count = typeof groups === 'number' ? PARTS : groups.of.length;
    if (typeof groups !== 'number' && (count > MOST_GROUPS[dtype] || (count - 1) * FEW_OF_GROUP > length))
      return false;
    if (!kernel.hasBins(dtype, count)) return false;
    const atOnce = kernel.atOnce(dtype);
    const sumOf = (group: number): number => first + group * step;
    const add = (place: number, x: number): void =>
      this.add(sumOf(typeof groups === 'number' ? groups : groups.of[place]), x);
    let pending = 0;
    for (let from = 0; from < length; from += atOnce) {
      const to = Math.min(from + atOnce, length);
      kernel.take(dtype, values.subarray(from, to), counted?.subarray(from, to));
      if (typeof groups === 'number')
        for (const x of kernel.sum(dtype, to - from)) this.add(sumOf(groups), x);
      else kernel.addToGroups(dtype, groups.keys.subarray(from, to), groups.low, count);
      for (const four of kernel.left())
        for (let i = from + four; i < Math.min(from + four + 4, to); i++)
          if (counted === undefined || counted[i] !== 0) this.add(sumOf(groupOf(groups, i)), values[i]);
      pending += to - from;
      if (pending + atOnce <= kernel.most && to < length) continue;
      kernel.empty(dtype, count, add);
      pending = 0;
    }
    return true;
  }

  /** By bins: two for each exponent, in which the first 26 digits of 2²⁶ numbers add up exactly, and the others. */
  #addMany(values: Float64Array, i: number): void {
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
      if (this.#empty(bins, i)) hasSpecials = true;
    }
    if (hasSpecials) for (const x of values) if (!isSplit(x)) this.add(i, x);
  }

  /** Adds what is in bins to a sum. Returns whether the greatest ones had something, which is to be looked at one by one. */
  #empty(bins: Float64Array, i: number): boolean {
    let hasSpecials = false;
    for (let bin = 0; bin < bins.length; bin++) {
      if (bins[bin] === 0) continue;
      if (bin % 2048 >= 2048 - SPARED) hasSpecials = true;
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
    this.#data[at + this.#limbs + PENDING]++;
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
    data[at + this.#limbs + PENDING]++;
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
    const data = this.#data;
    // what is above the digits is nothing, or of a negative number all that 16 bits have
    const last = at + this.#limbs - 1;
    const above = data[last] < 0 ? RADIX - 1 : 0;
    const isPlain = data[last] === 0 || data[last] === -1;
    let top = isPlain ? last - 1 : last;
    while (isPlain && top > at && data[top] === above) top--;
    let bottom = at;
    while (bottom < top && data[bottom] === 0) bottom++;
    let digits = '0x0';
    for (let k = Math.min(top, last - 1); k >= bottom; k--) digits += data[k].toString(16).padStart(4, '0');
    const whole = isPlain ? BigInt(-Number(above > 0)) : BigInt(data[last]);
    const places = isPlain ? top + 1 - bottom : last - bottom;
    const mantissa = (whole << BigInt(16 * places)) + BigInt(digits);
    return { mantissa, exponent: this.#lowest + 16 * (bottom - at) };
  }

  specials(i: number): Specials {
    const at = i * this.#stride + this.#limbs;
    const [nan, infinity, minusInfinity] = this.#data.subarray(at, at + PENDING);
    return { nan, infinity, minusInfinity };
  }

  /** Makes all limbs but the last numbers of 16 bits. */
  #carry(at: number): void {
    const data = this.#data;
    if (data[at + this.#limbs + PENDING] === 0) return;
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

/** Whether a number's digits can be told apart by `upper`. */
const isSplit = (x: number): boolean => Math.abs(x) < 2 ** (1025 - SPARED);

/** The first 26 digits of a. */
function upper(a: number): number {
  const scaled = 134217729 * a;
  return scaled - (scaled - a);
}
