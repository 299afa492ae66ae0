// L1, |x − t| (PyTorch: nn.functional.l1_loss).
import { Hessian, isSecant } from '../loops/hessian';
import { FiniteOp, SummedOp } from '../loops/pointwise';
import { Sign } from '../math/sign';
import { Lanes } from '../simd/lanes';

export class L1<T extends number> extends SummedOp<T> {
  @inline begin(): void {}

  @inline aux(x: v128, t: v128): v128 {
    return v128.sub<T>(x, t);
  }

  @inline value(x: v128, t: v128, q: v128, d: v128): v128 {
    return Lanes.abs<T>(d);
  }

  /** sign(x − t): subgradient 0 at the kink, NaN stays NaN. */
  @inline grad(x: v128, t: v128, q: v128, d: v128): v128 {
    return Sign.of<T>(d);
  }

  @inline hess(x: v128, t: v128, q: v128, d: v128): v128 {
    return isSecant ? v128.div<T>(Lanes.one<T>(), Lanes.abs<T>(d)) : Hessian.zero<T>(d);
  }

  @inline gradTarget(x: v128, t: v128, q: v128, d: v128): v128 {
    return Lanes.neg<T>(Sign.of<T>(d));
  }
}

/** No NaN that the sign would lose. */
export class L1Finite<T extends number> extends FiniteOp<T> {
  @inline aux(x: v128, t: v128): v128 {
    return v128.sub<T>(x, t);
  }

  @inline value(x: v128, t: v128, q: v128, d: v128): v128 {
    return Lanes.abs<T>(d);
  }

  @inline grad(x: v128, t: v128, q: v128, d: v128): v128 {
    return Sign.ofNumber<T>(d);
  }
}
