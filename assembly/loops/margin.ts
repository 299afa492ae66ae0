// What is missing to a margin: what hinge losses have in common. A label y = P1 t − P3 is ±1 for a t of ±1, or of 0 and 1.

import { P0, P1, P3 } from '../params';
import { Lanes } from '../simd/lanes';
import * as cursor from './cursor';

export class Margin {
  /** −y, the label's opposite. */
  @inline static opposite<T extends number>(t: v128): v128 {
    return v128.sub<T>(P3, v128.mul<T>(P1, t));
  }

  /** max(0, P0 − y x) */
  @inline static missing<T extends number>(x: v128, t: v128): v128 {
    return v128.pmax<T>(v128.add<T>(v128.mul<T>(Margin.opposite<T>(t), x), P0), Lanes.zero());
  }

  /** A score that nothing is missing to. */
  @inline static pad<T extends number>(): void {
    cursor.pad<T>(Infinity, 1);
  }

  /** v where something is missing, NaN where m is, else 0. */
  @inline static where<T extends number>(m: v128, v: v128): v128 {
    return v128.or(v128.and(v, v128.gt<T>(m, Lanes.zero())), v128.ne<T>(m, m));
  }
}
