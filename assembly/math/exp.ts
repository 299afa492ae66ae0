// biome-ignore-all lint/style/useConst: a const would become a v128.const in the loop, which V8 builds anew at every use
// biome-ignore-all lint/complexity/noStaticOnlyClass: @inline is legal on methods only

import { Fma } from '../simd/fma';
import { Lanes } from '../simd/lanes';

/** 2^−34 */
let NUDGE_F32: v128 = f32x4.splat(5.820766091346741e-11);
let LOG2E_F32: v128 = f32x4.splat(1.442695);
/** 1.5·2^23 + 127: adding it rounds to an integer n and leaves n, biased as an exponent is, in the low bits. */
let SHIFTER_F32: v128 = f32x4.splat(12583039);
/** The same with the bias doubled, so that half of it is biased right. */
let HALF_SHIFTER_F32: v128 = f32x4.splat(12583166);
/** 15 significant bits: n·LN2_HIGH is exact for every exponent n. */
export let LN2_HIGH_F32: v128 = f32x4.splat(0.69314575);
export let LN2_LOW_F32: v128 = f32x4.splat(0.0000014286068);
let BIAS_F32: v128 = i32x4.splat(127);
let ONE_F32: v128 = f32x4.splat(1);
/** The lowest x with e^x ≥ 2^−126. */
let LEAST_NORMAL_F32: v128 = f32x4.splat(-87.33654);
let LEAST_F32: v128 = f32x4.splat(-104);
/** log 2^−252 */
let LEAST_FACTORS_F32: v128 = f32x4.splat(-174.67308);
let GREATEST_F32: v128 = f32x4.splat(89);

// q on |r| ≤ ln2/2: error 3.1e-9 of e^r (scripts/coefficients/exp.py)
let Q0_F32: v128 = f32x4.splat(0.49999994);
let Q1_F32: v128 = f32x4.splat(0.16666521);
let Q2_F32: v128 = f32x4.splat(0.04166826);
let Q3_F32: v128 = f32x4.splat(0.008368668);
let Q4_F32: v128 = f32x4.splat(0.0013821304);

// q of coarse on |r| ≤ ln2/2: error 1.0e-7 of e^r (scripts/coefficients/exp.py)
let S0_F32: v128 = f32x4.splat(0.4999923);
let S1_F32: v128 = f32x4.splat(0.16667111);
let S2_F32: v128 = f32x4.splat(0.04189018);
let S3_F32: v128 = f32x4.splat(0.008312824);

/** 2^−187 */
let NUDGE_F64: v128 = f64x2.splat(5.0978941156238473e-57);
let LOG2E_F64: v128 = f64x2.splat(1.4426950408889634);
/** 1.5·2^52 + 1023 */
let SHIFTER_F64: v128 = f64x2.splat(6755399441056767);
let HALF_SHIFTER_F64: v128 = f64x2.splat(6755399441057790);
/** 33 significant bits. */
export let LN2_HIGH_F64: v128 = f64x2.splat(0.6931471803691238);
export let LN2_LOW_F64: v128 = f64x2.splat(1.9082149292705877e-10);
let BIAS_F64: v128 = i64x2.splat(1023);
let ONE_F64: v128 = f64x2.splat(1);
/** The lowest x with e^x ≥ 2^−1022. */
let LEAST_NORMAL_F64: v128 = f64x2.splat(-708.3964185322641);
let LEAST_F64: v128 = f64x2.splat(-746);
/** log 2^−2044 */
let LEAST_FACTORS_F64: v128 = f64x2.splat(-1416.7928370645282);
let GREATEST_F64: v128 = f64x2.splat(710);

// q on |r| ≤ ln2/2: error 1.4e-17 of max(|e^r − 1|, 1/5) (scripts/coefficients/exp.py)
let Q0_F64: v128 = f64x2.splat(0.500000000000001);
let Q1_F64: v128 = f64x2.splat(0.16666666666666594);
let Q2_F64: v128 = f64x2.splat(0.04166666666653916);
let Q3_F64: v128 = f64x2.splat(0.008333333333383377);
let Q4_F64: v128 = f64x2.splat(0.0013888888940778996);
let Q5_F64: v128 = f64x2.splat(0.00019841269738948462);
let Q6_F64: v128 = f64x2.splat(0.000024801496314474787);
let Q7_F64: v128 = f64x2.splat(0.0000027557384768115486);
let Q8_F64: v128 = f64x2.splat(2.762905417217492e-7);
let Q9_F64: v128 = f64x2.splat(2.5062299949709086e-8);

/** The second factor that Exp.factors found. */
export let second: v128 = i32x4.splat(0);

