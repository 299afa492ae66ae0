// Squared hinge loss, with y, P0 and P1 as in hinge.ts:
//   m², m = max(0, P0 − y x),   gradient −2 y m, with respect to t −2 P1 x m

import { isSecant } from '../loops/hessian';
import { Margin } from '../loops/margin';
import { SummedOp } from '../loops/pointwise';
import { P1 } from '../params';
import { Lanes } from '../simd/lanes';

export class SquaredHinge<T extends number> extends SummedOp<T> {
  @inline pad(): void {
    Margin.pad<T>();
  }

  @inline aux(x: v128, t: v128): v128 {
    return Margin.missing<T>(x, t);
  }

  @inline value(x: v128, t: v128, q: v128, z: v128): v128 {
    const m = v128.pmax<T>(z, Lanes.zero());
    return v128.mul<T>(m, m);
  }

  @inline grad(x: v128, t: v128, q: v128, z: v128): v128 {
    const y = Margin.label<T>(t);
    return Margin.where<T>(z, Lanes.neg<T>(v128.mul<T>(v128.add<T>(y, y), z)));
  }

  @inline gradTarget(x: v128, t: v128, q: v128, z: v128): v128 {
    const y = v128.mul<T>(P1, x);
    return Margin.where<T>(z, Lanes.neg<T>(v128.mul<T>(v128.add<T>(y, y), z)));
  }

  /** 2 y² */
  @inline hess(x: v128, t: v128, q: v128, z: v128): v128 {
    const y = Margin.label<T>(t);
    const one = isSecant ? Lanes.one<T>() : v128.mul<T>(v128.add<T>(y, y), y);
    return Margin.where<T>(z, one);
  }
}
