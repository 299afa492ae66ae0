// Squared hinge loss, with y, P0 and P1 as in hinge.ts:
//   m², m = max(0, P0 − y x),   gradient −2 y m, with respect to t −2 P1 x m

import { isSecant } from '../loops/hessian';
import { Margin } from '../loops/margin';
import { SummedOp } from '../loops/pointwise';
import { P1 } from '../params';
import { Lanes } from '../simd/lanes';

export class SquaredHinge<T extends number> extends SummedOp<T> {
  @inline begin(): void {
    Margin.pad<T>();
  }

  @inline aux(x: v128, t: v128): v128 {
    return Margin.missing<T>(x, t);
  }

  /** 2 v m; no −0 where nothing is missing */
  @inline static twice<T extends number>(v: v128, m: v128): v128 {
    return v128.add<T>(v128.mul<T>(v128.add<T>(v, v), m), Lanes.zero());
  }

  @inline value(x: v128, t: v128, q: v128, m: v128): v128 {
    return v128.mul<T>(m, m);
  }

  @inline grad(x: v128, t: v128, q: v128, m: v128): v128 {
    return SquaredHinge.twice<T>(Margin.opposite<T>(t), m);
  }

  @inline gradTarget(x: v128, t: v128, q: v128, m: v128): v128 {
    return SquaredHinge.twice<T>(Lanes.neg<T>(v128.mul<T>(P1, x)), m);
  }

  /** 2 y² */
  @inline hess(x: v128, t: v128, q: v128, m: v128): v128 {
    const y = Margin.opposite<T>(t);
    const one = isSecant ? Lanes.one<T>() : v128.mul<T>(v128.add<T>(y, y), y);
    return Margin.where<T>(m, one);
  }
}
