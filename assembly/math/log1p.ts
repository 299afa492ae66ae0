// biome-ignore-all lint/style/useConst: a const would become a v128.const in the loop, which V8 builds anew at every use
// biome-ignore-all lint/complexity/noStaticOnlyClass: @inline is legal on methods only
import { Fma } from '../simd/fma';
import { LN2_HIGH_F32, LN2_HIGH_F64, LN2_LOW_F32, LN2_LOW_F64 } from './exp';
import { Log, MINUS_LN2_HIGH_F32, MINUS_LN2_HIGH_F64, MINUS_LN2_LOW_F32, MINUS_LN2_LOW_F64 } from './log';

/** The bits of the float before 3/2. */
let BEFORE_THREE_HALVES_F32: v128 = i32x4.splat(0x3fbfffff);
/** Its bits are those of the exponent and the sign. */
let EXPONENT_F32: v128 = f32x4.splat(-Infinity);
let QUARTER_F32: v128 = f32x4.splat(0.25);
let HALF_F32: v128 = f32x4.splat(0.5);
let ONE_F32: v128 = f32x4.splat(1);
let FOUR_F32: v128 = f32x4.splat(4);
/** 2^−30 */
let SMALL_F32: v128 = f32x4.splat(9.313225746154785e-10);

// (log(1 + x)/x − 1)/x on [0, 1]: error 3.3e-8 of log(1 + x) (scripts/coefficients/log1p.py)
let L0_F32: v128 = f32x4.splat(-0.49999648);
let L1_F32: v128 = f32x4.splat(0.33321327);
let L2_F32: v128 = f32x4.splat(-0.24857177);
let L3_F32: v128 = f32x4.splat(0.19153647);
let L4_F32: v128 = f32x4.splat(-0.13753696);
let L5_F32: v128 = f32x4.splat(0.0792025);
let L6_F32: v128 = f32x4.splat(-0.030064184);
let L7_F32: v128 = f32x4.splat(0.0053643533);

/** The bits of the float before 3/2 and 1024 in the exponent, so that no difference is negative. */
let BEFORE_THREE_HALVES_F64: v128 = i64x2.splat(0x7ff8000000000000 - 1);
let EXPONENT_F64: v128 = f64x2.splat(Infinity);
let EXPONENT_ONE_F64: v128 = i64x2.splat(0x0010000000000000);
let QUARTER_F64: v128 = f64x2.splat(0.25);
let HALF_F64: v128 = f64x2.splat(0.5);
let ONE_F64: v128 = f64x2.splat(1);
let FOUR_F64: v128 = f64x2.splat(4);
/** 2^−60 */
let SMALL_F64: v128 = f64x2.splat(8.673617379884035e-19);
let TWO_52: v128 = f64x2.splat(4503599627370496);
let TWO_52_AND_BIAS: v128 = f64x2.splat(4503599627371520);

/**
 * log(1 + x) = k ln2 + log(1 + f) with 2^k (1 + f) = 1 + x and 1 + f in [3/4, 3/2).
 *
 * u = 1 + x is rounded, so it only chooses k. f is x·2^−k − (1 − 2^−k), and that difference is exact: for k = 0 it is x
 * itself; for k ≥ 1, x ≥ 1/2, and for k < 0, x ≤ −1/4, both terms are multiples of one ULP of x·2^−k and |f| ≤ 1/2. So no
 * correction by the rounding error of 1 + x is due. The interval is [3/4, 3/2) for that reason: with [√½, √2), x in
 * [√2 − 1, 1/2) would give an f with a bit too many (1.36 ULP).
 *
 * The series takes f to the fourth power, which is subnormal for a tiny x and then takes up to four times as long. For such
 * an x the result is x itself: `of` and `unit` keep it from the series; `positive` does not.
 */
export class Log1p {
  /**
   * Every x: −1 gives −inf, below it NaN, +inf itself, −0 gives −0.
   *
   * @bound f32 ulp 0.85 measured 0.8371 at 0.43755636 on [-inf, inf] exhaustive
   * @bound f64 ulp 0.95 measured 0.9334 at -0.25156939672863843 on [-inf, inf] sampled 3e7
   */
  @inline
  static of<T extends number>(x: v128): v128 {
    if (sizeof<T>() == 4) {
      const u = f32x4.add(x, ONE_F32);
      const tiny = f32x4.eq(u, ONE_F32);
      // as a NaN in u's place, which makes the result x
      return Log.specials<T>(Log1p.scaled<T>(v128.andnot(x, tiny), u), v128.or(u, tiny), x);
    } else {
      const u = f64x2.add(x, ONE_F64);
      const tiny = f64x2.eq(u, ONE_F64);
      return Log.specials<T>(Log1p.scaled<T>(v128.andnot(x, tiny), u), v128.or(u, tiny), x);
    }
  }

  /** The same as a call, where its copies would be a kilobyte and the time goes elsewhere. */
  static shared<T extends number>(x: v128): v128 {
    return Log1p.of<T>(x);
  }

  /**
   * For −1 < x < inf; +inf gives NaN, x ≤ −1 is meaningless.
   *
   * The scale is 4·2^−k, and a last factor 1/4 undoes the 4: 2^−k itself would be subnormal from k = 127 on.
   *
   * @bound f32 ulp 0.85 measured 0.8371 at 0.43755636 on [-0.99999994, 3.4028235e38] exhaustive
   * @bound f64 ulp 0.95 measured 0.9334 at -0.25156939672863843 on [-0.9999999999999999, 1.7976931348623157e308] sampled 3e7
   */
  @inline
  static positive<T extends number>(x: v128): v128 {
    if (sizeof<T>() == 4) return Log1p.scaled<T>(x, f32x4.add(x, ONE_F32));
    return Log1p.scaled<T>(x, f64x2.add(x, ONE_F64));
  }

