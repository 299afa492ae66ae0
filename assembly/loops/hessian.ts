// Diagonals of the second derivative with respect to the first input: what goes into them besides a loss's own formula.

import { Call } from '../call';
import { CALL_HESSIAN_SCALE, CALL_MIN_HESSIAN, FLAG_HESSIAN_ONE, FLAG_HESSIAN_OTHER } from '../generated/abi';
import { Exp } from '../math/exp';
import { Lanes } from '../simd/lanes';

let factor: v128 = i32x4.splat(0);
let least: v128 = i32x4.splat(0);
let isOne: bool = false;
/** Whether the other second derivative is asked for: losses of a difference have the gradient over the difference instead. */
export let isSecant: bool = false;

export class Hessian {
  static begin<T extends number>(call: usize): void {
    factor = Lanes.splat<T>(load<f64>(call, CALL_HESSIAN_SCALE));
    least = Lanes.splat<T>(load<f64>(call, CALL_MIN_HESSIAN));
    isOne = Call.has(call, FLAG_HESSIAN_ONE);
    isSecant = Call.has(call, FLAG_HESSIAN_OTHER);
  }

  /** max(h · hessianScale, minHessian), h or 1; NaN stays NaN. */
  @inline static of<T extends number>(h: v128): v128 {
    return v128.pmax<T>(v128.mul<T>(isOne ? Lanes.one<T>() : h, factor), least);
  }

  /** 0, and NaN where v is. */
  @inline static zero<T extends number>(v: v128): v128 {
    return v128.and(v, v128.ne<T>(v, v));
  }

  /**
   * Σa p (1 − p) of a class with e = e^(x − m), p = e/Z and Z = 1 + rest. Z (1 − p) is Z − e, and rest where e is 1: Z − 1 would
   * have lost it.
   */
  @inline static ofSoftmax<T extends number>(e: v128, total: v128, rest: v128): v128 {
    const z = v128.add<T>(Lanes.one<T>(), rest);
    const others = v128.bitselect(rest, v128.sub<T>(z, e), v128.eq<T>(e, Lanes.one<T>()));
    return v128.mul<T>(v128.mul<T>(total, v128.div<T>(e, z)), v128.div<T>(others, z));
  }

  /** Writes e^(x − m) of the n elements at x to out. */
  static exps<T extends number>(x: usize, out: usize, n: usize, m: v128): void {
    for (; n >= Lanes.count<T>(); n -= Lanes.count<T>()) {
      v128.store(out, Exp.coarseFlush<T>(v128.sub<T>(v128.load(x), m)));
      x += 16;
      out += 16;
    }
    for (; n; n--) {
      Lanes.storeFirst<T>(out, Exp.coarseFlush<T>(v128.sub<T>(Lanes.loadSplat<T>(x), m)));
      x += sizeof<T>();
      out += sizeof<T>();
    }
  }

  /** The second derivatives of a row whose e^(x − m) are at e (which may be where they go). */
  static row<T extends number>(e: usize, hess: usize, n: usize, total: v128, rest: v128, s: v128): void {
    for (; n >= Lanes.count<T>(); n -= Lanes.count<T>()) {
      const h = Hessian.ofSoftmax<T>(v128.load(e), total, rest);
      v128.store(hess, v128.mul<T>(Hessian.of<T>(h), s));
      e += 16;
      hess += 16;
    }
    for (; n; n--) {
      const h = Hessian.ofSoftmax<T>(Lanes.loadSplat<T>(e), total, rest);
      Lanes.storeFirst<T>(hess, v128.mul<T>(Hessian.of<T>(h), s));
      e += sizeof<T>();
      hess += sizeof<T>();
    }
  }
}
