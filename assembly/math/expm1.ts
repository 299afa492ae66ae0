// biome-ignore-all lint/style/useConst: a const would become a v128.const in the loop, which V8 builds anew at every use
// biome-ignore-all lint/complexity/noStaticOnlyClass: @inline is legal on methods only
import { Fma } from '../simd/fma';
import { Exp } from './exp';

/** −2^−58 */
let NUDGE_F32: v128 = f32x4.splat(-3.469446951953614e-18);
let LOG2E_F32: v128 = f32x4.splat(1.442695);
let SHIFTER_F32: v128 = f32x4.splat(12583039);
let ONE_F32: v128 = f32x4.splat(1);
let LEAST_F32: v128 = f32x4.splat(-20);
let TOP_F32: v128 = f32x4.splat(88);
let GREATEST_F32: v128 = f32x4.splat(89);

/** −2^−187 */
let NUDGE_F64: v128 = f64x2.splat(-5.0978941156238473e-57);
let LOG2E_F64: v128 = f64x2.splat(1.4426950408889634);
let SHIFTER_F64: v128 = f64x2.splat(6755399441056767);
let ONE_F64: v128 = f64x2.splat(1);
let LEAST_F64: v128 = f64x2.splat(-40);
let TOP_F64: v128 = f64x2.splat(709);
let GREATEST_F64: v128 = f64x2.splat(710);

/** What withExp has found. */
export let exponential: v128 = i32x4.splat(0);

/**
 * e^x − 1 = 2^n p − (1 − 2^n) with p = e^r − 1, n and r as in Exp.
 *
 * For n ≤ 0 the scaling and 1 − 2^n are exact, so what is lost is p's error and one rounding; for n = 0 the result is p
 * itself. e^x − 1 by subtraction keeps no digit of x = 1e−8.
 *
 * r² would be subnormal for a tiny x and take three times as long. So x is nudged by −2^−58 (f64: −2^−187), which is lost on
 * all but |x| < 2^−33, where the result is x: it is never below x, and a maximum with x puts every tiny, subnormal and −0 x
 * back.
 */
export class Expm1 {
  /**
   * Every x. For n = 1 the result is 1 + 2p with p as low as −0.29: p's error shows in full, hence the larger bound
   * above 0. From 88 on (f64: 709) the scale is halved and the result doubled, since 2^128 is no float.
   *
   * @bound f32 ulp 0.92 measured 0.9108 at -0.28654405 on [-inf, 0] exhaustive
   * @bound f32 ulp 1.70 measured 1.6320 at 0.34694925 on [0, inf] exhaustive
   * @bound f64 ulp 0.95 measured 0.9292 at -0.39911149806884744 on [-inf, 0] sampled 3e8
   * @bound f64 ulp 1.75 measured 1.6620 at 0.3467538893780545 on [0, inf] sampled 2e8
   */
  @inline
  static of<T extends number>(x: v128): v128 {
    if (sizeof<T>() == 4) {
      const inside = f32x4.add(f32x4.pmax(f32x4.pmin(x, GREATEST_F32), LEAST_F32), NUDGE_F32);
      const shifted = Fma.madd<T>(inside, LOG2E_F32, SHIFTER_F32);
      const p = Exp.reduced<T>(inside, f32x4.sub(shifted, SHIFTER_F32));
      const top = f32x4.gt(x, TOP_F32);
      const scale = i32x4.shl(i32x4.add(shifted, top), 23);
      const y = Fma.msub<T>(scale, p, f32x4.sub(ONE_F32, scale));
      return f32x4.pmax(f32x4.mul(y, f32x4.add(ONE_F32, v128.and(top, ONE_F32))), x);
    } else {
      const inside = f64x2.add(f64x2.pmax(f64x2.pmin(x, GREATEST_F64), LEAST_F64), NUDGE_F64);
      const shifted = Fma.madd<T>(inside, LOG2E_F64, SHIFTER_F64);
      const p = Exp.reduced<T>(inside, f64x2.sub(shifted, SHIFTER_F64));
      const top = f64x2.gt(x, TOP_F64);
      const scale = i64x2.shl(i64x2.add(shifted, top), 52);
      const y = Fma.msub<T>(scale, p, f64x2.sub(ONE_F64, scale));
      return f64x2.pmax(f64x2.mul(y, f64x2.add(ONE_F64, v128.and(top, ONE_F64))), x);
    }
  }

  /**
   * For x ≤ 0, without what only x > 0 needs.
   *
   * @bound f32 ulp 0.92 measured 0.9108 at -0.28654405 on [-inf, 0] exhaustive
   * @bound f64 ulp 0.95 measured 0.9292 at -0.39911149806884744 on [-inf, 0] sampled 3e8
   */
  @inline
  static nonpositive<T extends number>(x: v128): v128 {
    if (sizeof<T>() == 4) return f32x4.pmax(Expm1.nudged<T>(x), x);
    return f64x2.pmax(Expm1.nudged<T>(x), x);
  }

  /** The same without the maximum: at most x, instead of x, for −2^−33 < x ≤ 0 (f64: −2^−134). */
  @inline
  static nudged<T extends number>(x: v128): v128 {
    if (sizeof<T>() == 4) {
      const inside = f32x4.add(f32x4.pmax(x, LEAST_F32), NUDGE_F32);
      const shifted = Fma.madd<T>(inside, LOG2E_F32, SHIFTER_F32);
      const p = Exp.reduced<T>(inside, f32x4.sub(shifted, SHIFTER_F32));
      const scale = i32x4.shl(shifted, 23);
      return Fma.msub<T>(scale, p, f32x4.sub(ONE_F32, scale));
    } else {
      const inside = f64x2.add(f64x2.pmax(x, LEAST_F64), NUDGE_F64);
      const shifted = Fma.madd<T>(inside, LOG2E_F64, SHIFTER_F64);
      const p = Exp.reduced<T>(inside, f64x2.sub(shifted, SHIFTER_F64));
      const scale = i64x2.shl(shifted, 52);
      return Fma.msub<T>(scale, p, f64x2.sub(ONE_F64, scale));
    }
  }

  /**
   * The same from the least x on whose e^x is a normal number, and that in `exponential`: both are made of p. Tiny x are not nudged.
   */
  @inline
  static withExp<T extends number>(x: v128): v128 {
    if (sizeof<T>() == 4) {
      const shifted = Fma.madd<T>(x, LOG2E_F32, SHIFTER_F32);
      const p = Exp.reduced<T>(x, f32x4.sub(shifted, SHIFTER_F32));
      const scale = i32x4.shl(shifted, 23);
      exponential = Fma.madd<T>(scale, p, scale);
      return Fma.msub<T>(scale, p, f32x4.sub(ONE_F32, scale));
    } else {
      const shifted = Fma.madd<T>(x, LOG2E_F64, SHIFTER_F64);
      const p = Exp.reduced<T>(x, f64x2.sub(shifted, SHIFTER_F64));
      const scale = i64x2.shl(shifted, 52);
      exponential = Fma.madd<T>(scale, p, scale);
      return Fma.msub<T>(scale, p, f64x2.sub(ONE_F64, scale));
    }
  }
}
