// Numbers of 16 bits.

const word = new Uint32Array(1);
const number = new Float32Array(word.buffer);

/** The f32 that a bf16 is the upper half of. */
export function ofBf16(bits: number): number {
  word[0] = bits << 16;
  return number[0];
}

/** The f32 of an IEEE 754 half. */
export function ofF16(bits: number): number {
  const sign = bits >>> 15 === 0 ? 1 : -1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** All of them: one look a number. */
export function tableOf(of: (bits: number) => number): Float32Array {
  return Float32Array.from({ length: 65536 }, (_, bits) => of(bits));
}
