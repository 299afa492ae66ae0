// Gaussian negative log likelihood of a mean x, an observation t and a variance u (PyTorch: nn.functional.gaussian_nll_loss),
// with v = max(u, ε), d = x − t, ε = P0 and P1 the constant of `full`, or 0:
//   ½ (log v + d²/v) + P1
// Gradient d/v, with respect to the variance (1 − d²/v)/(2v), which takes no notice of the maximum. d²/v is d (d/v): d² may
// overflow where that does not; and where d²/v does, (d/v)²/2 may not, beside which 1/(2v) is nothing.
import { TernaryOp } from '../loops/ternary';
import { Log } from '../math/log';
import { P0, P1 } from '../params';
import { Lanes } from '../simd/lanes';

export class GaussianNll<T extends number> extends TernaryOp<T> {
  /** d/v */
  @inline aux(x: v128, t: v128, u: v128): v128 {
    return v128.div<T>(v128.sub<T>(x, t), GaussianNll.variance<T>(u));
  }

  /** NaN where u is below 0 or NaN. */
  @inline static variance<T extends number>(u: v128): v128 {
    return v128.or(v128.pmax<T>(u, P0), v128.lt<T>(u, Lanes.zero()));
  }

  @inline value(x: v128, t: v128, u: v128, ratio: v128): v128 {
    const half = v128.mul<T>(Log.of<T>(GaussianNll.variance<T>(u)), Lanes.half<T>());
    return v128.add<T>(v128.add<T>(half, GaussianNll.halfSquare<T>(x, t, ratio)), P1);
  }

  /** ½d²/v */
  @inline static halfSquare<T extends number>(x: v128, t: v128, ratio: v128): v128 {
    return v128.mul<T>(v128.mul<T>(v128.sub<T>(x, t), Lanes.half<T>()), ratio);
  }

  @inline grad(x: v128, t: v128, u: v128, ratio: v128): v128 {
    return ratio;
  }

  @inline gradTarget(x: v128, t: v128, u: v128, ratio: v128): v128 {
    return Lanes.neg<T>(ratio);
  }

  @inline gradThird(x: v128, t: v128, u: v128, ratio: v128): v128 {
    const half = Lanes.half<T>();
    const square = GaussianNll.halfSquare<T>(x, t, ratio);
    const near = v128.div<T>(v128.sub<T>(half, square), GaussianNll.variance<T>(u));
    const far = Lanes.neg<T>(v128.mul<T>(v128.mul<T>(ratio, half), ratio));
    return v128.bitselect(far, near, v128.eq<T>(square, Lanes.infinity<T>()));
  }

  /** 1/v */
  @inline hess(x: v128, t: v128, u: v128, ratio: v128): v128 {
    const h = v128.div<T>(Lanes.one<T>(), GaussianNll.variance<T>(u));
    return v128.or(h, v128.ne<T>(ratio, ratio));
  }
}