/**
 * e^x = 2^n (1 + r + r² q(r)) with n = round(x / ln2) and r = x − n ln2, |r| ≤ ln2/2.
 *
 * The factor 2^n is built in the exponent bits and *multiplied* in. Adding n to the exponent of the mantissa's value is one
 * instruction less and turns a NaN with a payload into a finite number; a product stays NaN.
 */
export class Exp {
  /**
   * Every x: subnormal results, 0 and +inf where they are due.
   *
   * 2^n is multiplied in as two halves, so that n = −150 needs no subnormal factor and n = 128 no infinite one: the first
   * product is exact, and the second rounds once. Where 0 is due, the second half is 0: rounding down to 0 is as slow as
   * rounding to a subnormal, and −inf is no rare input.
   *
   * x is nudged by 2^−34 (f64: 2^−187), which is lost on all but tiny x and moves no result. Without it r² is subnormal for
   * |x| < 1e−19, and such x take four times as long; with it exp takes 7 % longer, always.
   *
   * @bound f32 ulp 0.90 measured 0.8903 at 4.506326 on [-inf, inf] exhaustive
   * @bound f64 ulp 0.90 measured 0.8950 at -17.66334351560588 on [-inf, inf] sampled 3e8
   */
  @inline
  static full<T extends number>(x: v128): v128 {
    if (sizeof<T>() == 4) {
      const near = f32x4.add(f32x4.pmax(f32x4.pmin(x, GREATEST_F32), LEAST_F32), NUDGE_F32);
      const shifted = Fma.madd<T>(near, LOG2E_F32, HALF_SHIFTER_F32);
      const p = Exp.reduced<T>(near, f32x4.sub(shifted, HALF_SHIFTER_F32));
      const half = i32x4.shr_u(shifted, 1);
      const first = f32x4.mul(f32x4.add(ONE_F32, p), i32x4.shl(half, 23));
      const second = i32x4.shl(i32x4.sub(shifted, half), 23);
      return f32x4.mul(first, v128.andnot(second, f32x4.lt(x, LEAST_F32)));
    } else {
      const near = f64x2.add(f64x2.pmax(f64x2.pmin(x, GREATEST_F64), LEAST_F64), NUDGE_F64);
      const shifted = Fma.madd<T>(near, LOG2E_F64, HALF_SHIFTER_F64);
      const p = Exp.reduced<T>(near, f64x2.sub(shifted, HALF_SHIFTER_F64));
      const half = i64x2.shr_u(shifted, 1);
      const first = f64x2.mul(f64x2.add(ONE_F64, p), i64x2.shl(half, 52));
      const second = i64x2.shl(i64x2.sub(shifted, half), 52);
      return f64x2.mul(first, v128.andnot(second, f64x2.lt(x, LEAST_F64)));
    }
  }

  /** The same as a call, where its copies would be a kilobyte and the time goes elsewhere. */
  static shared<T extends number>(x: v128): v128 {
    return Exp.full<T>(x);
  }

  /**
   * The same as two factors: the first is returned, the second left in `second`. Both are normal numbers from 2^−252 (f64:
   * 2^−2044) on, so that what e^x is to be multiplied with can come in between, before the product is subnormal. Below that
   * the second is 0.
   */
  @inline
  static factors<T extends number>(x: v128): v128 {
    if (sizeof<T>() == 4) {
      const near = f32x4.add(f32x4.pmax(f32x4.pmin(x, GREATEST_F32), LEAST_FACTORS_F32), NUDGE_F32);
      const shifted = Fma.madd<T>(near, LOG2E_F32, HALF_SHIFTER_F32);
      const p = Exp.reduced<T>(near, f32x4.sub(shifted, HALF_SHIFTER_F32));
      const half = i32x4.shr_u(shifted, 1);
      second = v128.andnot(i32x4.shl(i32x4.sub(shifted, half), 23), f32x4.lt(x, LEAST_FACTORS_F32));
      return f32x4.mul(f32x4.add(ONE_F32, p), i32x4.shl(half, 23));
    } else {
      const near = f64x2.add(f64x2.pmax(f64x2.pmin(x, GREATEST_F64), LEAST_FACTORS_F64), NUDGE_F64);
      const shifted = Fma.madd<T>(near, LOG2E_F64, HALF_SHIFTER_F64);
      const p = Exp.reduced<T>(near, f64x2.sub(shifted, HALF_SHIFTER_F64));
      const half = i64x2.shr_u(shifted, 1);
      second = v128.andnot(i64x2.shl(i64x2.sub(shifted, half), 52), f64x2.lt(x, LEAST_FACTORS_F64));
      return f64x2.mul(f64x2.add(ONE_F64, p), i64x2.shl(half, 52));
    }
  }

