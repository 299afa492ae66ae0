import { Exp } from './exp';

let SIGN_32: v128 = f32x4.splat(-0.0);
let ONE_32: v128 = f32x4.splat(1);
let ZERO: v128 = i32x4.splat(0);
let SIGN_64: v128 = f64x2.splat(-0.0);
let ONE_64: v128 = f64x2.splat(1);

/** 1 / (1 + e^-x), full relative accuracy in the left tail down to -87.33654 (f64: -708.39642), +0 below. */
export class Sigmoid {
  @inline
  static of<T>(x: v128): v128 {
    if (sizeof<T>() === 4) {
      const e = Exp.flush<T>(v128.or(x, SIGN_32));
      return f32x4.div(v128.bitselect(e, ONE_32, f32x4.lt(x, ZERO)), f32x4.add(ONE_32, e));
    } else {
      const e = Exp.flush<T>(v128.or(x, SIGN_64));
      return f64x2.div(v128.bitselect(e, ONE_64, f64x2.lt(x, ZERO)), f64x2.add(ONE_64, e));
    }
  }
}
