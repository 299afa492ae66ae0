// biome-ignore-all lint/style/useConst: a const would become a v128.const in the loop, which V8 builds anew at every use
// biome-ignore-all lint/complexity/noStaticOnlyClass: @inline is legal on methods only

import { Fma } from '../simd/fma';

let ZERO: v128 = i32x4.splat(0);

let THREE_QUARTERS_F32: v128 = f32x4.splat(0.75);
let MANTISSA_F32: v128 = i32x4.splat(0x007fffff);
let LEAST_NORMAL_F32: v128 = f32x4.splat(1.1754944e-38);
let MINUS_149: v128 = f32x4.splat(-149);
export let MINUS_LN2_HIGH_F32: v128 = f32x4.splat(-0.69314575);
export let MINUS_LN2_LOW_F32: v128 = f32x4.splat(-0.0000014286068);
let HALF_F32: v128 = f32x4.splat(0.5);
let ONE_F32: v128 = f32x4.splat(1);
let INFINITE_F32: v128 = f32x4.splat(Infinity);

// P on [−1/4, 1/2]: error 9.2e-10 of log(1 + f) (scripts/coefficients/log.py)
let P0_F32: v128 = f32x4.splat(0.3333334);
let P1_F32: v128 = f32x4.splat(-0.25000164);
let P2_F32: v128 = f32x4.splat(0.19999579);
let P3_F32: v128 = f32x4.splat(-0.16655315);
let P4_F32: v128 = f32x4.splat(0.14276801);
let P5_F32: v128 = f32x4.splat(-0.12728423);
let P6_F32: v128 = f32x4.splat(0.11697028);
let P7_F32: v128 = f32x4.splat(-0.091063954);
let P8_F32: v128 = f32x4.splat(0.037603933);

/** The bits of 0.67676 = 1.35352 / 2, and those of its mantissa alone. */
let SPLIT_F64: v128 = i64x2.splat(0x3fe5a80000000000);
let SPLIT_MANTISSA_F64: v128 = i64x2.splat(0x0005a80000000000);
let MANTISSA_F64: v128 = i64x2.splat(0x000fffffffffffff);
let LEAST_NORMAL_F64: v128 = f64x2.splat(2.2250738585072014e-308);
let MINUS_1074: v128 = f64x2.splat(-1074);
let TWO_52: v128 = f64x2.splat(4503599627370496);
let TWO_52_AND_BIAS: v128 = f64x2.splat(4503599627371518);
export let MINUS_LN2_HIGH_F64: v128 = f64x2.splat(-0.6931471803691238);
export let MINUS_LN2_LOW_F64: v128 = f64x2.splat(-1.9082149292705877e-10);
let HALF_F64: v128 = f64x2.splat(0.5);
let ONE_F64: v128 = f64x2.splat(1);
let TWO_F64: v128 = f64x2.splat(2);
let INFINITE_F64: v128 = f64x2.splat(Infinity);

// L on s² ≤ 1/25, f ≤ 1/2: error 1.4e-19 of log(1 + f) (scripts/coefficients/log.py)
let L0_F64: v128 = f64x2.splat(0.666666666666666);
let L1_F64: v128 = f64x2.splat(0.4000000000005648);
let L2_F64: v128 = f64x2.splat(0.2857142855590739);
let L3_F64: v128 = f64x2.splat(0.2222222428514903);
let L4_F64: v128 = f64x2.splat(0.18181666652270564);
let L5_F64: v128 = f64x2.splat(0.15391084283063722);
let L6_F64: v128 = f64x2.splat(0.1317409296370556);
let L7_F64: v128 = f64x2.splat(0.1383955068664063);

/**
 * log(x) = k ln2 + log(1 + f) for x = 2^k (1 + f).
 *
 * f32 takes 1 + f in [3/4, 3/2), as log1p must. f64 takes it in [0.677, 1.354): there f²/2 stays below 1/16, whose two
 * roundings then weigh half of what they do at [√½, √2) (0.81 against 0.85 ULP).
 */
