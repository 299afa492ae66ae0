// Multi-class margin loss of a class that comes too near to the label's (PyTorch: nn.functional.multi_margin_loss):
//   mᵖ, m = max(0, margin + (x_j − x_y)), p = 1 or 2;   slope p mᵖ⁻¹ where m > 0, else 0
import { RivalOp } from '../loops/rivals';
import { Lanes } from '../simd/lanes';

export class MultiMargin<T extends number> extends RivalOp<T> {
  @inline cost(m: v128, power: i32): v128 {
    return power == 2 ? v128.mul<T>(m, m) : m;
  }

  @inline wide(m: v128, power: i32): v128 {
    return power == 2 ? v128.mul<f64>(m, m) : m;
  }

  @inline slope(m: v128, power: i32): v128 {
    return power == 2 ? v128.add<T>(m, m) : MultiMargin.where<T>(m, Lanes.one<T>());
  }

  @inline plainSlope(m: v128, power: i32): v128 {
    return power == 2 ? v128.add<T>(m, m) : v128.and(Lanes.one<T>(), v128.gt<T>(m, Lanes.zero()));
  }

  @inline curve(m: v128, power: i32): v128 {
    const two = v128.add<T>(Lanes.one<T>(), Lanes.one<T>());
    return MultiMargin.where<T>(m, power == 2 ? two : Lanes.zero());
  }

  /** v where something is missing, NaN where m is, else 0. */
  @inline static where<T extends number>(m: v128, v: v128): v128 {
    return v128.or(v128.and(v, v128.gt<T>(m, Lanes.zero())), v128.ne<T>(m, m));
  }
}
