// Kullback-Leibler divergence with a target t that is a log-probability too (klDiv with logTarget):
//   e^t (t − x), 0 where e^t = 0;   gradient −e^t;   with respect to the target e^t (t − x + 1)
import { PointOp } from '../loops/pointwise';
import { Exp } from '../math/exp';
import { Lanes } from '../simd/lanes';

export class KlDivLog<T extends number> extends PointOp<T> {
  @inline aux(x: v128, t: v128): v128 {
    return Exp.full<T>(t);
  }

  @inline value(x: v128, t: v128, q: v128, p: v128): v128 {
    const loss = v128.mul<T>(p, v128.sub<T>(t, x));
    return v128.or(v128.andnot(loss, v128.eq<T>(p, Lanes.zero())), v128.ne<T>(x, x));
  }

  @inline grad(x: v128, t: v128, q: v128, p: v128): v128 {
    return v128.sub<T>(Lanes.zero(), p);
  }

  @inline gradTarget(x: v128, t: v128, q: v128, p: v128): v128 {
    const g = v128.mul<T>(p, v128.add<T>(v128.sub<T>(t, x), Lanes.one<T>()));
    return v128.andnot(g, v128.eq<T>(p, Lanes.zero()));
  }
}
