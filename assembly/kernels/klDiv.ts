// Kullback-Leibler divergence, x a log-probability (PyTorch: nn.functional.kl_div):
//   t (log t − x), 0 where t = 0;   gradient −t;   with respect to the target log t + 1 − x
import { Hessian } from '../loops/hessian';
import { FiniteOp, PointOp } from '../loops/pointwise';
import { Log } from '../math/log';
import { Lanes } from '../simd/lanes';

export class KlDiv<T extends number> extends PointOp<T> {
  /** The logarithm is not shared: the gradient with respect to x does without it. */
  @inline aux(x: v128, t: v128): v128 {
    return t;
  }

  @inline value(x: v128, t: v128, q: v128, aux: v128): v128 {
    const loss = v128.mul<T>(t, v128.sub<T>(Log.of<T>(t), x));
    return v128.or(v128.andnot(loss, v128.eq<T>(t, Lanes.zero())), v128.ne<T>(x, x));
  }

  @inline grad(x: v128, t: v128, q: v128, aux: v128): v128 {
    return v128.sub<T>(Lanes.zero(), t);
  }

  @inline hess(x: v128, t: v128, q: v128, aux: v128): v128 {
    return Hessian.zero<T>(v128.add<T>(x, t));
  }

  @inline gradTarget(x: v128, t: v128, q: v128, aux: v128): v128 {
    return v128.add<T>(v128.sub<T>(Log.of<T>(t), x), Lanes.one<T>());
  }
}

/** t is 0 or a normal number. */
export class KlDivFinite<T extends number> extends FiniteOp<T> {
  @inline aux(x: v128, t: v128): v128 {
    return t;
  }

  /** NaN where t is subnormal or below 0; where it is 0, what is multiplied with it is a number if x is */
  @inline value(x: v128, t: v128, q: v128, aux: v128): v128 {
    const least = Lanes.leastNormal<T>();
    const loss = v128.mul<T>(t, v128.sub<T>(Log.normal<T>(v128.pmax<T>(t, least)), x));
    return v128.or(loss, v128.andnot(v128.lt<T>(t, least), v128.eq<T>(t, Lanes.zero())));
  }

  @inline grad(x: v128, t: v128, q: v128, aux: v128): v128 {
    return v128.sub<T>(Lanes.zero(), t);
  }
}
