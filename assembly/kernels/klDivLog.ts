// Kullback-Leibler divergence with a target t that is a log-probability too (klDiv with logTarget):
//   e^t (t − x), 0 where e^t < 2^−252 (f64: 2^−2044);   gradient −e^t;   with respect to the target e^t (t − x + 1)
//
// e^t comes as two factors, and t − x is multiplied in between: a subnormal e^t has few digits, and x may be anything.
import { Hessian } from '../loops/hessian';
import { PointOp } from '../loops/pointwise';
import { Exp, second } from '../math/exp';
import { Lanes } from '../simd/lanes';

export class KlDivLog<T extends number> extends PointOp<T> {
  @inline aux(x: v128, t: v128): v128 {
    return Exp.factors<T>(t);
  }

  @inline value(x: v128, t: v128, q: v128, p: v128): v128 {
    return KlDivLog.times<T>(p, x, v128.sub<T>(t, x));
  }

  @inline grad(x: v128, t: v128, q: v128, p: v128): v128 {
    return v128.sub<T>(Lanes.zero(), v128.mul<T>(p, second));
  }

  @inline hess(x: v128, t: v128, q: v128, aux: v128): v128 {
    return Hessian.zero<T>(v128.add<T>(x, t));
  }

  @inline gradTarget(x: v128, t: v128, q: v128, p: v128): v128 {
    return KlDivLog.times<T>(p, x, v128.add<T>(v128.sub<T>(t, x), Lanes.one<T>()));
  }

  /** e^t y; NaN where x or t is. */
  @inline static times<T extends number>(p: v128, x: v128, y: v128): v128 {
    const product = v128.mul<T>(v128.mul<T>(p, y), second);
    const either = v128.add<T>(p, x);
    return v128.or(v128.andnot(product, v128.eq<T>(second, Lanes.zero())), v128.ne<T>(either, either));
  }
}
