// Binary cross entropy of a probability x and target t (PyTorch: nn.functional.binary_cross_entropy):
//   −(t log p + (1 − t) log(1 − p)),   gradient (p − t)/(p (1 − p))
//
// One formula covers the three ways to stay finite at p = 0 and 1:
//   PyTorch        logs at least −100, the gradient's denominator at least 1e-12
//   eps, 'clip'    p = x clipped to [eps, 1 − eps]; gradient 0 where it was clipped (Keras)
//   eps, 'add'     log(p + eps) and log(1 − p + eps) (TensorFlow.js)
// P0, P1: range of p; P2: what is added inside the logs; P3: least logarithm; P4: least denominator.
// Outside [0, 1], where nothing clips, value and gradient are NaN.

import { PointOp } from '../loops/pointwise';
import { Log } from '../math/log';
import { Log1p } from '../math/log1p';
import { P0, P1, P2, P3, P4 } from '../params';
import { Lanes } from '../simd/lanes';

export class Bce<T extends number> extends PointOp<T> {
  /** p */
  @inline aux(x: v128, t: v128): v128 {
    return v128.pmax<T>(v128.pmin<T>(x, P1), P0);
  }

  @inline value(x: v128, t: v128, q: v128, p: v128): v128 {
    const yes = v128.pmax<T>(Log.nonnegative<T>(v128.add<T>(p, P2)), P3);
    const no = v128.pmax<T>(Log1p.fromMinusOne<T>(v128.sub<T>(P2, p)), P3);
    const sum = v128.add<T>(v128.mul<T>(t, yes), v128.mul<T>(v128.sub<T>(Lanes.one<T>(), t), no));
    return v128.or(v128.sub<T>(Lanes.zero(), sum), Bce.outside<T>(p));
  }

  @inline grad(x: v128, t: v128, q: v128, p: v128): v128 {
    const one = Lanes.one<T>();
    const product = v128.mul<T>(v128.add<T>(p, P2), v128.add<T>(v128.sub<T>(one, p), P2));
    const shift = v128.mul<T>(P2, v128.sub<T>(one, v128.add<T>(t, t)));
    const g = v128.div<T>(v128.add<T>(v128.sub<T>(p, t), shift), v128.pmax<T>(product, P4));
    // 0 where x was clipped
    return v128.or(v128.andnot(g, v128.ne<T>(x, p)), Bce.outside<T>(p));
  }

  /** log(1 − p) − log p */
  @inline gradTarget(x: v128, t: v128, q: v128, p: v128): v128 {
    const yes = v128.pmax<T>(Log.nonnegative<T>(v128.add<T>(p, P2)), P3);
    const no = v128.pmax<T>(Log1p.fromMinusOne<T>(v128.sub<T>(P2, p)), P3);
    return v128.or(v128.sub<T>(no, yes), Bce.outside<T>(p));
  }

  /** All ones, which is a NaN, where p is no probability or NaN; the logarithms leave NaN to this. */
  @inline static outside<T extends number>(p: v128): v128 {
    return v128.ne<T>(p, v128.pmax<T>(v128.pmin<T>(p, Lanes.one<T>()), Lanes.zero()));
  }
}
