// Mean squared error, (x − t)² (PyTorch: nn.functional.mse_loss). No hidden ½.
import { SummedOp } from '../loops/pointwise';
import { Lanes } from '../simd/lanes';

export class Mse<T extends number> extends SummedOp<T> {
  @inline begin(): void {}

  @inline aux(x: v128, t: v128): v128 {
    return v128.sub<T>(x, t);
  }

  @inline value(x: v128, t: v128, q: v128, d: v128): v128 {
    return v128.mul<T>(d, d);
  }

  @inline grad(x: v128, t: v128, q: v128, d: v128): v128 {
    return v128.add<T>(d, d);
  }

  @inline hess(x: v128, t: v128, q: v128, d: v128): v128 {
    const two = v128.add<T>(Lanes.one<T>(), Lanes.one<T>());
    return v128.or(two, v128.ne<T>(d, d));
  }

  @inline gradTarget(x: v128, t: v128, q: v128, d: v128): v128 {
    return Lanes.neg<T>(v128.add<T>(d, d));
  }
}
