// biome-ignore-all lint/style/useConst: a const would become a v128.const in the loop, which V8 builds anew at every use
// biome-ignore-all lint/complexity/noStaticOnlyClass: @inline is legal on methods only
import { Log } from './log';

let HALF_F32: v128 = f32x4.splat(0.5);
let MINUS_QUARTER_F32: v128 = f32x4.splat(-0.25);
let HALF_F64: v128 = f64x2.splat(0.5);
let MINUS_QUARTER_F64: v128 = f64x2.splat(-0.25);
let TWO_F64: v128 = f64x2.splat(2);

/**
 * u − log(1 + u), which is never below 0 and what deviances are made of. Near 0 it is of second order, and a difference would have no
 * digit of it; there it is the logarithm's own series without its first term.
 */
export class Excess {
  /** Given log(1 + u), which is not looked at for −¼ ≤ u ≤ ½. */
  @inline
  static of<T extends number>(u: v128, log: v128): v128 {
    return v128.bitselect(Excess.near<T>(u), v128.sub<T>(u, log), Excess.isNear<T>(u));
  }

  @inline
  static isNear<T extends number>(u: v128): v128 {
    if (sizeof<T>() == 4) return v128.and(f32x4.ge(u, MINUS_QUARTER_F32), f32x4.le(u, HALF_F32));
    return v128.and(f64x2.ge(u, MINUS_QUARTER_F64), f64x2.le(u, HALF_F64));
  }

  /** For −¼ ≤ u ≤ ½ alone. */
  @inline
  static near<T extends number>(u: v128): v128 {
    if (sizeof<T>() == 4) {
      const u2 = f32x4.mul(u, u);
      return f32x4.sub(f32x4.mul(u2, HALF_F32), f32x4.mul(f32x4.mul(u2, u), Log.cubic<T>(u, u2)));
    } else {
      const s = f64x2.div(u, f64x2.add(u, TWO_F64));
      const z = f64x2.mul(s, s);
      const half = f64x2.mul(f64x2.mul(u, u), HALF_F64);
      return f64x2.sub(half, f64x2.mul(s, f64x2.add(half, f64x2.mul(z, Log.quadratic<T>(z)))));
    }
  }
}