  /** The same, given u = 1 + x. */
  @inline
  static scaled<T extends number>(x: v128, u: v128): v128 {
    const bits = Log1p.bits<T>(u);
    return Log1p.joined<T>(Log1p.fraction<T>(bits, x), Log1p.minusExponent<T>(bits));
  }

  /** log(2^k (1 + f)), given −k. */
  @inline
  static joined<T extends number>(f: v128, minusK: v128): v128 {
    if (sizeof<T>() == 4) {
      return Log.series<T>(f, f32x4.mul(minusK, LN2_HIGH_F32), f32x4.mul(minusK, LN2_LOW_F32));
    } else {
      return Log.series<T>(f, f64x2.mul(minusK, LN2_HIGH_F64), f64x2.mul(minusK, LN2_LOW_F64));
    }
  }

  /** The bits of u, from which k is read, taken from those of the greatest 1 + f. */
  @inline
  static bits<T extends number>(u: v128): v128 {
    if (sizeof<T>() == 4) return i32x4.sub(BEFORE_THREE_HALVES_F32, u);
    else return i64x2.sub(BEFORE_THREE_HALVES_F64, u);
  }

  /** f of the x > −1 whose bits these are. */
  @inline
  static fraction<T extends number>(bits: v128, x: v128): v128 {
    if (sizeof<T>() == 4) {
      const scale = i32x4.add(FOUR_F32, v128.and(bits, EXPONENT_F32));
      return f32x4.mul(Fma.msub<T>(x, scale, f32x4.sub(FOUR_F32, scale)), QUARTER_F32);
    } else {
      const scale = i64x2.add(EXPONENT_ONE_F64, v128.and(bits, EXPONENT_F64));
      return f64x2.mul(Fma.msub<T>(x, scale, f64x2.sub(FOUR_F64, scale)), QUARTER_F64);
    }
  }

  /** The same of an f32; in the lanes of isSum x is the sum itself, of which `bits` are: at least 2⁻¹²⁴. */
  @inline
  static fractionOfSum<T extends f32>(bits: v128, x: v128, isSum: v128): v128 {
    const scale = i32x4.add(FOUR_F32, v128.and(bits, EXPONENT_F32));
    const rest = f32x4.sub(FOUR_F32, v128.andnot(scale, isSum));
    return f32x4.mul(Fma.msub<T>(x, scale, rest), QUARTER_F32);
  }

  /** Its −k. */
  @inline
  static minusExponent<T extends number>(bits: v128): v128 {
    if (sizeof<T>() == 4) return f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
    else return f64x2.sub(v128.or(i64x2.shr_u(bits, 52), TWO_52), TWO_52_AND_BIAS);
  }

  /**
   * For 0 ≤ x ≤ 1, where k is 0 or 1 and one comparison finds it; meaningless outside. log(1 + x) is never above x, so that a
   * minimum puts a tiny x back in the place of the least that the series is given.
   *
   * @bound f32 ulp 0.85 measured 0.8371 at 0.43755636 on [0, 1] exhaustive
   * @bound f64 ulp 0.95 measured 0.9297 at 0.49522676707155733 on [0, 1] sampled 2e8
   */
  @inline
  static unit<T extends number>(x: v128): v128 {
    if (sizeof<T>() == 4) {
      const large = f32x4.ge(x, HALF_F32);
      const near = f32x4.pmax(x, SMALL_F32);
      const f = v128.bitselect(Fma.msub<T>(near, HALF_F32, HALF_F32), near, large);
      const y = Log.series<T>(f, v128.and(large, MINUS_LN2_HIGH_F32), v128.and(large, MINUS_LN2_LOW_F32));
      return f32x4.pmin(y, x);
    } else {
      const large = f64x2.ge(x, HALF_F64);
      const near = f64x2.pmax(x, SMALL_F64);
      const f = v128.bitselect(Fma.msub<T>(near, HALF_F64, HALF_F64), near, large);
      const y = Log.series<T>(f, v128.and(large, MINUS_LN2_HIGH_F64), v128.and(large, MINUS_LN2_LOW_F64));
      return f64x2.pmin(y, x);
    }
  }

  /**
   * The same for losses, which promise 4e-6: in f32 a series in x itself, of half as many instructions.
   *
   * @bound f32 ulp 2.40 measured 2.3283 at 0.99962413 on [0, 1] exhaustive
   * @bound f64 ulp 0.95 measured 0.9297 at 0.49522676707155733 on [0, 1] sampled 2e8
   */
  @inline
  static coarse<T extends number>(x: v128): v128 {
    if (sizeof<T>() == 8) return Log1p.unit<T>(x);
    // no power is subnormal
    const near = f32x4.pmax(x, SMALL_F32);
    const z = f32x4.mul(near, near);
    const q0 = Fma.madd<T>(Fma.madd<T>(L3_F32, near, L2_F32), z, Fma.madd<T>(L1_F32, near, L0_F32));
    const q4 = Fma.madd<T>(Fma.madd<T>(L7_F32, near, L6_F32), z, Fma.madd<T>(L5_F32, near, L4_F32));
    const q = Fma.madd<T>(q4, f32x4.mul(z, z), q0);
    return f32x4.mul(x, Fma.madd<T>(q, near, ONE_F32));
  }
}
