// Absolute percentage error, P1 |x − t| / max(|t|, ε) with ε = P0 (Keras: MeanAbsolutePercentageError).
//   gradient P1 sign(x − t) / max(|t|, ε), with respect to the target −P1 sign(x − t) x / (t |t|), where |t| ≤ ε the gradient's opposite
import { Hessian } from '../loops/hessian';
import { SummedOp } from '../loops/pointwise';
import { Sign } from '../math/sign';
import { P0, P1 } from '../params';
import { Lanes } from '../simd/lanes';

export class Mape<T extends number> extends SummedOp<T> {
  @inline begin(): void {}

  @inline aux(x: v128, t: v128): v128 {
    return v128.sub<T>(x, t);
  }

  /** max(|t|, ε) */
  @inline static unit<T extends number>(t: v128): v128 {
    return v128.pmax<T>(Lanes.abs<T>(t), P0);
  }

  @inline value(x: v128, t: v128, q: v128, d: v128): v128 {
    return v128.mul<T>(v128.div<T>(Lanes.abs<T>(d), Mape.unit<T>(t)), P1);
  }

  @inline grad(x: v128, t: v128, q: v128, d: v128): v128 {
    return Mape.signed<T>(d, v128.div<T>(P1, Mape.unit<T>(t)));
  }

  /** x/t is about 1, and stands first. */
  @inline gradTarget(x: v128, t: v128, q: v128, d: v128): v128 {
    const size = Lanes.abs<T>(t);
    const far = v128.div<T>(v128.mul<T>(v128.div<T>(x, t), P1), size);
    const rate = v128.bitselect(far, v128.div<T>(P1, P0), v128.gt<T>(size, P0));
    return Lanes.neg<T>(Mape.signed<T>(d, rate));
  }

  @inline hess(x: v128, t: v128, q: v128, d: v128): v128 {
    return Hessian.zero<T>(d);
  }

  /** v times the sign of d: 0 where d is, whatever v. */
  @inline static signed<T extends number>(d: v128, v: v128): v128 {
    return v128.andnot(v128.mul<T>(Sign.of<T>(d), v), v128.eq<T>(d, Lanes.zero()));
  }
}
