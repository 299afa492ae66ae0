// Poisson negative log likelihood of a count t (PyTorch: nn.functional.poisson_nll_loss), x the logarithm of the rate:
//   e^x − t x;   gradient e^x − t, with respect to the target −x
// and, where P2 is not 0, Stirling's approximation of log t!. t = 0 makes the product 0 whatever x, and an infinite e^x is all that
// counts.
import { isSecant } from '../loops/hessian';
import { FiniteOp, PointOp } from '../loops/pointwise';
import { Exp } from '../math/exp';
import { Stirling } from '../math/stirling';
import { hasEps as isFull } from '../params';
import { Lanes } from '../simd/lanes';

export class PoissonNll<T extends number> extends PointOp<T> {
  /** e^x */
  @inline aux(x: v128, t: v128): v128 {
    return Exp.coarseFull<T>(x);
  }

  @inline value(x: v128, t: v128, q: v128, rate: v128): v128 {
    const isAlone = v128.or(v128.eq<T>(t, Lanes.zero()), v128.eq<T>(rate, Lanes.infinity<T>()));
    const loss = v128.sub<T>(rate, v128.andnot(v128.mul<T>(t, x), isAlone));
    const all = isFull ? v128.add<T>(loss, Stirling.of<T>(t)) : loss;
    return v128.or(all, v128.ne<T>(t, t));
  }

  @inline grad(x: v128, t: v128, q: v128, rate: v128): v128 {
    return v128.sub<T>(rate, t);
  }

  @inline gradTarget(x: v128, t: v128, q: v128, rate: v128): v128 {
    const g = Lanes.neg<T>(x);
    return v128.or(isFull ? v128.add<T>(g, Stirling.slope<T>(t)) : g, v128.ne<T>(t, t));
  }

  /** e^x, or (e^x + t)/2 */
  @inline hess(x: v128, t: v128, q: v128, rate: v128): v128 {
    const half = Lanes.half<T>();
    const h = isSecant ? v128.add<T>(v128.mul<T>(rate, half), v128.mul<T>(t, half)) : rate;
    return v128.or(h, v128.ne<T>(t, t));
  }
}

/** Without Stirling's approximation, and |x| below 87.3 (f64: 708): there e^x is a normal number. */
export class PoissonNllFinite<T extends number> extends FiniteOp<T> {
  @inline aux(x: v128, t: v128): v128 {
    return Exp.coarseOrNaN<T>(x);
  }

  @inline value(x: v128, t: v128, q: v128, rate: v128): v128 {
    return v128.sub<T>(rate, v128.mul<T>(t, x));
  }

  @inline grad(x: v128, t: v128, q: v128, rate: v128): v128 {
    return v128.sub<T>(rate, t);
  }
}
