// biome-ignore-all lint/style/useConst: a const would become a v128.const in the loop, which V8 builds anew at every use
// biome-ignore-all lint/complexity/noStaticOnlyClass: @inline is legal on methods only
import { Log } from './log';

let ONE_F32: v128 = f32x4.splat(1);
let HALF_F32: v128 = f32x4.splat(0.5);
let LOG_2_PI_F32: v128 = f32x4.splat(1.837877);
let ONE_F64: v128 = f64x2.splat(1);
let HALF_F64: v128 = f64x2.splat(0.5);
let LOG_2_PI_F64: v128 = f64x2.splat(1.8378770664093453);

/** Stirling's approximation of log t!: t log t − t + ½ log 2πt where t > 1, else 0. */
export class Stirling {
  @inline static of<T extends number>(t: v128): v128 {
    const log = Log.of<T>(t);
    if (sizeof<T>() == 4) {
      const half = f32x4.mul(f32x4.add(log, LOG_2_PI_F32), HALF_F32);
      const sum = f32x4.add(f32x4.mul(t, f32x4.sub(log, ONE_F32)), half);
      return v128.and(sum, f32x4.gt(t, ONE_F32));
    } else {
      const half = f64x2.mul(f64x2.add(log, LOG_2_PI_F64), HALF_F64);
      const sum = f64x2.add(f64x2.mul(t, f64x2.sub(log, ONE_F64)), half);
      return v128.and(sum, f64x2.gt(t, ONE_F64));
    }
  }

  /** Its derivative: log t + 1/(2t) where t > 1, else 0. */
  @inline static slope<T extends number>(t: v128): v128 {
    const log = Log.of<T>(t);
    if (sizeof<T>() == 4) {
      return v128.and(f32x4.add(log, f32x4.div(HALF_F32, t)), f32x4.gt(t, ONE_F32));
    } else {
      return v128.and(f64x2.add(log, f64x2.div(HALF_F64, t)), f64x2.gt(t, ONE_F64));
    }
  }
}
