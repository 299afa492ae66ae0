// Squared logarithmic error (Keras: MeanSquaredLogarithmicError), x and t at least P0, which is −∞ where nothing is said:
//   D²  with D = log(1 + x) − log(1 + t);   gradient 2D/(1 + x), with respect to the target −2D/(1 + t)
// and 0 for what is below P0. The logarithm is one: |D| = log1p(|x − t|/(1 + min(x, t))) keeps its digits where x is close to t, and
// its argument is never below 0. NaN where x or t is below −1.
import { PointOp } from '../loops/pointwise';
import { Log1p } from '../math/log1p';
import { P0 } from '../params';
import { Lanes } from '../simd/lanes';

export class Msle<T extends number> extends PointOp<T> {
  /** D */
  @inline aux(x: v128, t: v128): v128 {
    const a = v128.pmax<T>(x, P0);
    const b = v128.pmax<T>(t, P0);
    const d = v128.sub<T>(a, b);
    const base = v128.add<T>(Lanes.one<T>(), v128.pmin<T>(a, b));
    const log = Log1p.of<T>(v128.div<T>(Lanes.abs<T>(d), base));
    const signed = v128.or(log, v128.and(d, Lanes.sign<T>()));
    return v128.or(signed, v128.lt<T>(base, Lanes.zero()));
  }

  @inline value(x: v128, t: v128, q: v128, log: v128): v128 {
    return v128.mul<T>(log, log);
  }

  @inline grad(x: v128, t: v128, q: v128, log: v128): v128 {
    return Msle.per<T>(v128.add<T>(log, log), x, log);
  }

  @inline gradTarget(x: v128, t: v128, q: v128, log: v128): v128 {
    return Lanes.neg<T>(Msle.per<T>(v128.add<T>(log, log), t, log));
  }

  /** 2 (1 − D)/(1 + x)² */
  @inline hess(x: v128, t: v128, q: v128, log: v128): v128 {
    const half = v128.sub<T>(Lanes.one<T>(), log);
    return Msle.per<T>(Msle.per<T>(v128.add<T>(half, half), x, log), x, log);
  }

  /** v/(1 + y), and its limit 0 where y is infinite; 0 below P0. NaN where D is. */
  @inline static per<T extends number>(v: v128, y: v128, log: v128): v128 {
    const share = v128.div<T>(v, v128.add<T>(Lanes.one<T>(), y));
    const isFlat = v128.or(v128.lt<T>(y, P0), v128.eq<T>(y, Lanes.infinity<T>()));
    return v128.or(v128.andnot(share, isFlat), v128.ne<T>(log, log));
  }
}
