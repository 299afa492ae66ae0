// Multi-class margin loss of a class that comes too near to the label's (PyTorch: nn.functional.multi_margin_loss):
//   mᵖ, m = max(0, margin + (x_j − x_y)), p = 1 or 2;   slope p mᵖ⁻¹ where m > 0, else 0
import { RivalOp } from '../loops/rivals';
import { hasEps as isSquared } from '../params';
import { Lanes } from '../simd/lanes';

export class MultiMargin<T extends number> extends RivalOp<T> {
  @inline cost(m: v128): v128 {
    return isSquared ? v128.mul<T>(m, m) : m;
  }

  @inline wide(m: v128): v128 {
    return isSquared ? v128.mul<f64>(m, m) : m;
  }

  @inline slope(m: v128): v128 {
    return isSquared ? v128.add<T>(m, m) : MultiMargin.where<T>(m, Lanes.one<T>());
  }

  @inline curve(m: v128): v128 {
    return MultiMargin.where<T>(m, isSquared ? v128.add<T>(Lanes.one<T>(), Lanes.one<T>()) : Lanes.zero());
  }

  /** v where something is missing, NaN where m is, else 0. */
  @inline static where<T extends number>(m: v128, v: v128): v128 {
    return v128.or(v128.and(v, v128.gt<T>(m, Lanes.zero())), v128.ne<T>(m, m));
  }
}
