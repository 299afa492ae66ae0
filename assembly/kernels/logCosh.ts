// Log-cosh, with d = x − t and E = expm1(−|d|), which keeps its digits where d is small (optax: losses.log_cosh):
//   log1p(E² / (2 + 2E))             where |d| ≤ 1
//   |d| − log 2 + log1p((1 + E)²)    elsewhere
// Gradient tanh d = ∓E (2 + E) / (1 + (1 + E)²). P0 is log 2.

import { isSecant } from '../loops/hessian';
import { PointOp } from '../loops/pointwise';
import { Exp } from '../math/exp';
import { Expm1 } from '../math/expm1';
import { Log1pTail } from '../math/log1pTail';
import { P0 } from '../params';
import { Lanes } from '../simd/lanes';

export class LogCosh<T extends number> extends PointOp<T> {
  /** expm1(−|d|) */
  @inline aux(x: v128, t: v128): v128 {
    return Expm1.nonpositive<T>(Lanes.minusAbs<T>(v128.sub<T>(x, t)));
  }

  @inline value(x: v128, t: v128, q: v128, e: v128): v128 {
    const one = Lanes.one<T>();
    const distance = Lanes.abs<T>(v128.sub<T>(x, t));
    const rest = v128.add<T>(one, e);
    const isNear = v128.le<T>(distance, one);
    const near = v128.div<T>(v128.mul<T>(e, e), v128.add<T>(rest, rest));
    const log = Log1pTail.coarse<T>(v128.bitselect(near, v128.mul<T>(rest, rest), isNear));
    return v128.add<T>(v128.andnot(v128.sub<T>(distance, P0), isNear), log);
  }

  @inline grad(x: v128, t: v128, q: v128, e: v128): v128 {
    const one = Lanes.one<T>();
    const d = v128.sub<T>(x, t);
    const rest = v128.add<T>(one, e);
    const above = v128.mul<T>(e, v128.add<T>(one, rest));
    const tanh = v128.div<T>(above, v128.add<T>(one, v128.mul<T>(rest, rest)));
    return v128.or(Lanes.abs<T>(tanh), v128.xor(d, Lanes.abs<T>(d)));
  }

  @inline gradTarget(x: v128, t: v128, q: v128, e: v128): v128 {
    return Lanes.neg<T>(this.grad(x, t, q, e));
  }

  /** 1/cosh² d = 4e/(1 + e)² with e = e^−2|d|, or tanh d/d */
  @inline hess(x: v128, t: v128, q: v128, e: v128): v128 {
    const one = Lanes.one<T>();
    const d = v128.sub<T>(x, t);
    if (isSecant) {
      const isZero = v128.eq<T>(d, Lanes.zero());
      return v128.bitselect(one, v128.div<T>(this.grad(x, t, q, e), d), isZero);
    }
    const squared = Exp.flush<T>(Lanes.minusAbs<T>(v128.add<T>(d, d)));
    const total = v128.add<T>(one, squared);
    const twice = v128.add<T>(squared, squared);
    return v128.div<T>(v128.add<T>(twice, twice), v128.mul<T>(total, total));
  }
}
