// Kullback-Leibler divergence, x a log-probability (PyTorch: nn.functional.kl_div):
//   t (log t − x), 0 where t = 0;   gradient −t;   with respect to the target log t + 1 − x
import { Hessian } from '../loops/hessian';
import { PointOp } from '../loops/pointwise';
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
