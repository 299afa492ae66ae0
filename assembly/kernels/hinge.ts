// Hinge loss of a score x and a label y = P1 t − P3 of ±1 (P1 = 1, P3 = 0, or 2 and 1 for labels 0 and 1), margin P0:
//   m = max(0, P0 − y x),   gradient −y where P0 > y x, with respect to t −P1 x there

import { Hessian, isSecant } from '../loops/hessian';
import { Margin } from '../loops/margin';
import { FiniteOp, SummedOp } from '../loops/pointwise';
import { P1 } from '../params';
import { Lanes } from '../simd/lanes';

export class Hinge<T extends number> extends SummedOp<T> {
  @inline begin(): void {
    Margin.pad<T>();
  }

  @inline aux(x: v128, t: v128): v128 {
    return Margin.missing<T>(x, t);
  }

  @inline value(x: v128, t: v128, q: v128, m: v128): v128 {
    return m;
  }

  @inline grad(x: v128, t: v128, q: v128, m: v128): v128 {
    return Margin.where<T>(m, Margin.opposite<T>(t));
  }

  @inline gradTarget(x: v128, t: v128, q: v128, m: v128): v128 {
    return Margin.where<T>(m, Lanes.neg<T>(v128.mul<T>(P1, x)));
  }

  /** 0, or with hessian 'one' 1 where something is missing */
  @inline hess(x: v128, t: v128, q: v128, m: v128): v128 {
    return isSecant ? Margin.where<T>(m, Lanes.one<T>()) : Hessian.zero<T>(m);
  }
}

/** No NaN that the comparison would lose. */
export class HingeFinite<T extends number> extends FiniteOp<T> {
  @inline aux(x: v128, t: v128): v128 {
    return Margin.missing<T>(x, t);
  }

  @inline value(x: v128, t: v128, q: v128, m: v128): v128 {
    return m;
  }

  @inline grad(x: v128, t: v128, q: v128, m: v128): v128 {
    return v128.and(Margin.opposite<T>(t), v128.gt<T>(m, Lanes.zero()));
  }
}