export class Log {
  /**
   * Every x: 0 gives −inf, +inf itself, below 0 and NaN give NaN; subnormals as accurate as the rest.
   *
   * @bound f32 ulp 0.85 measured 0.8362 at 1.4505126 on [-inf, inf] exhaustive
   * @bound f64 ulp 0.85 measured 0.8100 at 1.3536580415264983 on [-inf, inf] sampled 3e8
   */
  @inline
  static of<T extends number>(x: v128): v128 {
    return Log.specials<T>(Log.positive<T>(x), x, x);
  }

  /** The same as a call, where its copies would be a kilobyte and the time goes elsewhere. */
  static shared<T extends number>(x: v128): v128 {
    return Log.of<T>(x);
  }

  /** log(x + low) for every x, where low is what x was rounded by: near 1, where the logarithm is small, that counts. */
  @inline
  static sum<T extends number>(x: v128, low: v128): v128 {
    const bits = Log.bits<T>(x);
    const f = v128.add<T>(Log.fraction<T>(bits), low);
    return Log.specials<T>(Log.joined<T>(f, Log.exponent<T>(bits, x)), x, x);
  }

  /** The same for normal x > 0 alone; a finite number for inf, and without meaning for others. */
  @inline
  static normal<T extends number>(x: v128): v128 {
    if (sizeof<T>() == 4) {
      const bits = i32x4.sub(x, THREE_QUARTERS_F32);
      const k = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
      return Log.joined<T>(Log.fraction<T>(bits), k);
    } else {
      const bits = i64x2.sub(x, SPLIT_MANTISSA_F64);
      const k = f64x2.sub(v128.or(i64x2.shr_u(bits, 52), TWO_52), TWO_52_AND_BIAS);
      return Log.joined<T>(Log.fraction<T>(bits), k);
    }
  }

  /** For 0 < x < inf; subnormals as accurate as the rest. */
  @inline
  static positive<T extends number>(x: v128): v128 {
    const bits = Log.bits<T>(x);
    return Log.joined<T>(Log.fraction<T>(bits), Log.exponent<T>(bits, x));
  }

  /** log(2^k (1 + f)) */
  @inline
  static joined<T extends number>(f: v128, k: v128): v128 {
    if (sizeof<T>() == 4) {
      return Log.series<T>(f, f32x4.mul(k, MINUS_LN2_HIGH_F32), f32x4.mul(k, MINUS_LN2_LOW_F32));
    } else {
      return Log.series<T>(f, f64x2.mul(k, MINUS_LN2_HIGH_F64), f64x2.mul(k, MINUS_LN2_LOW_F64));
    }
  }

  /** The bits of x, from which k and f are read, relative to those of the least 1 + f. */
  @inline
  static bits<T extends number>(x: v128): v128 {
    if (sizeof<T>() == 4) {
      // A subnormal is its bits times 2^−149; a product by a power of two gives the same, three times slower.
      const small = f32x4.lt(x, LEAST_NORMAL_F32);
      return i32x4.sub(v128.bitselect(f32x4.convert_i32x4_s(x), x, small), THREE_QUARTERS_F32);
    } else {
      const small = f64x2.lt(x, LEAST_NORMAL_F64);
      return i64x2.sub(v128.bitselect(f64x2.sub(v128.or(x, TWO_52), TWO_52), x, small), SPLIT_MANTISSA_F64);
    }
  }

  /** f of the x > 0 whose bits these are. */
  @inline
  static fraction<T extends number>(bits: v128): v128 {
    if (sizeof<T>() == 4) {
      return f32x4.sub(i32x4.add(v128.and(bits, MANTISSA_F32), THREE_QUARTERS_F32), ONE_F32);
    } else {
      return f64x2.sub(i64x2.add(v128.and(bits, MANTISSA_F64), SPLIT_F64), ONE_F64);
    }
  }

