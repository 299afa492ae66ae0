// Floats by their bits.
import type { Dtype } from './bounds.ts';

export interface Format {
  dtype: Dtype;
  leastSubnormal: number;
  leastNormal: number;
  greatest: number;
  /** Not-a-number patterns: quiet and signalling, both signs, with and without payloads. */
  nans: bigint[];
  bits(x: number): bigint;
}

const single = new DataView(new ArrayBuffer(4));
const double = new DataView(new ArrayBuffer(8));

export const FORMATS: Record<Dtype, Format> = {
  f32: {
    dtype: 'f32',
    leastSubnormal: 2 ** -149,
    leastNormal: 2 ** -126,
    greatest: (2 - 2 ** -23) * 2 ** 127,
    nans: [
      0x7fc00000n,
      0xffc00000n,
      0x7f800001n,
      0xff800001n,
      0x7fc12345n,
      0xff812345n,
      0x7fffffffn,
      0xffffffffn,
    ],
    bits: (x) => {
      single.setFloat32(0, x);
      return BigInt(single.getUint32(0));
    },
  },
  f64: {
    dtype: 'f64',
    leastSubnormal: 2 ** -1074,
    leastNormal: 2 ** -1022,
    greatest: Number.MAX_VALUE,
    nans: [
      0x7ff8000000000000n,
      0xfff8000000000000n,
      0x7ff0000000000001n,
      0xfff0000000000001n,
      0x7ff8123456789abcn,
      0xfff0123456789abcn,
      0x7fffffffffffffffn,
      0xffffffffffffffffn,
    ],
    bits: (x) => {
      double.setFloat64(0, x);
      return double.getBigUint64(0);
    },
  },
};

/** The bits of the `count` floats on either side of x ≠ 0, and its own. */
export function around(format: Format, x: number, count = 4): bigint[] {
  const middle = format.bits(x);
  return Array.from({ length: 2 * count + 1 }, (_, i) => middle + BigInt(i - count));
}
