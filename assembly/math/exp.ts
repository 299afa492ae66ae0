let LOG2E_32: v128 = f32x4.splat(1.442695);
let SHIFTER_32: v128 = f32x4.splat(12583039);
let HALF_SHIFTER_32: v128 = f32x4.splat(12583166);
export let LN2_HIGH_32: v128 = f32x4.splat(0.69314575);
export let LN2_LOW_32: v128 = f32x4.splat(1.4286068e-6);
let ONE_32: v128 = f32x4.splat(1);
let LEAST_NORMAL_32: v128 = f32x4.splat(-87.33654);
let LEAST_32: v128 = f32x4.splat(-104);
let GREATEST_32: v128 = f32x4.splat(89);

let Q0_32: v128 = f32x4.splat(0.49999994);
let Q1_32: v128 = f32x4.splat(0.16666521);
let Q2_32: v128 = f32x4.splat(0.041668266);
let Q3_32: v128 = f32x4.splat(0.008368677);
let Q4_32: v128 = f32x4.splat(0.0013820734);

let LOG2E_64: v128 = f64x2.splat(1.4426950408889634);
let SHIFTER_64: v128 = f64x2.splat(6755399441056767);
let HALF_SHIFTER_64: v128 = f64x2.splat(6755399441057790);
export let LN2_HIGH_64: v128 = f64x2.splat(0.6931471803691238);
export let LN2_LOW_64: v128 = f64x2.splat(1.9082149292705877e-10);
let ONE_64: v128 = f64x2.splat(1);
let LEAST_NORMAL_64: v128 = f64x2.splat(-708.3964185322641);
let LEAST_64: v128 = f64x2.splat(-746);
let GREATEST_64: v128 = f64x2.splat(710);

let Q0_64: v128 = f64x2.splat(0.5000000000000011);
let Q1_64: v128 = f64x2.splat(0.16666666666666466);
let Q2_64: v128 = f64x2.splat(0.041666666666528816);
let Q3_64: v128 = f64x2.splat(0.008333333333470208);
let Q4_64: v128 = f64x2.splat(0.0013888888943694544);
let Q5_64: v128 = f64x2.splat(0.00019841269546231607);
let Q6_64: v128 = f64x2.splat(0.000024801493177823096);
let Q7_64: v128 = f64x2.splat(0.0000027557558507478938);
let Q8_64: v128 = f64x2.splat(2.7630192207347613e-7);
let Q9_64: v128 = f64x2.splat(2.500720437714821e-8);

/**
 * e^x = 2^n * (1 + r + r^2 q(r)) with n = round(x / ln2) and r = x - n*ln2.
 * `full`: the whole range, subnormal results included. `flush`: +0 below -87.33654 (f64: -708.39642), never a subnormal;
 * right up to 88.37 (f64: 709.43), beyond that and at +inf the result is meaningless.
 */
export class Exp {
  @inline
  static full<T>(x: v128): v128 {
    if (sizeof<T>() === 4) {
      const inside = f32x4.pmax(f32x4.pmin(x, GREATEST_32), LEAST_32);
      const shifted = f32x4.add(f32x4.mul(inside, LOG2E_32), HALF_SHIFTER_32);
      const n = f32x4.sub(shifted, HALF_SHIFTER_32);
      const half = i32x4.shr_u(shifted, 1);
      const y = f32x4.add(ONE_32, Exp.reduced<T>(inside, n));
      const first = f32x4.mul(y, i32x4.shl(half, 23));
      return f32x4.mul(first, i32x4.shl(i32x4.sub(shifted, half), 23));
    } else {
      const inside = f64x2.pmax(f64x2.pmin(x, GREATEST_64), LEAST_64);
      const shifted = f64x2.add(f64x2.mul(inside, LOG2E_64), HALF_SHIFTER_64);
      const n = f64x2.sub(shifted, HALF_SHIFTER_64);
      const half = i64x2.shr_u(shifted, 1);
      const y = f64x2.add(ONE_64, Exp.reduced<T>(inside, n));
      const first = f64x2.mul(y, i64x2.shl(half, 52));
      return f64x2.mul(first, i64x2.shl(i64x2.sub(shifted, half), 52));
    }
  }

  @inline
  static flush<T>(x: v128): v128 {
    if (sizeof<T>() === 4) {
      const shifted = f32x4.add(f32x4.mul(x, LOG2E_32), SHIFTER_32);
      const n = f32x4.sub(shifted, SHIFTER_32);
      const y = f32x4.mul(f32x4.add(ONE_32, Exp.reduced<T>(x, n)), i32x4.shl(shifted, 23));
      return v128.andnot(y, f32x4.lt(x, LEAST_NORMAL_32));
    } else {
      const shifted = f64x2.add(f64x2.mul(x, LOG2E_64), SHIFTER_64);
      const n = f64x2.sub(shifted, SHIFTER_64);
      const y = f64x2.mul(f64x2.add(ONE_64, Exp.reduced<T>(x, n)), i64x2.shl(shifted, 52));
      return v128.andnot(y, f64x2.lt(x, LEAST_NORMAL_64));
    }
  }

  /** e^r - 1 for r = x - n*ln2. */
  @inline
  static reduced<T>(x: v128, n: v128): v128 {
    if (sizeof<T>() === 4) {
      const high = f32x4.sub(x, f32x4.mul(n, LN2_HIGH_32));
      const low = f32x4.mul(n, LN2_LOW_32);
      const r = f32x4.sub(high, low);
      let q = f32x4.add(f32x4.mul(Q4_32, r), Q3_32);
      q = f32x4.add(f32x4.mul(q, r), Q2_32);
      q = f32x4.add(f32x4.mul(q, r), Q1_32);
      q = f32x4.add(f32x4.mul(q, r), Q0_32);
      return f32x4.sub(high, f32x4.sub(low, f32x4.mul(f32x4.mul(r, r), q)));
    } else {
      const high = f64x2.sub(x, f64x2.mul(n, LN2_HIGH_64));
      const low = f64x2.mul(n, LN2_LOW_64);
      const r = f64x2.sub(high, low);
      let q = f64x2.add(f64x2.mul(Q9_64, r), Q8_64);
      q = f64x2.add(f64x2.mul(q, r), Q7_64);
      q = f64x2.add(f64x2.mul(q, r), Q6_64);
      q = f64x2.add(f64x2.mul(q, r), Q5_64);
      q = f64x2.add(f64x2.mul(q, r), Q4_64);
      q = f64x2.add(f64x2.mul(q, r), Q3_64);
      q = f64x2.add(f64x2.mul(q, r), Q2_64);
      q = f64x2.add(f64x2.mul(q, r), Q1_64);
      q = f64x2.add(f64x2.mul(q, r), Q0_64);
      return f64x2.sub(high, f64x2.sub(low, f64x2.mul(f64x2.mul(r, r), q)));
    }
  }
}
