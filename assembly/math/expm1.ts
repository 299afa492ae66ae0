import { Exp } from './exp';

let LOG2E_32: v128 = f32x4.splat(1.442695);
let SHIFTER_32: v128 = f32x4.splat(12583039);
let ONE_32: v128 = f32x4.splat(1);
let TWO_32: v128 = f32x4.splat(2);
let LEAST_32: v128 = f32x4.splat(-20);
let GREATEST_32: v128 = f32x4.splat(89);
let TOP_32: v128 = f32x4.splat(88);
let HALF_32: v128 = f32x4.splat(0.5);

let LOG2E_64: v128 = f64x2.splat(1.4426950408889634);
let SHIFTER_64: v128 = f64x2.splat(6755399441056767);
let ONE_64: v128 = f64x2.splat(1);
let TWO_64: v128 = f64x2.splat(2);
let LEAST_64: v128 = f64x2.splat(-40);
let GREATEST_64: v128 = f64x2.splat(710);
let TOP_64: v128 = f64x2.splat(709);
let HALF_64: v128 = f64x2.splat(0.5);

/**
 * e^x - 1. `of`: every x, -0 gives +0. `nonpositive`: x <= 0 or NaN, cheaper (right up to 88 too).
 */
export class Expm1 {
  @inline
  static of<T>(x: v128): v128 {
    if (sizeof<T>() === 4) {
      const inside = f32x4.pmax(f32x4.pmin(x, GREATEST_32), LEAST_32);
      const shifted = f32x4.add(f32x4.mul(inside, LOG2E_32), SHIFTER_32);
      const p = Exp.reduced<T>(inside, f32x4.sub(shifted, SHIFTER_32));
      const top = f32x4.gt(x, TOP_32);
      const scale = i32x4.shl(i32x4.add(shifted, top), 23);
      const y = f32x4.add(f32x4.sub(scale, v128.bitselect(HALF_32, ONE_32, top)), f32x4.mul(scale, p));
      return f32x4.mul(y, v128.bitselect(TWO_32, ONE_32, top));
    } else {
      const inside = f64x2.pmax(f64x2.pmin(x, GREATEST_64), LEAST_64);
      const shifted = f64x2.add(f64x2.mul(inside, LOG2E_64), SHIFTER_64);
      const p = Exp.reduced<T>(inside, f64x2.sub(shifted, SHIFTER_64));
      const top = f64x2.gt(x, TOP_64);
      const scale = i64x2.shl(i64x2.add(shifted, top), 52);
      const y = f64x2.add(f64x2.sub(scale, v128.bitselect(HALF_64, ONE_64, top)), f64x2.mul(scale, p));
      return f64x2.mul(y, v128.bitselect(TWO_64, ONE_64, top));
    }
  }

  /** x <= 0. */
  @inline
  static nonpositive<T>(x: v128): v128 {
    if (sizeof<T>() === 4) {
      const inside = f32x4.pmax(x, LEAST_32);
      const shifted = f32x4.add(f32x4.mul(inside, LOG2E_32), SHIFTER_32);
      const p = Exp.reduced<T>(inside, f32x4.sub(shifted, SHIFTER_32));
      const scale = i32x4.shl(shifted, 23);
      return f32x4.add(f32x4.sub(scale, ONE_32), f32x4.mul(scale, p));
    } else {
      const inside = f64x2.pmax(x, LEAST_64);
      const shifted = f64x2.add(f64x2.mul(inside, LOG2E_64), SHIFTER_64);
      const p = Exp.reduced<T>(inside, f64x2.sub(shifted, SHIFTER_64));
      const scale = i64x2.shl(shifted, 52);
      return f64x2.add(f64x2.sub(scale, ONE_64), f64x2.mul(scale, p));
    }
  }
}
