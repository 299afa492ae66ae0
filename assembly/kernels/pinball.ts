// Pinball (quantile) loss, d = x − t, q the quantile, P0 where it is no array:
//   −q d where d < 0, (1 − q) d elsewhere;   gradient 1 − q, −q, and 0 where d is 0
import { q as quantiles } from '../loops/cursor';
import { Hessian } from '../loops/hessian';
import { FiniteOp, SummedOp } from '../loops/pointwise';
import { P0 } from '../params';
import { Lanes } from '../simd/lanes';

export class Pinball<T extends number> extends SummedOp<T> {
  @inline begin(): void {
    above = v128.sub<T>(Lanes.one<T>(), P0);
    below = Lanes.neg<T>(P0);
  }

  @inline aux(x: v128, t: v128): v128 {
    return v128.sub<T>(x, t);
  }

  /** What a unit of |d| costs. */
  @inline static rate<T extends number>(q: v128, d: v128): v128 {
    const quantile = quantiles ? q : P0;
    return v128.bitselect(quantile, v128.sub<T>(Lanes.one<T>(), quantile), v128.lt<T>(d, Lanes.zero()));
  }

  @inline value(x: v128, t: v128, q: v128, d: v128): v128 {
    return v128.mul<T>(Pinball.rate<T>(q, d), Lanes.abs<T>(d));
  }

  /** With the sign of d; NaN where d is. */
  @inline grad(x: v128, t: v128, q: v128, d: v128): v128 {
    const signed = v128.xor(Pinball.rate<T>(q, d), v128.and(d, Lanes.sign<T>()));
    return v128.or(v128.andnot(signed, v128.eq<T>(d, Lanes.zero())), v128.ne<T>(d, d));
  }

  @inline gradTarget(x: v128, t: v128, q: v128, d: v128): v128 {
    return Lanes.neg<T>(this.grad(x, t, q, d));
  }

  @inline hess(x: v128, t: v128, q: v128, d: v128): v128 {
    return Hessian.zero<T>(d);
  }
}

// What a unit of d costs, above 0 and below, without an array of quantiles.
let above: v128 = i32x4.splat(0);
let below: v128 = i32x4.splat(0);

/** No NaN that the sign would lose. */
export class PinballFinite<T extends number> extends FiniteOp<T> {
  @inline aux(x: v128, t: v128): v128 {
    return v128.sub<T>(x, t);
  }

  @inline value(x: v128, t: v128, q: v128, d: v128): v128 {
    return v128.pmax<T>(v128.mul<T>(above, d), v128.mul<T>(below, d));
  }

  @inline grad(x: v128, t: v128, q: v128, d: v128): v128 {
    const zero = Lanes.zero();
    return v128.or(v128.and(above, v128.gt<T>(d, zero)), v128.and(below, v128.lt<T>(d, zero)));
  }
}
