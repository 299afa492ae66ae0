// Hinge embedding of a distance x and a label t of ±1, margin P0 (PyTorch: nn.functional.hinge_embedding_loss):
//   x where t is 1, max(0, P0 − x) where it is −1, and the sum of both for any other t
// The slope inside counts at x = P0. What is piecewise constant in t has no slope there.
import { pad } from '../loops/cursor';
import { Hessian } from '../loops/hessian';
import { FiniteOp, SummedOp } from '../loops/pointwise';
import { P0 } from '../params';
import { Lanes } from '../simd/lanes';

export class HingeEmbedding<T extends number> extends SummedOp<T> {
  /** A distance of 0 to what is near. */
  @inline begin(): void {
    pad<T>(0, 1);
  }

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
    return v128.or(HingeEmbedding.cost<T>(x, t), none);
  }

  @inline static cost<T extends number>(x: v128, t: v128): v128 {
    const missing = v128.pmax<T>(v128.sub<T>(P0, x), Lanes.zero());
    const near = v128.andnot(x, HingeEmbedding.isFar<T>(t));
    return v128.add<T>(near, v128.andnot(missing, HingeEmbedding.isNear<T>(t)));
  }

  @inline grad(x: v128, t: v128, q: v128, none: v128): v128 {
    return v128.or(HingeEmbedding.slope<T>(x, t), none);
  }

  @inline static slope<T extends number>(x: v128, t: v128): v128 {
    const one = Lanes.one<T>();
    const isInside = v128.andnot(v128.le<T>(x, P0), HingeEmbedding.isNear<T>(t));
    const near = v128.andnot(one, HingeEmbedding.isFar<T>(t));
    return v128.sub<T>(near, v128.and(one, isInside));
  }

  @inline gradTarget(x: v128, t: v128, q: v128, none: v128): v128 {
    return Hessian.zero<T>(none);
  }

  @inline hess(x: v128, t: v128, q: v128, none: v128): v128 {
    return Hessian.zero<T>(none);
  }
}

/** A distance that is NaN makes its value one, a label is looked at. */
export class HingeEmbeddingFinite<T extends number> extends FiniteOp<T> {
  @inline aux(x: v128, t: v128): v128 {
    return v128.ne<T>(t, t);
  }

  @inline value(x: v128, t: v128, q: v128, none: v128): v128 {
    return v128.or(HingeEmbedding.cost<T>(x, t), none);
  }

  @inline grad(x: v128, t: v128, q: v128, none: v128): v128 {
    return HingeEmbedding.slope<T>(x, t);
  }
}
