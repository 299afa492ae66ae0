// sigmoid(x) = 1/(1 + e^−x) as an elementwise map, and its backward from the output y: go · y (1 − y).
import { PointOp } from '../loops/pointwise';
import { Sigmoid } from '../math/sigmoid';
import { Lanes } from '../simd/lanes';

export class SigmoidMap<T extends number> extends PointOp<T> {
  @inline aux(x: v128, t: v128): v128 {
    return x;
  }

  @inline value(x: v128, t: v128, q: v128, aux: v128): v128 {
    return Sigmoid.of<T>(x);
  }

  @inline grad(x: v128, t: v128, q: v128, aux: v128): v128 {
    return v128.mul<T>(x, v128.sub<T>(Lanes.one<T>(), x));
  }

  @inline hess(x: v128, t: v128, q: v128, aux: v128): v128 {
    return Lanes.zero();
  }

  @inline gradTarget(x: v128, t: v128, q: v128, aux: v128): v128 {
    return Lanes.zero();
  }
}
