// Pseudo-Huber (Charbonnier), with d = x − t, δ = P0 and r = √(1 + (d/δ)²):
//   δ² (r − 1) = |d| (|d| / (1 + r)),   gradient d/r
// From |d| = 2¹³ δ on (f64: 2²⁷ δ) r is |d|/δ to the last digit, and (d/δ)² may overflow: there δ (|d| − δ) and ±δ.

import { isSecant } from '../loops/hessian';
import { SummedOp } from '../loops/pointwise';
import { P0 } from '../params';
import { Lanes } from '../simd/lanes';

let FAR_F32: v128 = f32x4.splat(8192);
let FAR_F64: v128 = f64x2.splat(134217728);

export class PseudoHuber<T extends number> extends SummedOp<T> {
  @inline pad(): void {}

  @inline aux(x: v128, t: v128): v128 {
    return v128.sub<T>(x, t);
  }

  /** |d|/δ */
  @inline static ratio<T extends number>(d: v128): v128 {
    return v128.div<T>(Lanes.abs<T>(d), P0);
  }

  @inline static root<T extends number>(ratio: v128): v128 {
    return v128.sqrt<T>(v128.add<T>(v128.mul<T>(ratio, ratio), Lanes.one<T>()));
  }

  @inline static isFar<T extends number>(ratio: v128): v128 {
    return v128.gt<T>(ratio, sizeof<T>() == 4 ? FAR_F32 : FAR_F64);
  }

  @inline value(x: v128, t: v128, q: v128, d: v128): v128 {
    const distance = Lanes.abs<T>(d);
    const ratio = PseudoHuber.ratio<T>(d);
    const sum = v128.add<T>(PseudoHuber.root<T>(ratio), Lanes.one<T>());
    const near = v128.mul<T>(distance, v128.div<T>(distance, sum));
    const far = v128.mul<T>(P0, v128.sub<T>(distance, P0));
    return v128.bitselect(far, near, PseudoHuber.isFar<T>(ratio));
  }

  @inline grad(x: v128, t: v128, q: v128, d: v128): v128 {
    const ratio = PseudoHuber.ratio<T>(d);
    const near = v128.div<T>(d, PseudoHuber.root<T>(ratio));
    const far = v128.or(P0, v128.and(d, Lanes.sign<T>()));
    return v128.bitselect(far, near, PseudoHuber.isFar<T>(ratio));
  }

  /** 1/r³, or 1/r */
  @inline hess(x: v128, t: v128, q: v128, d: v128): v128 {
    const ratio = PseudoHuber.ratio<T>(d);
    const root = v128.bitselect(ratio, PseudoHuber.root<T>(ratio), PseudoHuber.isFar<T>(ratio));
    const inverse = v128.div<T>(Lanes.one<T>(), root);
    return isSecant ? inverse : v128.mul<T>(v128.mul<T>(inverse, inverse), inverse);
  }

  @inline gradTarget(x: v128, t: v128, q: v128, d: v128): v128 {
    return Lanes.neg<T>(this.grad(x, t, q, d));
  }
}
