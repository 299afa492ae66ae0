// Kullback-Leibler divergence of log-probabilities, of the target from the input (jsd with β = 1), as klDivLog has it the other way:
//   e^x (x − t), 0 where e^x < 2^−252 (f64: 2^−2044);   gradient e^x (x − t + 1);   with respect to the target −e^x
import { PointOp } from '../loops/pointwise';
import { Exp, second } from '../math/exp';
import { Lanes } from '../simd/lanes';
import { KlDivLog } from './klDivLog';

export class KlDivReverse<T extends number> extends PointOp<T> {
  @inline aux(x: v128, t: v128): v128 {
    return Exp.factors<T>(x);
  }

  @inline value(x: v128, t: v128, q: v128, p: v128): v128 {
    return KlDivLog.times<T>(p, t, v128.sub<T>(x, t));
  }

  @inline grad(x: v128, t: v128, q: v128, p: v128): v128 {
    return KlDivLog.times<T>(p, t, v128.add<T>(v128.sub<T>(x, t), Lanes.one<T>()));
  }

  @inline gradTarget(x: v128, t: v128, q: v128, p: v128): v128 {
    return v128.sub<T>(Lanes.zero(), v128.mul<T>(p, second));
  }

  @inline hess(x: v128, t: v128, q: v128, p: v128): v128 {
    const two = v128.add<T>(Lanes.one<T>(), Lanes.one<T>());
    return KlDivLog.times<T>(p, t, v128.add<T>(v128.sub<T>(x, t), two));
  }
}
