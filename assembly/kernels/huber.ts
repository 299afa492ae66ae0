// Huber, with d = x − t, δ = P0 and P1 the same but finite (PyTorch: nn.functional.huber_loss):
//   ½ d²            where |d| ≤ δ
//   δ (|d| − ½ δ)   elsewhere
// Both are c (|d| − ½ c) with c = min(|d|, δ), without a branch. Gradient: d clipped to [−δ, δ]. The value's δ is
// finite, or an infinite d would give inf − inf at δ = inf.

import { isSecant } from '../loops/hessian';
import { FiniteOp, SummedOp } from '../loops/pointwise';
import { P0, P1 } from '../params';
import { Lanes } from '../simd/lanes';

export class Huber<T extends number> extends SummedOp<T> {
  @inline begin(): void {
    least = Lanes.neg<T>(P1);
  }

  @inline aux(x: v128, t: v128): v128 {
    return v128.sub<T>(x, t);
  }

  @inline value(x: v128, t: v128, q: v128, d: v128): v128 {
    const distance = Lanes.abs<T>(d);
    const c = v128.pmin<T>(distance, P1);
    return v128.mul<T>(c, v128.sub<T>(distance, v128.mul<T>(c, Lanes.half<T>())));
  }

  /** min(|d|, δ) with the sign of d */
  @inline grad(x: v128, t: v128, q: v128, d: v128): v128 {
    const distance = Lanes.abs<T>(d);
    return v128.or(v128.pmin<T>(distance, P0), v128.xor(d, distance));
  }

  /** [|d| ≤ δ], or min(1, δ/|d|) */
  @inline hess(x: v128, t: v128, q: v128, d: v128): v128 {
    const distance = Lanes.abs<T>(d);
    const beyond = isSecant ? v128.div<T>(P0, distance) : Lanes.zero();
    const isBeyond = v128.gt<T>(distance, P0);
    return v128.or(v128.bitselect(beyond, Lanes.one<T>(), isBeyond), v128.ne<T>(d, d));
  }

  @inline gradTarget(x: v128, t: v128, q: v128, d: v128): v128 {
    return Lanes.neg<T>(this.grad(x, t, q, d));
  }
}

/** −δ, without an infinite δ. */
let least: v128 = i32x4.splat(0);

/** One clipped d for value and gradient. */
export class HuberFinite<T extends number> extends FiniteOp<T> {
  @inline aux(x: v128, t: v128): v128 {
    return v128.sub<T>(x, t);
  }

  @inline value(x: v128, t: v128, q: v128, d: v128): v128 {
    const c = this.grad(x, t, q, d);
    return v128.mul<T>(c, v128.sub<T>(d, v128.mul<T>(c, Lanes.half<T>())));
  }

  @inline grad(x: v128, t: v128, q: v128, d: v128): v128 {
    return v128.pmin<T>(v128.pmax<T>(d, least), P1);
  }
}
