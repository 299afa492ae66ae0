// Backwards of softmax and logSoftmax from their outputs y and the upstream gradient g.
import { BackwardOp } from '../loops/backward';
import { Exp } from '../math/exp';
import { Expm1 } from '../math/expm1';
import { Wide } from '../reduce/wide';
import { Lanes } from '../simd/lanes';

/** y_j (g_j − Σ_k y_k g_k) */
export class SoftmaxBackward<T extends number> extends BackwardOp<T> {
  @inline term(y: v128, g: v128): v128 {
    return v128.mul<T>(y, g);
  }

  @inline grad(y: v128, g: v128, sum: v128, low: v128, high: v128): v128 {
    return v128.mul<T>(y, v128.sub<T>(g, sum));
  }
}

/**
 * −expm1(y_j) g_j − e^(y_j) Σ_{k≠j} g_k. The usual g_j − e^(y_j) Σ g loses a confident class's gradient to
 * cancellation; the sum over the others is taken in f64 for the same reason.
 */
export class LogSoftmaxBackward<T extends number> extends BackwardOp<T> {
  @inline term(y: v128, g: v128): v128 {
    return g;
  }

  @inline grad(y: v128, g: v128, sum: v128, low: v128, high: v128): v128 {
    const others = Wide.narrow<T>(v128.sub<f64>(low, Wide.low<T>(g)), v128.sub<f64>(high, Wide.high<T>(g)));
    const own = v128.mul<T>(Expm1.nonpositive<T>(y), g);
    const rest = v128.mul<T>(Exp.flush<T>(y), others);
    return v128.sub<T>(Lanes.neg<T>(own), rest);
  }
}
