// Numbers of 16 bits: f16 (IEEE 754 binary16) and bf16 to f32, which is exact, and back: rounded to the nearest, ties to even.

const SIGN: u32 = 0x80000000;
/** What the exponents of f32 and f16 differ by, in place. */
const REBIAS: u32 = 112 << 23;
/** 2⁻¹⁴, the least normal f16, as an f32. */
const LEAST_NORMAL: u32 = 113 << 23;
const INFINITE: u32 = 0x7f800000;

export abstract class Half {
  /** The f32s of four numbers, each in the lower half of a lane. */
  abstract widen(bits: v128): v128;
  /** Four numbers in the lower halves of the lanes. */
  abstract narrow(x: v128): v128;
}

export class F16 extends Half {
  @inline widen(bits: v128): v128 {
    const sign = i32x4.shl(v128.and(bits, i32x4.splat(0x8000)), 16);
    const m = i32x4.shl(v128.and(bits, i32x4.splat(0x7fff)), 13);
    const rebias = i32x4.splat(REBIAS);
    // infinities and NaN have the greatest exponent in both
    const isLast = i32x4.ge_s(m, i32x4.splat(0x7c00 << 13));
    const normal = i32x4.add(i32x4.add(m, rebias), v128.and(isLast, rebias));
    // below, the fraction counts steps of 2⁻²⁴: those of 2⁻¹⁴ and beyond, less 2⁻¹⁴
    const least = i32x4.splat(LEAST_NORMAL);
    const subnormal = f32x4.sub(i32x4.add(m, least), least);
    const isSubnormal = i32x4.lt_s(m, i32x4.splat(0x0400 << 13));
    return v128.or(v128.bitselect(subnormal, normal, isSubnormal), sign);
  }

  @inline narrow(x: v128): v128 {
    const a = v128.andnot(x, i32x4.splat(SIGN));
    const sign = v128.and(i32x4.shr_u(x, 16), i32x4.splat(0x8000));
    const odd = v128.and(i32x4.shr_u(a, 13), i32x4.splat(1));
    const normal = i32x4.shr_u(i32x4.add(i32x4.add(a, odd), i32x4.splat(0xfff - REBIAS)), 13);
    // the steps of floats from ½ on are 2⁻²⁴, too
    const half = f32x4.splat(0.5);
    const subnormal = i32x4.sub(f32x4.add(a, half), half);
    const isSubnormal = i32x4.lt_s(a, i32x4.splat(LEAST_NORMAL));
    const finite = v128.bitselect(subnormal, normal, isSubnormal);
    const isGreat = i32x4.ge_s(a, i32x4.splat(0x47800000)); // 2¹⁶
    const isNone = i32x4.gt_s(a, i32x4.splat(INFINITE));
    const great = v128.or(i32x4.splat(0x7c00), v128.and(isNone, i32x4.splat(0x200)));
    return v128.or(v128.bitselect(great, finite, isGreat), sign);
  }
}

export class BF16 extends Half {
  @inline widen(bits: v128): v128 {
    return i32x4.shl(bits, 16);
  }

  @inline narrow(x: v128): v128 {
    const upper = i32x4.shr_u(x, 16);
    const odd = v128.and(upper, i32x4.splat(1));
    const rounded = i32x4.shr_u(i32x4.add(i32x4.add(x, odd), i32x4.splat(0x7fff)), 16);
    const isNone = i32x4.gt_s(v128.andnot(x, i32x4.splat(SIGN)), i32x4.splat(INFINITE));
    return v128.bitselect(v128.or(upper, i32x4.splat(0x40)), rounded, isNone);
  }
}

/** n numbers at `from`, which may end where the memory does, to f32s at `to`, which may be where they are: `to` + 2n. */
export function WIDEN<H extends Half>(from: usize, to: usize, n: usize): void {
  const half = changetype<H>(0);
  for (; n >= 8; n -= 8, from += 16, to += 32) {
    const bits = v128.load(from);
    v128.store(to, half.widen(i32x4.extend_low_i16x8_u(bits)));
    v128.store(to, half.widen(i32x4.extend_high_i16x8_u(bits)), 16);
  }
  for (; n > 0; n--, from += 2, to += 4)
    v128.store_lane<i32>(to, half.widen(i32x4.splat(load<u16>(from))), 0);
}

/** n f32s at `from` to numbers at `to`, which may be where they are. */
export function NARROW<H extends Half>(from: usize, to: usize, n: usize): void {
  const half = changetype<H>(0);
  for (; n >= 8; n -= 8, from += 32, to += 16) {
    const low = half.narrow(v128.load(from));
    const high = half.narrow(v128.load(from, 16));
    v128.store(to, i16x8.narrow_i32x4_u(low, high));
  }
  for (; n > 0; n--, from += 4, to += 2) v128.store_lane<i16>(to, half.narrow(v128.load32_splat(from)), 0);
}