  /**
   * For x ≤ 0: +0 below −87.33654 (f64: −708.39642), where the result would be subnormal, since operations on subnormals
   * are up to nine times slower. Right up to 88.3 (f64: 709.4) too; meaningless above.
   *
   * There the factor is 0 and x is replaced, so that no product is subnormal on the way. Tiny x are not nudged as in full():
   * differences of logits are tiny only if the logits are, and both guards would cost 5 %.
   *
   * @bound f32 ulp 0.90 measured 0.8903 at 4.506326 on [-inf, 88.3] exhaustive
   * @bound f64 ulp 0.90 measured 0.8950 at -17.66334351560588 on [-inf, 709.4] sampled 3e8
   */
  @inline
  static flush<T extends number>(x: v128): v128 {
    if (sizeof<T>() == 4) {
      const near = f32x4.pmax(x, LEAST_NORMAL_F32);
      const shifted = Fma.madd<T>(near, LOG2E_F32, SHIFTER_F32);
      const p = Exp.reduced<T>(near, f32x4.sub(shifted, SHIFTER_F32));
      const scale = v128.andnot(i32x4.shl(shifted, 23), f32x4.lt(x, LEAST_NORMAL_F32));
      return f32x4.mul(f32x4.add(ONE_F32, p), scale);
    } else {
      const near = f64x2.pmax(x, LEAST_NORMAL_F64);
      const shifted = Fma.madd<T>(near, LOG2E_F64, SHIFTER_F64);
      const p = Exp.reduced<T>(near, f64x2.sub(shifted, SHIFTER_F64));
      const scale = v128.andnot(i64x2.shl(shifted, 52), f64x2.lt(x, LEAST_NORMAL_F64));
      return f64x2.mul(f64x2.add(ONE_F64, p), scale);
    }
  }

  /**
   * For losses, which promise 4e-6, and for x from the least whose result is a normal number to 88.3 (f64: 709.4) alone: in f32 a
   * shorter series, not compensated. Meaningless outside, and NaN for −inf. e^0 is 1. Its bound is that of coarseFlush.
   */
  @inline
  static coarse<T extends number>(x: v128): v128 {
    if (sizeof<T>() == 4) {
      const shifted = Fma.madd<T>(x, LOG2E_F32, SHIFTER_F32);
      const p = Exp.coarseReduced<T>(x, f32x4.sub(shifted, SHIFTER_F32));
      return f32x4.mul(f32x4.add(ONE_F32, p), i32x4.shl(shifted, 23));
    } else {
      const shifted = Fma.madd<T>(x, LOG2E_F64, SHIFTER_F64);
      const p = Exp.reduced<T>(x, f64x2.sub(shifted, SHIFTER_F64));
      return f64x2.mul(f64x2.add(ONE_F64, p), i64x2.shl(shifted, 52));
    }
  }

  /**
   * The same, bit for bit, for every x ≤ 0: +0 where the result would be subnormal.
   *
   * @bound f32 ulp 2.30 measured 2.2560 at -27.328915 on [-inf, 88.3] exhaustive
   * @bound f64 ulp 0.90 measured 0.8950 at -17.66334351560588 on [-inf, 709.4] sampled 3e8
   */
  @inline
  static coarseFlush<T extends number>(x: v128): v128 {
    if (sizeof<T>() == 4) {
      return v128.andnot(Exp.coarse<T>(f32x4.pmax(x, LEAST_NORMAL_F32)), f32x4.lt(x, LEAST_NORMAL_F32));
    } else {
      return v128.andnot(Exp.coarse<T>(f64x2.pmax(x, LEAST_NORMAL_F64)), f64x2.lt(x, LEAST_NORMAL_F64));
    }
  }

