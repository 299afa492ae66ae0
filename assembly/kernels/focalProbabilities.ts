// Focal loss of probabilities (categoricalFocal with fromLogits: false; Keras CategoricalFocalCrossentropy), p = x clipped to
// [eps, 1 − eps], q = 1 − p, c = −log p:
//   cost   q^γ c
//   slope  −q^γ (1/p + γ c/q)
//   curve  q^γ/p² + γ q^(γ − 1) (2/p + (γ − 1) c/q)
// c/q is 1 at q = 0; derivatives are 0 where x was clipped. γ = P3; eps = P4, −inf without one. Not inlined: the loops would have
// five logarithms.

import { ClassOp } from '../loops/classes';
import { Curve } from '../loops/curve';
import { Log } from '../math/log';
import { Log1p } from '../math/log1p';
import { P3 as gamma, hasEps, P4 } from '../params';
import { Lanes } from '../simd/lanes';

export class FocalProbabilities<T extends number> extends ClassOp<T> {
  cost(x: v128): v128 {
    const q = FocalProbabilities.rest<T>(x);
    return Curve.weigh<T>(Curve.power<T>(q, gamma), FocalProbabilities.log<T>(x));
  }

  slope(x: v128, a: v128): v128 {
    const q = FocalProbabilities.rest<T>(x);
    const share = v128.mul<T>(a, Curve.power<T>(q, gamma));
    const ratio = Curve.weigh<T>(gamma, Curve.over<T>(FocalProbabilities.log<T>(x), q));
    // −0 is 0
    const p = v128.add<T>(x, Lanes.zero());
    const slope = v128.add<T>(v128.div<T>(share, p), Curve.weigh<T>(share, ratio));
    return FocalProbabilities.inside<T>(x, a, Lanes.neg<T>(slope));
  }

  curve(x: v128, a: v128): v128 {
    const q = FocalProbabilities.rest<T>(x);
    const less = v128.sub<T>(gamma, Lanes.one<T>());
    const share = v128.mul<T>(a, Curve.power<T>(q, gamma));
    const ratio = v128.mul<T>(less, Curve.over<T>(FocalProbabilities.log<T>(x), q));
    const twice = v128.div<T>(v128.add<T>(Lanes.one<T>(), Lanes.one<T>()), x);
    const bend = v128.mul<T>(v128.mul<T>(a, Curve.power<T>(q, less)), v128.add<T>(twice, ratio));
    const curve = v128.add<T>(v128.div<T>(v128.div<T>(share, x), x), Curve.weigh<T>(gamma, bend));
    return FocalProbabilities.inside<T>(x, a, curve);
  }

  /** q: 1 − x is exact where it can be below eps. */
  @inline static rest<T extends number>(x: v128): v128 {
    return v128.pmax<T>(v128.sub<T>(Lanes.one<T>(), v128.pmax<T>(x, P4)), P4);
  }

  /** c */
  static log<T extends number>(x: v128): v128 {
    const log = Log.of<T>(v128.pmax<T>(x, P4));
    if (!hasEps) return Lanes.neg<T>(log);
    const isTop = v128.lt<T>(v128.sub<T>(Lanes.one<T>(), x), P4);
    return Lanes.neg<T>(v128.bitselect(Log1p.of<T>(Lanes.neg<T>(P4)), log, isTop));
  }

  /** v; where x was clipped 0 a, which is NaN for such an a */
  @inline static inside<T extends number>(x: v128, a: v128, v: v128): v128 {
    const isClipped = v128.lt<T>(v128.pmin<T>(x, v128.sub<T>(Lanes.one<T>(), x)), P4);
    return v128.bitselect(v128.mul<T>(Lanes.zero(), a), v, isClipped);
  }
}
