// Focal loss of a logit x and a target t in [0, 1] (Lin et al.; optax: losses.sigmoid_focal_loss), with p = sigmoid(x), and a and b
// for t and 1 − t, as they are smoothed:
//   α_t u^γ c,   u = a (1 − p) + b p,   c = a softplus(−x) + b softplus(x)
// With e = e^−|x| the larger of p and 1 − p is 1/(1 + e), the other e/(1 + e); so u = n/(1 + e), where n is e for a label of 0 or 1
// that x agrees with: nothing is subtracted, and log n is −|x|. All derivatives are u^γ times what has c′ and this in it:
//   u′/u = (b − a) (e/n)/(1 + e)
// α_t = P4 + P1 a + P3 b. γ = P0; where it is 0, 1, 2, 3 or 4, P2 is 0 and the power a product.

import { PointOp } from '../loops/pointwise';
import { Smoothing } from '../loops/smoothing';
import { Exp } from '../math/exp';
import { Log } from '../math/log';
import { Log1p } from '../math/log1p';
import { hasEps as isGeneral, P0, P1, P3, P4 } from '../params';
import { Fma } from '../simd/fma';
import { Lanes } from '../simd/lanes';
import { BceWithLogits } from './bceWithLogits';

// What `aux` has found beside e. Globals: each of the formulas would have a copy of it.
let cost: v128 = i32x4.splat(0); // c
let fall: v128 = i32x4.splat(0); // c′
let numerator: v128 = i32x4.splat(0); // n
let power: v128 = i32x4.splat(0); // u^γ
let scaled: v128 = i32x4.splat(0); // α_t u^γ
let ratio: v128 = i32x4.splat(0); // u′/u

function EXP<T extends number>(x: v128): v128 {
  return Exp.flush<T>(x);
}

export class SigmoidFocal<T extends number> extends PointOp<T> {
  /** e^−|x| */
  @inline aux(x: v128, t: v128): v128 {
    const one = Lanes.one<T>();
    const yes = Smoothing.of<T>(t);
    const no = Smoothing.rest<T>(t);
    const e = Exp.coarseFlush<T>(Lanes.minusAbs<T>(x));
    const sum = v128.add<T>(one, e);
    const log = Log1p.unit<T>(e);
    cost = v128.add<T>(BceWithLogits.line<T>(x, yes, no), v128.mul<T>(v128.add<T>(yes, no), log));
    fall = BceWithLogits.difference<T>(x, yes, no, e, one);
    const above = v128.ge<T>(x, Lanes.zero());
    const n = Fma.madd<T>(v128.bitselect(yes, no, above), e, v128.bitselect(no, yes, above));
    numerator = n;
    ratio = v128.mul<T>(v128.sub<T>(no, yes), v128.div<T>(SigmoidFocal.over<T>(e, n), sum));
    if (isGeneral) {
      // a label's logarithm is exact, and so large that as part of a sum it would lose its digits
      const far = v128.bitselect(Lanes.minusAbs<T>(x), Log.of<T>(n), v128.eq<T>(n, e));
      power = v128.mul<T>(EXP<T>(v128.mul<T>(P0, far)), EXP<T>(Lanes.neg<T>(v128.mul<T>(P0, log))));
    } else {
      const u = v128.div<T>(n, sum);
      power = one;
      for (let k = Lanes.first<T>(P0); k > 0; k--) power = v128.mul<T>(power, u);
    }
    const balance = v128.add<T>(P4, v128.add<T>(v128.mul<T>(P1, yes), v128.mul<T>(P3, no)));
    scaled = v128.mul<T>(power, balance);
    return e;
  }

  /** v/n, and 1, which is its limit, where n is 0 */
  @inline static over<T extends number>(v: v128, n: v128): v128 {
    return v128.bitselect(Lanes.one<T>(), v128.div<T>(v, n), v128.eq<T>(n, Lanes.zero()));
  }

  /** v, but 0 where f is */
  @inline static unless<T extends number>(f: v128, v: v128): v128 {
    return v128.andnot(v, v128.eq<T>(f, Lanes.zero()));
  }

  @inline value(x: v128, t: v128, q: v128, e: v128): v128 {
    const loss = SigmoidFocal.unless<T>(scaled, v128.mul<T>(scaled, cost));
    return v128.or(loss, v128.ne<T>(cost, cost));
  }

  /** c u′/u */
  @inline static turn<T extends number>(): v128 {
    return SigmoidFocal.unless<T>(ratio, v128.mul<T>(cost, ratio));
  }

  @inline grad(x: v128, t: v128, q: v128, e: v128): v128 {
    return v128.mul<T>(scaled, v128.add<T>(v128.mul<T>(P0, SigmoidFocal.turn<T>()), fall));
  }

  /** (1 − ε) u^γ ((P1 − P3) c + α_t (γ (c/u) (1 − 2p) − x)), 0 where u^γ is */
  @inline gradTarget(x: v128, t: v128, q: v128, e: v128): v128 {
    const turn = v128.mul<T>(SigmoidFocal.over<T>(cost, numerator), SigmoidFocal.odds<T>(x, e));
    const inner = v128.sub<T>(SigmoidFocal.unless<T>(P0, v128.mul<T>(P0, turn)), x);
    const slope = v128.sub<T>(P1, P3);
    const own = SigmoidFocal.unless<T>(slope, v128.mul<T>(v128.mul<T>(slope, power), cost));
    const g = SigmoidFocal.unless<T>(power, v128.add<T>(own, v128.mul<T>(scaled, inner)));
    return v128.or(Smoothing.back<T>(g), v128.ne<T>(cost, cost));
  }

  /** α_t u^γ (γ (u′/u) (c ((γ − 1) u′/u + 1 − 2p) + 2c′) + p (1 − p)) */
  @inline hess(x: v128, t: v128, q: v128, e: v128): v128 {
    const one = Lanes.one<T>();
    const sum = v128.add<T>(one, e);
    const bend = Fma.madd<T>(v128.sub<T>(P0, one), ratio, v128.div<T>(SigmoidFocal.odds<T>(x, e), sum));
    const slopes = v128.mul<T>(ratio, v128.add<T>(fall, fall));
    const inner = Fma.madd<T>(SigmoidFocal.turn<T>(), bend, slopes);
    const own = v128.div<T>(v128.div<T>(e, sum), sum);
    return v128.mul<T>(scaled, Fma.madd<T>(P0, inner, own));
  }

  /** (1 − 2p) (1 + e) */
  @inline static odds<T extends number>(x: v128, e: v128): v128 {
    const rest = v128.sub<T>(Lanes.one<T>(), e);
    return v128.xor(rest, v128.and(Lanes.sign<T>(), v128.ge<T>(x, Lanes.zero())));
  }
}
