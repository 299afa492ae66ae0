// Poisson negative log likelihood with x the rate itself (poissonNll with logInput: false), ε = P1:
//   x − t log(x + ε);   gradient (x − t + ε)/(x + ε), with respect to the target −log(x + ε)
// and, where P2 is not 0, Stirling's approximation of log t!. NaN where x < −ε. t = 0 makes the product 0, and an infinite x is all
// that counts.
import { PointOp } from '../loops/pointwise';
import { Log } from '../math/log';
import { Stirling } from '../math/stirling';
import { hasEps as isFull, P1 } from '../params';
import { Lanes } from '../simd/lanes';

export class PoissonNllRate<T extends number> extends PointOp<T> {
  /** x + ε */
  @inline aux(x: v128, t: v128): v128 {
    return v128.add<T>(x, P1);
  }

  /** log(x + ε), with what the sum was rounded by: where it is near 1, that counts */
  @inline static log<T extends number>(x: v128, sum: v128): v128 {
    const own = v128.sub<T>(sum, P1);
    const low = v128.add<T>(v128.sub<T>(x, own), v128.sub<T>(P1, v128.sub<T>(sum, own)));
    const log = Log.of<T>(sum);
    const more = v128.div<T>(low, sum);
    // NaN where the sum is 0 or infinite
    return v128.add<T>(log, v128.and(more, v128.eq<T>(more, more)));
  }

  @inline static isInfinite<T extends number>(x: v128): v128 {
    return v128.eq<T>(x, Lanes.infinity<T>());
  }

  @inline value(x: v128, t: v128, q: v128, sum: v128): v128 {
    const isAlone = v128.or(v128.eq<T>(t, Lanes.zero()), PoissonNllRate.isInfinite<T>(x));
    const product = v128.mul<T>(t, PoissonNllRate.log<T>(x, sum));
    const loss = v128.sub<T>(x, v128.andnot(product, isAlone));
    const all = isFull ? v128.add<T>(loss, Stirling.of<T>(t)) : loss;
    return PoissonNllRate.valid<T>(all, t, sum);
  }

  /** 1 where x is infinite */
  @inline grad(x: v128, t: v128, q: v128, sum: v128): v128 {
    const g = v128.div<T>(v128.add<T>(v128.sub<T>(x, t), P1), sum);
    const limit = v128.bitselect(Lanes.one<T>(), g, PoissonNllRate.isInfinite<T>(x));
    return PoissonNllRate.valid<T>(limit, t, sum);
  }

  @inline gradTarget(x: v128, t: v128, q: v128, sum: v128): v128 {
    const g = Lanes.neg<T>(PoissonNllRate.log<T>(x, sum));
    return PoissonNllRate.valid<T>(isFull ? v128.add<T>(g, Stirling.slope<T>(t)) : g, t, sum);
  }

  /** t/(x + ε)² */
  @inline hess(x: v128, t: v128, q: v128, sum: v128): v128 {
    return PoissonNllRate.valid<T>(v128.div<T>(v128.div<T>(t, sum), sum), t, sum);
  }

  /** NaN where t is, or x + ε is below 0 or NaN */
  @inline static valid<T extends number>(v: v128, t: v128, sum: v128): v128 {
    return v128.or(v, v128.or(v128.ne<T>(t, t), v128.not(v128.ge<T>(sum, Lanes.zero()))));
  }
}
