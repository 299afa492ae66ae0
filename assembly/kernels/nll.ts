// Negative log likelihood: −w_t x_t of a log-probability x at the target class (PyTorch: nn.functional.nll_loss).
import { ClassOp } from '../loops/classes';
import { Hessian } from '../loops/hessian';
import { Lanes } from '../simd/lanes';

export class Nll<T extends number> extends ClassOp<T> {
  @inline cost(x: v128): v128 {
    return v128.sub<T>(Lanes.zero(), x);
  }

  @inline curve(x: v128, a: v128): v128 {
    return v128.mul<T>(a, Hessian.zero<T>(x));
  }

  @inline slope(x: v128, a: v128): v128 {
    return Lanes.neg<T>(a);
  }
}
