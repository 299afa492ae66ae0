import { LN2_HIGH_32, LN2_HIGH_64, LN2_LOW_32, LN2_LOW_64 } from './exp';

let ZERO: v128 = i32x4.splat(0);

let THREE_QUARTERS_32: v128 = f32x4.splat(0.75);
let MANTISSA_32: v128 = i32x4.splat(0x007fffff);
let LEAST_NORMAL_32: v128 = f32x4.splat(1.1754944e-38);
let TWO_24: v128 = f32x4.splat(16777216);
let MINUS_24: v128 = f32x4.splat(-24);
let HALF_32: v128 = f32x4.splat(0.5);
let ONE_32: v128 = f32x4.splat(1);
let INFINITE_32: v128 = f32x4.splat(Infinity);
let MINUS_INFINITE_32: v128 = f32x4.splat(-Infinity);

let P0_32: v128 = f32x4.splat(0.3333334);
let P1_32: v128 = f32x4.splat(-0.25000164);
let P2_32: v128 = f32x4.splat(0.19999579);
let P3_32: v128 = f32x4.splat(-0.16655318);
let P4_32: v128 = f32x4.splat(0.14276797);
let P5_32: v128 = f32x4.splat(-0.12728347);
let P6_32: v128 = f32x4.splat(0.11697044);
let P7_32: v128 = f32x4.splat(-0.09107019);
let P8_32: v128 = f32x4.splat(0.037611343);

/** The mantissa of sqrt(1/2), and below it sqrt(1/2) itself. */
let ROOT_HALF_MANTISSA_64: v128 = f64x2.splat(9.21655769475516e-309);
let ROOT_HALF_64: v128 = f64x2.splat(0.7071067811865476);
let MANTISSA_64: v128 = i64x2.splat(0x000fffffffffffff);
let LEAST_NORMAL_64: v128 = f64x2.splat(2.2250738585072014e-308);
let TWO_54: v128 = f64x2.splat(18014398509481984);
let MINUS_54: v128 = f64x2.splat(-54);
let TWO_52: v128 = f64x2.splat(4503599627370496);
let TWO_52_BIASED: v128 = f64x2.splat(4503599627371518);
let HALF_64: v128 = f64x2.splat(0.5);
let ONE_64: v128 = f64x2.splat(1);
let TWO_64: v128 = f64x2.splat(2);
let INFINITE_64: v128 = f64x2.splat(Infinity);
let MINUS_INFINITE_64: v128 = f64x2.splat(-Infinity);

let L0_64: v128 = f64x2.splat(0.666666666666666);
let L1_64: v128 = f64x2.splat(0.4000000000005648);
let L2_64: v128 = f64x2.splat(0.2857142855590739);
let L3_64: v128 = f64x2.splat(0.2222222428514903);
let L4_64: v128 = f64x2.splat(0.18181666652270564);
let L5_64: v128 = f64x2.splat(0.15391084283063722);
let L6_64: v128 = f64x2.splat(0.1317409296370556);

let L7_64: v128 = f64x2.splat(0.1383955068664063);
/**
 * log(x) = k*ln2 + log(1 + f) for x = 2^k (1 + f). All floats: 0 gives -inf, +inf itself, negative and NaN give NaN.
 */
export class Log {
  @inline
  static of<T>(x: v128): v128 {
    if (sizeof<T>() === 4) {
      const small = f32x4.lt(x, LEAST_NORMAL_32);
      const normal = v128.bitselect(f32x4.mul(x, TWO_24), x, small);
      const bits = i32x4.sub(normal, THREE_QUARTERS_32);
      const k = f32x4.add(f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23)), v128.and(small, MINUS_24));
      const m = i32x4.add(v128.and(bits, MANTISSA_32), THREE_QUARTERS_32);
      const f = f32x4.sub(m, ONE_32);
      const y = Log.series<T>(f, f32x4.mul(k, LN2_HIGH_32), f32x4.mul(k, LN2_LOW_32));
      return Log.specials<T>(y, x, x);
    } else {
      const small = f64x2.lt(x, LEAST_NORMAL_64);
      const normal = v128.bitselect(f64x2.mul(x, TWO_54), x, small);
      const bits = i64x2.sub(normal, ROOT_HALF_MANTISSA_64);
      const biased = f64x2.sub(v128.or(i64x2.shr_u(bits, 52), TWO_52), TWO_52_BIASED);
      const k = f64x2.add(biased, v128.and(small, MINUS_54));
      const m = i64x2.add(v128.and(bits, MANTISSA_64), ROOT_HALF_64);
      const f = f64x2.sub(m, ONE_64);
      const y = Log.series<T>(f, f64x2.mul(k, LN2_HIGH_64), f64x2.mul(k, LN2_LOW_64));
      return Log.specials<T>(y, x, x);
    }
  }

  /** high + low + log(1 + f) for f in [sqrt(1/2) - 1, sqrt(2) - 1]. */
  @inline
  static series<T>(f: v128, high: v128, low: v128): v128 {
    if (sizeof<T>() === 4) {
      let p = f32x4.add(f32x4.mul(P8_32, f), P7_32);
      p = f32x4.add(f32x4.mul(p, f), P6_32);
      p = f32x4.add(f32x4.mul(p, f), P5_32);
      p = f32x4.add(f32x4.mul(p, f), P4_32);
      p = f32x4.add(f32x4.mul(p, f), P3_32);
      p = f32x4.add(f32x4.mul(p, f), P2_32);
      p = f32x4.add(f32x4.mul(p, f), P1_32);
      p = f32x4.add(f32x4.mul(p, f), P0_32);
      const square = f32x4.mul(f, f);
      const tail = f32x4.add(f32x4.mul(f32x4.mul(square, f), p), low);
      return f32x4.add(high, f32x4.sub(f, f32x4.sub(f32x4.mul(square, HALF_32), tail)));
    } else {
      const s = f64x2.div(f, f64x2.add(f, TWO_64));
      const z = f64x2.mul(s, s);
      let l = f64x2.add(f64x2.mul(L7_64, z), L6_64);
      l = f64x2.add(f64x2.mul(l, z), L5_64);
      l = f64x2.add(f64x2.mul(l, z), L4_64);
      l = f64x2.add(f64x2.mul(l, z), L3_64);
      l = f64x2.add(f64x2.mul(l, z), L2_64);
      l = f64x2.add(f64x2.mul(l, z), L1_64);
      l = f64x2.add(f64x2.mul(l, z), L0_64);
      const square = f64x2.mul(f64x2.mul(f, f), HALF_64);
      const tail = f64x2.add(f64x2.mul(s, f64x2.add(square, f64x2.mul(z, l))), low);
      return f64x2.add(high, f64x2.sub(f, f64x2.sub(square, tail)));
    }
  }

  /** y = log(u), mended where u is no positive finite number: 0, +inf, negative, NaN. */
  @inline
  static specials<T>(y: v128, u: v128, x: v128): v128 {
    if (sizeof<T>() === 4) {
      const finite = v128.bitselect(y, x, f32x4.lt(u, INFINITE_32));
      const real = v128.or(finite, f32x4.lt(u, ZERO));
      return v128.bitselect(MINUS_INFINITE_32, real, f32x4.eq(u, ZERO));
    } else {
      const finite = v128.bitselect(y, x, f64x2.lt(u, INFINITE_64));
      const real = v128.or(finite, f64x2.lt(u, ZERO));
      return v128.bitselect(MINUS_INFINITE_64, real, f64x2.eq(u, ZERO));
    }
  }
}