  /**
   * The same for every x: subnormal results, 0 and +inf where they are due, and where coarse has a meaning its bits. 2^n is multiplied in
   * as in full(); tiny x are not nudged.
   *
   * @bound f32 ulp 2.30 measured 2.2560 at -27.328915 on [-inf, inf] exhaustive
   * @bound f64 ulp 0.90 measured 0.8950 at -17.66334351560588 on [-inf, inf] sampled 3e8
   */
  @inline
  static coarseFull<T extends number>(x: v128): v128 {
    if (sizeof<T>() == 4) {
      const near = f32x4.pmax(f32x4.pmin(x, GREATEST_F32), LEAST_F32);
      const shifted = Fma.madd<T>(near, LOG2E_F32, SHIFTER_F32);
      const p = Exp.coarseReduced<T>(near, f32x4.sub(shifted, SHIFTER_F32));
      const twice = i32x4.add(shifted, BIAS_F32);
      const half = i32x4.shr_u(twice, 1);
      const first = f32x4.mul(f32x4.add(ONE_F32, p), i32x4.shl(half, 23));
      const second = i32x4.shl(i32x4.sub(twice, half), 23);
      return f32x4.mul(first, v128.andnot(second, f32x4.lt(x, LEAST_F32)));
    } else {
      const near = f64x2.pmax(f64x2.pmin(x, GREATEST_F64), LEAST_F64);
      const shifted = Fma.madd<T>(near, LOG2E_F64, SHIFTER_F64);
      const p = Exp.reduced<T>(near, f64x2.sub(shifted, SHIFTER_F64));
      const twice = i64x2.add(shifted, BIAS_F64);
      const half = i64x2.shr_u(twice, 1);
      const first = f64x2.mul(f64x2.add(ONE_F64, p), i64x2.shl(half, 52));
      const second = i64x2.shl(i64x2.sub(twice, half), 52);
      return f64x2.mul(first, v128.andnot(second, f64x2.lt(x, LEAST_F64)));
    }
  }

  /** Whether coarse has a meaning for x ≤ 0, as lanes. */
  @inline
  static isNear<T extends number>(x: v128): v128 {
    return v128.ge<T>(x, sizeof<T>() == 4 ? LEAST_NORMAL_F32 : LEAST_NORMAL_F64);
  }

  /** What is lower counts as the least x for which coarse has a meaning. */
  @inline
  static atLeast<T extends number>(x: v128): v128 {
    return v128.pmax<T>(x, sizeof<T>() == 4 ? LEAST_NORMAL_F32 : LEAST_NORMAL_F64);
  }

  /** coarse of any x, NaN from where its meaning ends: what is at most so far from 0 has one. */
  @inline
  static coarseOrNaN<T extends number>(x: v128): v128 {
    const least = sizeof<T>() == 4 ? LEAST_NORMAL_F32 : LEAST_NORMAL_F64;
    return v128.or(Exp.coarse<T>(x), v128.lt<T>(Lanes.minusAbs<T>(x), least));
  }

  /** e^r − 1 for r = x − n·ln2, f32 alone: r is rounded, and the series short. */
  @inline
  static coarseReduced<T extends number>(x: v128, n: v128): v128 {
    const r = f32x4.sub(Fma.nmadd<T>(n, LN2_HIGH_F32, x), f32x4.mul(n, LN2_LOW_F32));
    const r2 = f32x4.mul(r, r);
    const q = f32x4.add(Fma.madd<T>(S1_F32, r, S0_F32), f32x4.mul(Fma.madd<T>(S3_F32, r, S2_F32), r2));
    return Fma.madd<T>(q, r2, r);
  }

  /**
   * e^r − 1 for r = x − n·ln2 = high − low, summed as high − (low − r² q): r itself is rounded, so r + r² q would cost half
   * an ULP more. Powers of r are taken in parallel (Estrin), which shortens the chain that one vector waits for.
   */
  @inline
  static reduced<T extends number>(x: v128, n: v128): v128 {
    if (sizeof<T>() == 4) {
      const high = Fma.nmadd<T>(n, LN2_HIGH_F32, x);
      const low = f32x4.mul(n, LN2_LOW_F32);
      const r = f32x4.sub(high, low);
      const r2 = f32x4.mul(r, r);
      const q2 = Fma.madd<T>(Q4_F32, r2, Fma.madd<T>(Q3_F32, r, Q2_F32));
      const q = f32x4.add(Q0_F32, Fma.madd<T>(q2, r2, f32x4.mul(Q1_F32, r)));
      return f32x4.sub(high, Fma.nmadd<T>(r2, q, low));
    } else {
      const high = Fma.nmadd<T>(n, LN2_HIGH_F64, x);
      const low = f64x2.mul(n, LN2_LOW_F64);
      const r = f64x2.sub(high, low);
      const r2 = f64x2.mul(r, r);
      const r4 = f64x2.mul(r2, r2);
      const q1 = Fma.madd<T>(Fma.madd<T>(Q3_F64, r, Q2_F64), r2, f64x2.mul(Q1_F64, r));
      const q4 = Fma.madd<T>(Fma.madd<T>(Q7_F64, r, Q6_F64), r2, Fma.madd<T>(Q5_F64, r, Q4_F64));
      const q8 = Fma.madd<T>(Fma.madd<T>(Q9_F64, r, Q8_F64), r4, q4);
      const q = f64x2.add(Q0_F64, Fma.madd<T>(q8, r4, q1));
      return f64x2.sub(high, Fma.nmadd<T>(r2, q, low));
    }
  }
}
