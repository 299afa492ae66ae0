import { Expm1 } from './expm1';

let SIGN_32: v128 = f32x4.splat(-0.0);
let TWO_32: v128 = f32x4.splat(2);
let SIGN_64: v128 = f64x2.splat(-0.0);
let TWO_64: v128 = f64x2.splat(2);

/** The hyperbolic tangent: t / (t + 2) with t = e^(-2|x|) - 1, and the sign of x. */
export class Tanh {
  @inline
  static of<T>(x: v128): v128 {
    if (sizeof<T>() === 4) {
      const e = Expm1.nonpositive<T>(v128.or(f32x4.add(x, x), SIGN_32));
      return v128.bitselect(x, f32x4.div(e, f32x4.add(e, TWO_32)), SIGN_32);
    } else {
      const e = Expm1.nonpositive<T>(v128.or(f64x2.add(x, x), SIGN_64));
      return v128.bitselect(x, f64x2.div(e, f64x2.add(e, TWO_64)), SIGN_64);
    }
  }
}
