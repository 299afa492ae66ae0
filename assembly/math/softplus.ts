import { Exp } from './exp';
import { Log1p } from './log1p';

let SIGN_32: v128 = f32x4.splat(-0.0);
let ZERO: v128 = i32x4.splat(0);
let SIGN_64: v128 = f64x2.splat(-0.0);

/** log(1 + e^x), full relative accuracy in the left tail down to -87.33654 (f64: -708.39642), +0 below. */
export class Softplus {
  @inline
  static of<T>(x: v128): v128 {
    if (sizeof<T>() === 4) {
      return f32x4.add(f32x4.pmax(ZERO, x), Log1p.unit<T>(Exp.flush<T>(v128.or(x, SIGN_32))));
    } else {
      return f64x2.add(f64x2.pmax(ZERO, x), Log1p.unit<T>(Exp.flush<T>(v128.or(x, SIGN_64))));
    }
  }
}
