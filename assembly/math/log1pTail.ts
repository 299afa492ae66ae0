import { Fma } from '../simd/fma';
import { Log1p } from './log1p';

let SMALL_F32: v128 = f32x4.splat(9.313225746154785e-10); // 2⁻³⁰
let SMALL_F64: v128 = f64x2.splat(8.673617379884035e-19); // 2⁻⁶⁰

let BEFORE_THREE_HALVES: v128 = i32x4.splat(0x3fbfffff);
let EXPONENT: v128 = i32x4.splat(0xff800000);
let ONE: v128 = f32x4.splat(1);
let LN2: v128 = f32x4.splat(0.6931472);
// log(1 + f) = f + f² q(f) on [−1/4, 1/2]: error 2.0e-7 (scripts/coefficients/log.py)
let Q0: v128 = f32x4.splat(-0.50000167);
let Q1: v128 = f32x4.splat(0.33330706);
let Q2: v128 = f32x4.splat(-0.24979286);
let Q3: v128 = f32x4.splat(0.20095408);
let Q4: v128 = f32x4.splat(-0.17336991);
let Q5: v128 = f32x4.splat(0.14152795);
let Q6: v128 = f32x4.splat(-0.06719527);

/**
 * log(1 + x) for x ≥ 0 or NaN, in the same time for every x: the polynomial takes the fourth power of its argument, which
 * underflows for the tiny x of confident samples, and that costs x86 three times the rest. There log(1 + x) is x.
 */
export class Log1pTail {
  @inline static of<T extends number>(x: v128): v128 {
    const small = sizeof<T>() == 4 ? SMALL_F32 : SMALL_F64;
    return v128.bitselect(x, Log1p.positive<T>(v128.pmax<T>(x, small)), v128.lt<T>(x, small));
  }

  /** The same, infinity included. log(1 + x) is never above x, so that a minimum puts a tiny x back in the place of the least. */
  @inline static full<T extends number>(x: v128): v128 {
    const small = sizeof<T>() == 4 ? SMALL_F32 : SMALL_F64;
    return v128.pmin<T>(x, Log1p.positive<T>(v128.pmax<T>(x, small)));
  }

  /** The same for a row's loss, which promises 4e-6, and x below 2^30: in f32 shorter. log(1 + x) is never above x. */
  @inline static coarse<T extends number>(x: v128): v128 {
    if (sizeof<T>() == 8) return Log1pTail.of<T>(x);
    const near = f32x4.pmax(x, SMALL_F32);
    const bits = i32x4.sub(BEFORE_THREE_HALVES, f32x4.add(near, ONE));
    const scale = i32x4.add(ONE, v128.and(bits, EXPONENT));
    const f = f32x4.sub(f32x4.mul(near, scale), f32x4.sub(ONE, scale));
    const f2 = f32x4.mul(f, f);
    const high = Fma.madd<T>(Q6, f2, Fma.madd<T>(Q5, f, Q4));
    const q = Fma.madd<T>(Fma.madd<T>(high, f2, Fma.madd<T>(Q3, f, Q2)), f2, Fma.madd<T>(Q1, f, Q0));
    const minusK = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
    return f32x4.pmin(Fma.nmadd<T>(minusK, LN2, Fma.madd<T>(q, f2, f)), x);
  }
}
