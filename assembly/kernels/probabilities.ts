// Cross entropy of probabilities x, −Σ a log p (crossEntropy with fromLogits: false; Keras categorical_crossentropy):
//   'clip'   p = x clipped to [eps, 1 − eps]; gradient 0 where it was clipped; P4 = eps
//   'add'    log(x + eps); P3 = eps
// Without eps P4 is −inf and nothing is added: p = 0 at the target costs +inf.
//
// 1 − eps is no number of the dtype, and a rounded x + eps loses the logarithm near 1. So the logarithm is that of a sum and of
// what the sum was rounded by, 1 − eps such a sum; 1 − x is exact where it can be below eps.

import { ClassOp } from '../loops/classes';
import { Log } from '../math/log';
import { hasEps, P3, P4 } from '../params';
import { Lanes } from '../simd/lanes';

export class Probabilities<T extends number> extends ClassOp<T> {
  @inline cost(x: v128): v128 {
    let p = x;
    let low = Lanes.zero();
    if (hasEps) {
      const one = Lanes.one<T>();
      const isTop = v128.lt<T>(v128.sub<T>(one, x), P4);
      const a = v128.bitselect(one, v128.pmax<T>(x, P4), isTop);
      const b = v128.bitselect(Lanes.neg<T>(P4), P3, isTop);
      p = v128.add<T>(a, b);
      // what that was rounded by, near 1 exactly
      low = v128.sub<T>(b, v128.sub<T>(p, a));
    }
    return Lanes.neg<T>(Log.sum<T>(p, low));
  }

  /** −p; infinite where x was clipped, so that what is divided by it is 0, and NaN where it is NaN. */
  @inline static divisor<T extends number>(x: v128): v128 {
    const isClipped = v128.lt<T>(v128.pmin<T>(x, v128.sub<T>(Lanes.one<T>(), x)), P4);
    return v128.bitselect(Lanes.infinity<T>(), Lanes.neg<T>(v128.add<T>(x, P3)), isClipped);
  }

  @inline curve(x: v128, a: v128): v128 {
    return v128.div<T>(this.slope(x, a), Probabilities.divisor<T>(x));
  }

  @inline slope(x: v128, a: v128): v128 {
    return v128.div<T>(a, Probabilities.divisor<T>(x));
  }
}
