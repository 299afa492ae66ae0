import { LN2_HIGH_32, LN2_HIGH_64, LN2_LOW_32, LN2_LOW_64 } from './exp';
import { Log } from './log';

let THREE_QUARTERS_32: v128 = f32x4.splat(0.75);
let EXPONENT_32: v128 = f32x4.splat(-Infinity);
let QUARTER_32: v128 = f32x4.splat(0.25);
let HALF_32: v128 = f32x4.splat(0.5);
let ONE_32: v128 = f32x4.splat(1);
let FOUR_32: v128 = f32x4.splat(4);

let HALF_MANTISSA_64: v128 = i64x2.splat(0x0008000000000000);
let EXPONENT_64: v128 = f64x2.splat(Infinity);
let QUARTER_64: v128 = f64x2.splat(0.25);
let HALF_64: v128 = f64x2.splat(0.5);
let ONE_64: v128 = f64x2.splat(1);
let FOUR_64: v128 = f64x2.splat(4);
let TWO_52: v128 = f64x2.splat(4503599627370496);
let TWO_52_BIASED: v128 = f64x2.splat(4503599627371518);

/**
 * log(1 + x). `of`: every x; -1 gives -inf, below NaN, -0 gives +0. `positive`: finite x > -1 (NaN is not kept).
 * `unit`: 0 <= x <= 1, NaN is kept.
 */
export class Log1p {
  @inline
  static of<T>(x: v128): v128 {
    if (sizeof<T>() === 4) {
      const u = f32x4.add(x, ONE_32);
      return Log.specials<T>(Log1p.positive<T>(x), u, x);
    } else {
      const u = f64x2.add(x, ONE_64);
      return Log.specials<T>(Log1p.positive<T>(x), u, x);
    }
  }

  /** Finite x > -1. */
  @inline
  static positive<T>(x: v128): v128 {
    if (sizeof<T>() === 4) {
      const bits = i32x4.sub(f32x4.add(x, ONE_32), THREE_QUARTERS_32);
      const k = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
      const scale = i32x4.sub(FOUR_32, v128.and(bits, EXPONENT_32));
      const f = f32x4.mul(f32x4.add(f32x4.mul(x, scale), f32x4.sub(scale, FOUR_32)), QUARTER_32);
      return Log.series<T>(f, f32x4.mul(k, LN2_HIGH_32), f32x4.mul(k, LN2_LOW_32));
    } else {
      const bits = i64x2.sub(f64x2.add(x, ONE_64), HALF_MANTISSA_64);
      const k = f64x2.sub(v128.or(i64x2.shr_u(bits, 52), TWO_52), TWO_52_BIASED);
      const scale = i64x2.sub(EXPONENT_64, v128.and(bits, EXPONENT_64));
      const f = f64x2.mul(f64x2.add(f64x2.mul(x, scale), f64x2.sub(scale, FOUR_64)), QUARTER_64);
      return Log.series<T>(f, f64x2.mul(k, LN2_HIGH_64), f64x2.mul(k, LN2_LOW_64));
    }
  }

  /** 0 <= x <= 1. */
  @inline
  static unit<T>(x: v128): v128 {
    if (sizeof<T>() === 4) {
      const large = f32x4.ge(x, HALF_32);
      const f = v128.bitselect(f32x4.sub(f32x4.mul(x, HALF_32), HALF_32), x, large);
      return Log.series<T>(f, v128.and(large, LN2_HIGH_32), v128.and(large, LN2_LOW_32));
    } else {
      const large = f64x2.ge(x, HALF_64);
      const f = v128.bitselect(f64x2.sub(f64x2.mul(x, HALF_64), HALF_64), x, large);
      return Log.series<T>(f, v128.and(large, LN2_HIGH_64), v128.and(large, LN2_LOW_64));
    }
  }
}
