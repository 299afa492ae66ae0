// Numbers of 16 bits: their f32s, which are exact, and what numbers round to: the nearest, ties to even.
import { type DType, type HalfDType, isHalf, type TypedArray } from './dtypes.ts';
import { bare } from './given.ts';
import type { KernelExports } from './wasm/generated/exports.ts';

/** Where the exponent begins, how many are below that of 1, and where the last one begins. */
const FORMS = bare({
  f16: { fraction: 2 ** 10, bias: 15, last: 31 },
  bf16: { fraction: 2 ** 7, bias: 127, last: 255 },
});

/** The number that the bits are. */
export function numberOf(dtype: HalfDType, bits: number): number {
  const { fraction, bias, last } = FORMS[dtype];
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = Math.floor((bits & 0x7fff) / fraction);
  const rest = (bits % fraction) / fraction;
  if (exponent === last) return rest === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * rest * 2 ** (1 - bias) : sign * (1 + rest) * 2 ** (exponent - bias);
}

const word = new Float64Array(1);
const words = new Uint32Array(word.buffer);

/** The bits that a number is rounded to. */
export function bitsOf(dtype: HalfDType, x: number): number {
  const { fraction, bias, last } = FORMS[dtype];
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const a = Math.abs(x);
  if (!(a <= Number.MAX_VALUE)) return last * fraction + (a > 0 ? sign : fraction / 2);
  // the exponent of the double, which little-endian engines have in the upper word
  word[0] = a;
  const exponent = Math.max((words[1] >>> 20) - 1023, 1 - bias);
  const step = 2 ** exponent / fraction;
  const steps = a / step;
  const down = Math.floor(steps);
  const rest = steps - down;
  const rounded = down + Number(rest > 0.5 || (rest === 0.5 && down % 2 === 1));
  // of normal numbers `rounded` counts the leading one, and may have become a power of two: both go into the exponent
  return sign | Math.min((exponent + bias - 1) * fraction + rounded, last * fraction);
}

const tables: Partial<Record<HalfDType, Float32Array>> = bare({});

/** The f32s of as many numbers as `from` has. */
export function widen(dtype: HalfDType, from: Uint16Array, to: Float32Array): void {
  tables[dtype] ??= Float32Array.from({ length: 65536 }, (_, bits) => numberOf(dtype, bits));
  const table = tables[dtype];
  for (let i = 0; i < from.length; i++) to[i] = table[from[i]];
}

/** The same, of their own. */
export function widened(dtype: HalfDType, from: Uint16Array): Float32Array {
  const numbers = new Float32Array(from.length);
  widen(dtype, from, numbers);
  return numbers;
}

/** The bits of as many numbers as `to` has. */
export function narrow(dtype: HalfDType, from: ArrayLike<number>, to: Uint16Array): void {
  for (let i = 0; i < to.length; i++) to[i] = bitsOf(dtype, from[i]);
}

/** Of an instance: by its module's functions, which take f32s that lie in its memory, or else as above. */
export class Halves {
  readonly #exports: KernelExports | undefined;

  constructor(exports: KernelExports | undefined) {
    this.#exports = exports;
  }

  widen(dtype: HalfDType, from: Uint16Array, to: Float32Array): void {
    const exports = this.#exports;
    if (exports === undefined) {
      widen(dtype, from, to);
      return;
    }
    const n = from.length;
    let at = from.byteOffset;
    if (from.buffer !== to.buffer) {
      at = to.byteOffset + 2 * n;
      new Uint16Array(to.buffer, at, n).set(from);
    }
    exports[`widen_${dtype}`](at, to.byteOffset, n);
  }

  /** What `from` has is lost. */
  narrow(dtype: HalfDType, from: Float32Array, to: Uint16Array): void {
    const exports = this.#exports;
    if (exports === undefined) {
      narrow(dtype, from, to);
      return;
    }
    const { buffer, byteOffset } = from;
    const n = to.length;
    const isHere = buffer === to.buffer;
    exports[`narrow_${dtype}`](byteOffset, isHere ? to.byteOffset : byteOffset, n);
    if (!isHere) to.set(new Uint16Array(buffer, byteOffset, n));
  }

  /** Numbers of 16 bits as f32s of their own; nothing for others. */
  wide(dtype: DType | undefined, from: TypedArray): Float32Array | undefined {
    return isHalf(dtype) ? widened(dtype, from as Uint16Array) : undefined;
  }

  numberOf(dtype: HalfDType, bits: number): number {
    return numberOf(dtype, bits);
  }

  /** Numbers of one dtype to another, of which one or both have 16 bits: doubles are rounded once. */
  convert(own: DType, as: DType, from: TypedArray, to: TypedArray): void {
    if (isHalf(own) && as === 'f32') {
      this.widen(own, from as Uint16Array, to as Float32Array);
      return;
    }
    const numbers = isHalf(own)
      ? Float64Array.from(from as Uint16Array, (bits) => numberOf(own, bits))
      : (from as Float64Array);
    if (isHalf(as)) narrow(as, numbers, to as Uint16Array);
    else (to as Float64Array).set(numbers);
  }
}
