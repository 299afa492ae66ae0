// Smooth L1, with d = x − t and β = P0 > 0 (PyTorch: nn.functional.smooth_l1_loss); it is Huber/β:
//   ½ d²/β      where |d| < β
//   |d| − ½ β   elsewhere
// Both are r (|d| − ½ c) with r = min(|d|/β, 1), c = min(|d|, β). Gradient: d/β clipped to [−1, 1].

import { isSecant } from '../loops/hessian';
import { SummedOp } from '../loops/pointwise';
import { P0 } from '../params';
import { Lanes } from '../simd/lanes';

export class SmoothL1<T extends number> extends SummedOp<T> {
  @inline begin(): void {}

  @inline aux(x: v128, t: v128): v128 {
    return v128.sub<T>(x, t);
  }

  @inline value(x: v128, t: v128, q: v128, d: v128): v128 {
    const distance = Lanes.abs<T>(d);
    const r = v128.pmin<T>(v128.div<T>(distance, P0), Lanes.one<T>());
    const c = v128.pmin<T>(distance, P0);
    return v128.mul<T>(r, v128.sub<T>(distance, v128.mul<T>(c, Lanes.half<T>())));
  }

  /** min(|d|/β, 1) with the sign of d */
  @inline grad(x: v128, t: v128, q: v128, d: v128): v128 {
    const distance = Lanes.abs<T>(d);
    const r = v128.pmin<T>(v128.div<T>(distance, P0), Lanes.one<T>());
    return v128.or(r, v128.xor(d, distance));
  }

  /** [|d| < β]/β, or 1/max(|d|, β) */
  @inline hess(x: v128, t: v128, q: v128, d: v128): v128 {
    const distance = Lanes.abs<T>(d);
    if (isSecant) return v128.div<T>(Lanes.one<T>(), v128.pmax<T>(distance, P0));
    const inside = v128.and(v128.div<T>(Lanes.one<T>(), P0), v128.lt<T>(distance, P0));
    return v128.or(inside, v128.ne<T>(d, d));
  }

  @inline gradTarget(x: v128, t: v128, q: v128, d: v128): v128 {
    return Lanes.neg<T>(this.grad(x, t, q, d));
  }
}
