// Hinge embedding of a distance x and a label t of ±1, margin P0 (PyTorch: nn.functional.hinge_embedding_loss):
//   x where t is 1, max(0, P0 − x) where it is −1, and the sum of both for any other t
// The slope inside counts at x = P0. What is piecewise constant in t has no slope there.
import { Hessian } from '../loops/hessian';
import { PointOp } from '../loops/pointwise';
import { P0 } from '../params';
import { Lanes } from '../simd/lanes';

export class HingeEmbedding<T extends number> extends PointOp<T> {
  /** 0 where x and t are numbers, else NaN */
  @inline aux(x: v128, t: v128): v128 {
    return v128.or(v128.ne<T>(x, x), v128.ne<T>(t, t));
  }

  @inline static isFar<T extends number>(t: v128): v128 {
    return v128.eq<T>(t, Lanes.neg<T>(Lanes.one<T>()));
  }

  @inline static isNear<T extends number>(t: v128): v128 {
    return v128.eq<T>(t, Lanes.one<T>());
  }

  @inline value(x: v128, t: v128, q: v128, none: v128): v128 {
    const missing = v128.pmax<T>(v128.sub<T>(P0, x), Lanes.zero());
    const near = v128.andnot(x, HingeEmbedding.isFar<T>(t));
    return v128.or(v128.add<T>(near, v128.andnot(missing, HingeEmbedding.isNear<T>(t))), none);
  }

  @inline grad(x: v128, t: v128, q: v128, none: v128): v128 {
    const one = Lanes.one<T>();
    const isInside = v128.andnot(v128.le<T>(x, P0), HingeEmbedding.isNear<T>(t));
    const near = v128.andnot(one, HingeEmbedding.isFar<T>(t));
    return v128.or(v128.sub<T>(near, v128.and(one, isInside)), none);
  }

  @inline gradTarget(x: v128, t: v128, q: v128, none: v128): v128 {
    return Hessian.zero<T>(none);
  }

  @inline hess(x: v128, t: v128, q: v128, none: v128): v128 {
    return Hessian.zero<T>(none);
  }
}
