// Binary cross entropy of a logit x, target z in [0, 1] and positive weight q
// (PyTorch: nn.functional.binary_cross_entropy_with_logits):
//   q z softplus(−x) + (1 − z) softplus(x)
// with softplus(±x) = max(±x, 0) + log1p(e^−|x|): exact for z = 0 and z = 1, finite at ±3e38, and relatively
// accurate in both tails, where the textbook max(x, 0) − x z + log1p(e^−|x|) cancels.
// A term whose coefficient is 0 contributes 0 even at an infinite logit (the limit; PyTorch: NaN).
import { SoftplusOp } from '../loops/softplus';
import { Exp } from '../math/exp';
import { Log1pTail } from '../math/log1pTail';
import { Lanes } from '../simd/lanes';

export class BceWithLogits<T extends number> extends SoftplusOp<T> {
  /** e^−|x| */
  @inline aux(x: v128, z: v128): v128 {
    return Exp.flush<T>(v128.neg<T>(v128.abs<T>(x)));
  }

  @inline value(x: v128, z: v128, q: v128, e: v128): v128 {
    const positive = v128.mul<T>(q, z);
    const both = v128.add<T>(positive, v128.sub<T>(Lanes.one<T>(), z));
    return v128.add<T>(BceWithLogits.line<T>(x, z, positive), v128.mul<T>(both, Log1pTail.unit<T>(e)));
  }

  /** The value is this plus log(1 + e), without a posWeight. */
  @inline linear(x: v128, z: v128): v128 {
    return BceWithLogits.line<T>(x, z, z);
  }

  /** p max(−x, 0) + (1 − z) max(x, 0): one of the two terms, and 0 where its coefficient is. */
  @inline static line<T extends number>(x: v128, z: v128, p: v128): v128 {
    const above = v128.ge<T>(x, Lanes.zero());
    const c = v128.bitselect(v128.sub<T>(Lanes.one<T>(), z), p, above);
    return v128.andnot(v128.mul<T>(c, v128.abs<T>(x)), v128.eq<T>(c, Lanes.zero()));
  }

  /** (1 − z) sigmoid(x) − q z sigmoid(−x); the smaller of the two sigmoids is e/(1 + e), the larger 1/(1 + e). */
  @inline grad(x: v128, z: v128, q: v128, e: v128): v128 {
    const above = v128.ge<T>(x, Lanes.zero());
    const negative = v128.sub<T>(Lanes.one<T>(), z);
    const positive = v128.mul<T>(q, z);
    const up = v128.bitselect(negative, v128.mul<T>(negative, e), above);
    const down = v128.bitselect(v128.mul<T>(positive, e), positive, above);
    return v128.div<T>(v128.sub<T>(up, down), v128.add<T>(Lanes.one<T>(), e));
  }

  /** q softplus(−x) − softplus(x) */
  @inline gradTarget(x: v128, z: v128, q: v128, e: v128): v128 {
    const below = v128.pmax<T>(Lanes.zero(), v128.neg<T>(x));
    const above = v128.pmax<T>(Lanes.zero(), x);
    const linear = v128.sub<T>(v128.mul<T>(q, below), above);
    return v128.add<T>(linear, v128.mul<T>(v128.sub<T>(q, Lanes.one<T>()), Log1pTail.unit<T>(e)));
  }
}