  /** Its k. */
  @inline
  static exponent<T extends number>(bits: v128, x: v128): v128 {
    if (sizeof<T>() == 4) {
      const small = v128.and(f32x4.lt(x, LEAST_NORMAL_F32), MINUS_149);
      return f32x4.add(f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23)), small);
    } else {
      // SIMD has no i64 → f64: the biased k becomes the low bits of 2^52 + k.
      const biased = v128.or(i64x2.shr_u(bits, 52), TWO_52);
      const small = v128.and(f64x2.lt(x, LEAST_NORMAL_F64), MINUS_1074);
      return f64x2.add(f64x2.sub(biased, TWO_52_AND_BIAS), small);
    }
  }

  /**
   * log(1 + f) − high − low for f in [−1/3, 1/2], where high + low is −k ln2.
   *
   * f32: log(1 + f) = f − f²/2 + f³ P(f). f64: with s = f / (2 + f), log(1 + f) = f − (f²/2 − s (f²/2 + s² L(s²))); the
   * series in s has a third of the terms, which pays for the division from f64 on. In both the small terms are added up
   * before they meet f, and f before it meets high: f − f²/2 first would round twice.
   * Subtracting high keeps the sign of f = −0.
   */
  @inline
  static series<T extends number>(f: v128, high: v128, low: v128): v128 {
    if (sizeof<T>() == 4) {
      const f2 = f32x4.mul(f, f);
      const p = Log.cubic<T>(f, f2);
      const tail = Fma.msub<T>(f32x4.mul(f2, f), p, low);
      return f32x4.sub(f32x4.sub(f, Fma.msub<T>(f2, HALF_F32, tail)), high);
    } else {
      const s = f64x2.div(f, f64x2.add(f, TWO_F64));
      const z = f64x2.mul(s, s);
      const l = Log.quadratic<T>(z);
      const half = f64x2.mul(f64x2.mul(f, f), HALF_F64);
      const tail = Fma.msub<T>(s, Fma.madd<T>(z, l, half), low);
      return f64x2.sub(f64x2.sub(f, f64x2.sub(half, tail)), high);
    }
  }

  /** P(f) of f32, given f² too. */
  @inline
  static cubic<T extends number>(f: v128, f2: v128): v128 {
    const f4 = f32x4.mul(f2, f2);
    const p1 = Fma.madd<T>(Fma.madd<T>(P3_F32, f, P2_F32), f2, f32x4.mul(P1_F32, f));
    const p4 = Fma.madd<T>(Fma.madd<T>(P7_F32, f, P6_F32), f2, Fma.madd<T>(P5_F32, f, P4_F32));
    return f32x4.add(P0_F32, Fma.madd<T>(Fma.madd<T>(P8_F32, f4, p4), f4, p1));
  }

  /** L(z) of f64. */
  @inline
  static quadratic<T extends number>(z: v128): v128 {
    const z2 = f64x2.mul(z, z);
    const l0 = Fma.madd<T>(Fma.madd<T>(L3_F64, z, L2_F64), z2, Fma.madd<T>(L1_F64, z, L0_F64));
    const l4 = Fma.madd<T>(Fma.madd<T>(L7_F64, z, L6_F64), z2, Fma.madd<T>(L5_F64, z, L4_F64));
    return Fma.madd<T>(l4, f64x2.mul(z2, z2), l0);
  }

  /** y where 0 < u < inf; otherwise the special value of log u: −inf, NaN, or x itself where that is +inf or NaN. */
  @inline
  static specials<T extends number>(y: v128, u: v128, x: v128): v128 {
    if (sizeof<T>() == 4) {
      const top = v128.bitselect(y, x, f32x4.lt(u, INFINITE_F32));
      const bottom = f32x4.sub(top, v128.and(f32x4.eq(u, ZERO), INFINITE_F32));
      return v128.or(bottom, f32x4.lt(u, ZERO));
    } else {
      const top = v128.bitselect(y, x, f64x2.lt(u, INFINITE_F64));
      const bottom = f64x2.sub(top, v128.and(f64x2.eq(u, ZERO), INFINITE_F64));
      return v128.or(bottom, f64x2.lt(u, ZERO));
    }
  }

  /** y, but −inf where u is 0. */
  @inline
  static atZero<T extends number>(y: v128, u: v128): v128 {
    if (sizeof<T>() == 4) return f32x4.sub(y, v128.and(f32x4.eq(u, ZERO), INFINITE_F32));
    else return f64x2.sub(y, v128.and(f64x2.eq(u, ZERO), INFINITE_F64));
  }
}
