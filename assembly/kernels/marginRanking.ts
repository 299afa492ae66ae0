// Margin ranking of scores x and t and a label u of ±1 (PyTorch: nn.functional.margin_ranking_loss), margin P0:
//   max(0, z), z = P0 − u (x − t);   gradient −u where z ≥ 0, at the joint itself, too
import { Hessian } from '../loops/hessian';
import { TernaryOp } from '../loops/ternary';
import { P0 } from '../params';
import { Lanes } from '../simd/lanes';

export class MarginRanking<T extends number> extends TernaryOp<T> {
  /** z */
  @inline aux(x: v128, t: v128, u: v128): v128 {
    return v128.sub<T>(P0, v128.mul<T>(u, v128.sub<T>(x, t)));
  }

  @inline value(x: v128, t: v128, u: v128, z: v128): v128 {
    return v128.pmax<T>(z, Lanes.zero());
  }

  @inline grad(x: v128, t: v128, u: v128, z: v128): v128 {
    return MarginRanking.where<T>(z, Lanes.neg<T>(u));
  }

  @inline gradTarget(x: v128, t: v128, u: v128, z: v128): v128 {
    return MarginRanking.where<T>(z, u);
  }

  @inline gradThird(x: v128, t: v128, u: v128, z: v128): v128 {
    return MarginRanking.where<T>(z, v128.sub<T>(t, x));
  }

  @inline hess(x: v128, t: v128, u: v128, z: v128): v128 {
    return Hessian.zero<T>(z);
  }

  /** v where z is at least 0, NaN where it is NaN, else 0. */
  @inline static where<T extends number>(z: v128, v: v128): v128 {
    return v128.or(v128.and(v, v128.ge<T>(z, Lanes.zero())), v128.ne<T>(z, z));
  }
}
