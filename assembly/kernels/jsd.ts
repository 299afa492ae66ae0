// Jensen–Shannon divergence of log-probabilities x and t, β = P0, 1 − β = P1, P = e^t, Q = e^x, M = β P + (1 − β) Q:
//   β P log(P/M) + (1 − β) Q log(Q/M),   gradient −(1 − β) Q log(M/Q),   with respect to the target −β P log(M/P)
// A sum over classes is that of these, which are never below 0, φ(u) being u − log(1 + u):
//   β P φ(M/P − 1) + (1 − β) Q φ(M/Q − 1)
// What of both is the greater is called large, its weight c, the other small, b. With fall = small/large − 1, M/large − 1 is v = b fall
// and M/small − 1 is u = −c fall/(1 + fall).

import { PointOp } from '../loops/pointwise';
import { Excess } from '../math/excess';
import { Exp } from '../math/exp';
import { Expm1 } from '../math/expm1';
import { Log } from '../math/log';
import { Log1p } from '../math/log1p';
import { P0, P1 } from '../params';
import { Lanes } from '../simd/lanes';

// What `aux` has found beside x − t. Globals: each of the formulas would have a copy of it.
let isAbove: v128 = i32x4.splat(0); // x ≥ t
let large: v128 = i32x4.splat(0);
let small: v128 = i32x4.splat(0);
let ofSmall: v128 = i32x4.splat(0); // b
let ofLarge: v128 = i32x4.splat(0); // c
let gap: v128 = i32x4.splat(0); // −c fall
let up: v128 = i32x4.splat(0); // u
let down: v128 = i32x4.splat(0); // v
let mixed: v128 = i32x4.splat(0); // M/large
let logUp: v128 = i32x4.splat(0); // log(1 + u)
let logDown: v128 = i32x4.splat(0); // log(1 + v)

export class Jsd<T extends number> extends PointOp<T> {
  /** x − t, and 0 where both are the same infinity */
  @inline aux(x: v128, t: v128): v128 {
    const one = Lanes.one<T>();
    const d = v128.andnot(v128.sub<T>(x, t), v128.eq<T>(x, t));
    const minus = Lanes.minusAbs<T>(d);
    const fall = Expm1.nonpositive<T>(minus);
    const ratio = Exp.flush<T>(minus);
    isAbove = v128.ge<T>(d, Lanes.zero());
    large = Exp.full<T>(v128.pmax<T>(x, t));
    small = Exp.full<T>(v128.pmin<T>(x, t));
    ofSmall = v128.bitselect(P0, P1, isAbove);
    ofLarge = v128.bitselect(P1, P0, isAbove);
    gap = Lanes.neg<T>(v128.mul<T>(ofLarge, fall));
    down = v128.mul<T>(ofSmall, fall);
    // 1 + v would have few digits of what is near 0, and of a v near it 1 has few
    const isLow = v128.lt<T>(down, Lanes.neg<T>(Lanes.half<T>()));
    const sum = v128.add<T>(one, down);
    const lost = v128.andnot(v128.sub<T>(down, v128.sub<T>(sum, one)), isLow);
    mixed = v128.bitselect(v128.add<T>(ofLarge, v128.mul<T>(ofSmall, ratio)), sum, isLow);
    logDown = Log.sum<T>(mixed, lost);
    up = v128.div<T>(gap, ratio);
    // a ratio below all normal numbers is 0
    const far = v128.sub<T>(logDown, minus);
    logUp = v128.bitselect(far, Log1p.of<T>(up), v128.eq<T>(ratio, Lanes.zero()));
    return d;
  }

  /** small log(1 + u), 0 where small is. */
  @inline static smallLog<T extends number>(): v128 {
    return v128.andnot(v128.mul<T>(small, logUp), v128.eq<T>(small, Lanes.zero()));
  }

  @inline value(x: v128, t: v128, q: v128, d: v128): v128 {
    const direct = v128.sub<T>(v128.mul<T>(large, gap), Jsd.smallLog<T>());
    const near = v128.mul<T>(small, Excess.near<T>(up));
    const first = v128.mul<T>(ofSmall, v128.bitselect(near, direct, Excess.isNear<T>(up)));
    const second = v128.mul<T>(v128.mul<T>(ofLarge, large), Excess.of<T>(down, logDown));
    return v128.add<T>(first, second);
  }

  @inline grad(x: v128, t: v128, q: v128, d: v128): v128 {
    return Jsd.slope<T>(d, isAbove);
  }

  @inline gradTarget(x: v128, t: v128, q: v128, d: v128): v128 {
    return Jsd.slope<T>(d, v128.not(isAbove));
  }

  /** For what is large where the lanes of isLarge say so. */
  @inline static slope<T extends number>(d: v128, isLarge: v128): v128 {
    const ofLargest = v128.mul<T>(v128.mul<T>(ofLarge, large), logDown);
    const ofOther = v128.mul<T>(ofSmall, Jsd.smallLog<T>());
    return v128.or(Lanes.neg<T>(v128.bitselect(ofLargest, ofOther, isLarge)), v128.ne<T>(d, d));
  }

  /** The gradient and β (1 − β) P Q/M */
  @inline hess(x: v128, t: v128, q: v128, d: v128): v128 {
    const bend = v128.mul<T>(v128.mul<T>(ofSmall, ofLarge), v128.div<T>(small, mixed));
    return v128.add<T>(this.grad(x, t, q, d), bend);
  }
}
