// Pseudo-Huber (Charbonnier), with d = x − t, δ = P0, 1/δ = P1 and r = √(1 + (d/δ)²):
//   δ² (r − 1) = |d| (|d| / (1 + r)),   gradient d/r
// Where (d/δ)² overflows r is |d|/δ to the last digit: there δ (|d| − δ) and ±δ.

import { isSecant } from '../loops/hessian';
import { FiniteOp, SummedOp } from '../loops/pointwise';
import { P0, P1 } from '../params';
import { Lanes } from '../simd/lanes';

let FAR_F32: v128 = f32x4.splat(9.223372036854776e18); // 2⁶³
let FAR_F64: v128 = f64x2.splat(6.703903964971299e153); // 2⁵¹¹

export class PseudoHuber<T extends number> extends SummedOp<T> {
  @inline begin(): void {}

  @inline aux(x: v128, t: v128): v128 {
    return v128.sub<T>(x, t);
  }

  /** |d|/δ */
  @inline static ratio<T extends number>(d: v128): v128 {
    return v128.mul<T>(Lanes.abs<T>(d), P1);
  }

  @inline static root<T extends number>(ratio: v128): v128 {
    return v128.sqrt<T>(v128.add<T>(v128.mul<T>(ratio, ratio), Lanes.one<T>()));
  }

  /** The value where d is not far. */
  @inline static near<T extends number>(d: v128, root: v128): v128 {
    const distance = Lanes.abs<T>(d);
    return v128.mul<T>(distance, v128.div<T>(distance, v128.add<T>(root, Lanes.one<T>())));
  }

  @inline static isFar<T extends number>(d: v128): v128 {
    return v128.gt<T>(PseudoHuber.ratio<T>(d), sizeof<T>() == 4 ? FAR_F32 : FAR_F64);
  }

  @inline value(x: v128, t: v128, q: v128, d: v128): v128 {
    const near = PseudoHuber.near<T>(d, PseudoHuber.root<T>(PseudoHuber.ratio<T>(d)));
    const far = v128.mul<T>(P0, v128.sub<T>(Lanes.abs<T>(d), P0));
    return v128.bitselect(far, near, PseudoHuber.isFar<T>(d));
  }

  @inline grad(x: v128, t: v128, q: v128, d: v128): v128 {
    const near = changetype<PseudoHuberFinite<T>>(0).grad(x, t, q, d);
    const far = v128.or(P0, v128.and(d, Lanes.sign<T>()));
    return v128.bitselect(far, near, PseudoHuber.isFar<T>(d));
  }

  /** 1/r³, or 1/r */
  @inline hess(x: v128, t: v128, q: v128, d: v128): v128 {
    // 1/δ may be more than there is
    const ratio = v128.div<T>(Lanes.abs<T>(d), P0);
    const root = v128.bitselect(ratio, PseudoHuber.root<T>(ratio), PseudoHuber.isFar<T>(d));
    const inverse = v128.div<T>(Lanes.one<T>(), root);
    return isSecant ? inverse : v128.mul<T>(v128.mul<T>(inverse, inverse), inverse);
  }

  @inline gradTarget(x: v128, t: v128, q: v128, d: v128): v128 {
    return Lanes.neg<T>(this.grad(x, t, q, d));
  }
}

/** Without what is far, where the square overflows: that is NaN here. */
export class PseudoHuberFinite<T extends number> extends FiniteOp<T> {
  @inline aux(x: v128, t: v128): v128 {
    return v128.sub<T>(x, t);
  }

  @inline value(x: v128, t: v128, q: v128, d: v128): v128 {
    const root = PseudoHuber.root<T>(PseudoHuber.ratio<T>(d));
    return v128.add<T>(PseudoHuber.near<T>(d, root), v128.sub<T>(root, root));
  }

  @inline grad(x: v128, t: v128, q: v128, d: v128): v128 {
    return v128.div<T>(d, PseudoHuber.root<T>(PseudoHuber.ratio<T>(d)));
  }
}
