// Negative log likelihood: −w_t x_t of a log-probability x at the target class (PyTorch: nn.functional.nll_loss).
import { ClassOp } from '../loops/classes';
import { Hessian } from '../loops/hessian';
import { Lanes } from '../simd/lanes';

let MINUS_ONE_F32: v128 = f32x4.splat(-1);
let MINUS_ONE_F64: v128 = f64x2.splat(-1);

export class Nll<T extends number> extends ClassOp<T> {
  @inline cost(x: v128): v128 {
    return v128.sub<T>(Lanes.zero(), x);
  }

  @inline curve(x: v128): v128 {
    return Hessian.zero<T>(x);
  }

  @inline slope(x: v128): v128 {
    return sizeof<T>() == 4 ? MINUS_ONE_F32 : MINUS_ONE_F64;
  }
}
