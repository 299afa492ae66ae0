// The kernel of exact sums: a module of its own, so that no instance has it that nobody evaluates with. It has a memory of its own, to which
// numbers are copied.
import type { FloatDType } from '../dtypes.ts';
import { inlineModule } from './generated/exactSums.ts';

interface Global {
  readonly value: number;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /** Bytes that are copied at once. */
  readonly ROOM: Global;
  readonly NUMBERS: Global;
  readonly GROUPS: Global;
  readonly COUNTED: Global;
  readonly DOUBLES: Global;
  readonly LIMBS: Global;
  readonly LIMBS_F32: Global;
  readonly LIMBS_F64: Global;
  readonly LOWEST_F32: Global;
  readonly LOWEST_F64: Global;
  hide_f32(n: number): void;
  hide_f64(n: number): void;
  sum_f32(n: number): number;
  sum_f64(n: number): number;
  groups_f32(n: number, low: number): void;
  groups_f64(n: number, low: number): void;
}

const PAGE = 65536;

/** How sums of a dtype lie in the memory. */
export interface Limbs {
  /** Integers of 64 bits, 16 bits apart; three more count NaN, +∞ and −∞. */
  readonly count: number;
  /** The exponent of the lowest bit. */
  readonly lowest: number;
}

export class SumKernel {
  readonly #exports: Exports;
  readonly limbs: Readonly<Record<FloatDType, Limbs>>;
  /** How many numbers may be added before limbs are emptied. */
  readonly most = 2 ** 21;

  constructor(exports: Exports) {
    this.#exports = exports;
    const { LIMBS_F32, LIMBS_F64, LOWEST_F32, LOWEST_F64 } = exports;
    this.limbs = {
      f32: { count: LIMBS_F32.value, lowest: LOWEST_F32.value },
      f64: { count: LIMBS_F64.value, lowest: LOWEST_F64.value },
    };
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

  /** The doubles that the sum of n numbers is the sum of; what is missing is in the limbs of sum 0. */
  sum(dtype: FloatDType, n: number): Float64Array {
    const { memory, DOUBLES } = this.#exports;
    const count = dtype === 'f32' ? this.#exports.sum_f32(n) : this.#exports.sum_f64(n);
    return new Float64Array(memory.buffer, DOUBLES.value, count);
  }

  /** Adds as many numbers to the limbs of their groups' sums; the first is of group `low`. */
  addToGroups(dtype: FloatDType, groups: Int32Array, low: number): void {
    const { memory, GROUPS } = this.#exports;
    const n = groups.length;
    new Int32Array(memory.buffer, GROUPS.value, n).set(groups);
    if (dtype === 'f32') this.#exports.groups_f32(n, low);
    else this.#exports.groups_f64(n, low);
  }

  /** The words of so many sums, which are 0 unless something was added; undefined where there is no room. */
  words(dtype: FloatDType, sums: number): Int32Array | undefined {
    const { memory, LIMBS } = this.#exports;
    const length = sums * wordsOf(this.limbs[dtype]);
    const lacking = LIMBS.value + 4 * length - memory.buffer.byteLength;
    try {
      if (lacking > 0) memory.grow(Math.ceil(lacking / PAGE));
    } catch {
      return undefined;
    }
    return new Int32Array(memory.buffer, LIMBS.value, length);
  }
}

/** Words of 32 bits of a sum. */
export const wordsOf = ({ count }: Limbs): number => 2 * (count + 3);

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
