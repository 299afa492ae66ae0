// Focal loss of a logit x and a target t in [0, 1] (Lin et al.; optax: losses.sigmoid_focal_loss), with p = sigmoid(x), and a and b
// for t and 1 − t, as they are smoothed:
//   α_t u^γ c,   u = a (1 − p) + b p,   c = a softplus(−x) + b softplus(x)
// With e = e^−|x| the larger of p and 1 − p is 1/(1 + e), the other e/(1 + e); so u = n/(1 + e), where n is e for a label of 0 or 1
// that x agrees with: nothing is subtracted, and log n is −|x|. All derivatives are u^γ times what has c′ and this in it:
//   u′/u = (b − a) (e/n)/(1 + e)
// α_t = P4 + P1 a + P3 b. γ = P0; where it is 0, 1, 2, 3 or 4, P2 is 0 and the power a product, else e^¼z four times with z = γ log u:
// e^½z would be subnormal where a logit of 1e38 still makes a number of the product.
// What u^γ is to be multiplied with comes first, then one factor after the other: u^γ may be subnormal where the result is not.

import { Curve } from '../loops/curve';
import { LongOp, PointOp } from '../loops/pointwise';
import { Smoothing } from '../loops/smoothing';
import { Exp } from '../math/exp';
import { Expm1 } from '../math/expm1';
import { Log } from '../math/log';
import { Log1p } from '../math/log1p';
import { hasEps as isGeneral, P0, P1, P3, P4 } from '../params';
import { Fma } from '../simd/fma';
import { Lanes } from '../simd/lanes';

// What `factors` has found. Globals: each of the formulas would have a copy of it.
let cost: v128 = i32x4.splat(0); // c
let fall: v128 = i32x4.splat(0); // c′
let numerator: v128 = i32x4.splat(0); // n
let ratio: v128 = i32x4.splat(0); // u′/u
let balance: v128 = i32x4.splat(0); // α_t
let base: v128 = i32x4.splat(0); // u^γ is this
let count: i32 = 0; // to that

export class SigmoidFocal<T extends number> extends PointOp<T> {
  /** e^−|x| */
  @inline aux(x: v128, t: v128): v128 {
    const e = Exp.coarseFlush<T>(Lanes.minusAbs<T>(x));
    SigmoidFocal.factors<T>(x, t, e, false);
    return e;
  }

  @inline static factors<T extends number>(x: v128, t: v128, e: v128, IS_FINITE: bool): void {
    const one = Lanes.one<T>();
    const yes = Smoothing.of<T>(t);
    const no = Smoothing.rest<T>(t);
    const sum = v128.add<T>(one, e);
    const share = v128.div<T>(one, sum);
    const log = Log1p.coarse<T>(e);
    const above = v128.ge<T>(x, Lanes.zero());
    // what x speaks against, and what for
    const both = v128.xor(yes, no);
    const against = v128.xor(yes, v128.and(both, above));
    const agreed = v128.xor(against, both);
    const line = v128.mul<T>(against, Lanes.abs<T>(x));
    cost = v128.add<T>(
      IS_FINITE ? line : SigmoidFocal.unless<T>(against, line),
      v128.mul<T>(v128.add<T>(yes, no), log),
    );
    fall = v128.div<T>(v128.xor(Fma.msub<T>(agreed, e, against), v128.and(Lanes.sign<T>(), above)), sum);
    numerator = Fma.madd<T>(agreed, e, against);
    ratio = v128.mul<T>(v128.sub<T>(no, yes), v128.mul<T>(Curve.over<T>(e, numerator), share));
    balance = v128.add<T>(P4, v128.add<T>(v128.mul<T>(P1, yes), v128.mul<T>(P3, no)));
    if (isGeneral) {
      count = 4;
      base = SigmoidFocal.general<T>(x, e, log, numerator);
    } else {
      count = i32(Lanes.first<T>(P0));
      base = count ? v128.mul<T>(numerator, share) : one;
    }
  }

  /** u^¼γ. A label's logarithm is exact, and so large that as part of a sum it would lose its digits. */
  static general<T extends number>(x: v128, e: v128, log: v128, n: v128): v128 {
    const far = v128.bitselect(Lanes.minusAbs<T>(x), Log.of<T>(n), v128.eq<T>(n, e));
    return SigmoidFocal.root<T>(v128.mul<T>(P0, far), v128.mul<T>(P0, log));
  }

  /** e^¼(a − b), by what the difference is rounded, too: half an ULP of it would be 4e-6 from 64 on. */
  @inline static root<T extends number>(a: v128, b: v128): v128 {
    const z = v128.sub<T>(a, b);
    const other = v128.sub<T>(a, z);
    const lost = v128.add<T>(v128.sub<T>(a, v128.add<T>(z, other)), v128.sub<T>(other, b));
    const quarter = v128.mul<T>(Lanes.half<T>(), Lanes.half<T>());
    const e = Exp.flush<T>(v128.mul<T>(quarter, z));
    return Fma.madd<T>(e, v128.mul<T>(quarter, SigmoidFocal.unless<T>(e, lost)), e);
  }

  /** v b^k, which is v u^γ */
  @inline static times<T extends number>(v: v128, b: v128): v128 {
    for (let k = count; k > 0; k--) v = v128.mul<T>(v, b);
    return v;
  }

  /** The base, but 1 where x is infinite and u not 0: an infinite v stays that, however small u^γ. */
  @inline static finite<T extends number>(x: v128): v128 {
    const isInfinite = v128.eq<T>(Lanes.abs<T>(x), Lanes.infinity<T>());
    return v128.bitselect(Lanes.one<T>(), base, v128.andnot(isInfinite, v128.eq<T>(numerator, Lanes.zero())));
  }

  /** v, but 0 where f is */
  @inline static unless<T extends number>(f: v128, v: v128): v128 {
    return v128.andnot(v, v128.eq<T>(f, Lanes.zero()));
  }

  @inline value(x: v128, t: v128, q: v128, e: v128): v128 {
    const share = SigmoidFocal.unless<T>(balance, v128.mul<T>(balance, cost));
    const loss = SigmoidFocal.times<T>(share, SigmoidFocal.finite<T>(x));
    return v128.or(loss, v128.ne<T>(cost, cost));
  }

  /** c u′/u */
  @inline static turn<T extends number>(): v128 {
    return SigmoidFocal.unless<T>(ratio, v128.mul<T>(cost, ratio));
  }

  @inline grad(x: v128, t: v128, q: v128, e: v128): v128 {
    const inner = v128.add<T>(v128.mul<T>(P0, SigmoidFocal.turn<T>()), fall);
    return SigmoidFocal.times<T>(v128.mul<T>(balance, inner), base);
  }

  /**
   * (1 − ε) u^γ ((2 P1 − 1 + P4) c + α_t (γ (c/u) (1 − 2p) − x)), 0 where u^γ is. 1 − e by subtraction has no digit of a small x, nor
   * has P1 − P3 of an α near ½; γ is a factor last, as the rest may be as large as x.
   */
  @inline gradTarget(x: v128, t: v128, q: v128, e: v128): v128 {
    const b = SigmoidFocal.finite<T>(x);
    const odds = SigmoidFocal.odds<T>(x, Lanes.neg<T>(Expm1.nonpositive<T>(Lanes.minusAbs<T>(x))));
    const turn = SigmoidFocal.times<T>(v128.mul<T>(SigmoidFocal.perNumerator<T>(x, e), odds), b);
    const bend = SigmoidFocal.unless<T>(P0, SigmoidFocal.balanced<T>(turn));
    const line = v128.mul<T>(balance, SigmoidFocal.times<T>(x, b));
    const slope = v128.sub<T>(v128.add<T>(P1, P1), v128.sub<T>(Lanes.one<T>(), P4));
    const own = SigmoidFocal.unless<T>(slope, v128.mul<T>(slope, SigmoidFocal.times<T>(cost, b)));
    const other = SigmoidFocal.unless<T>(balance, v128.sub<T>(bend, line));
    const g = SigmoidFocal.unless<T>(v128.or(base, numerator), v128.add<T>(own, other));
    return v128.or(Smoothing.back<T>(g), v128.ne<T>(cost, cost));
  }

  /** α_t γ v, where γ v may be beyond the numbers for a small α_t. */
  @inline static balanced<T extends number>(v: v128): v128 {
    const product = v128.mul<T>(P0, v);
    const isOver = v128.eq<T>(Lanes.abs<T>(product), Lanes.infinity<T>());
    const scaled = v128.mul<T>(balance, v128.bitselect(v, product, isOver));
    return v128.bitselect(v128.mul<T>(P0, scaled), scaled, isOver);
  }

  /** c/n. Where e is 0 it is |x|, which a c and an n that are subnormal would not give. */
  @inline static perNumerator<T extends number>(x: v128, e: v128): v128 {
    const isFar = v128.andnot(v128.eq<T>(e, Lanes.zero()), v128.eq<T>(numerator, Lanes.zero()));
    return v128.bitselect(Lanes.abs<T>(x), Curve.over<T>(cost, numerator), isFar);
  }

  /** α_t u^γ (γ (u′/u) (c ((γ − 1) u′/u + 1 − 2p) + 2c′) + p (1 − p)) */
  @inline hess(x: v128, t: v128, q: v128, e: v128): v128 {
    const one = Lanes.one<T>();
    const sum = v128.add<T>(one, e);
    const odds = v128.div<T>(SigmoidFocal.odds<T>(x, v128.sub<T>(one, e)), sum);
    const bend = Fma.madd<T>(v128.sub<T>(P0, one), ratio, odds);
    const slopes = v128.mul<T>(ratio, v128.add<T>(fall, fall));
    const inner = Fma.madd<T>(SigmoidFocal.turn<T>(), bend, slopes);
    const own = v128.div<T>(v128.div<T>(e, sum), sum);
    return SigmoidFocal.times<T>(v128.mul<T>(balance, Fma.madd<T>(P0, inner, own)), base);
  }

  /** (1 − 2p) (1 + e), where `rest` is 1 − e */
  @inline static odds<T extends number>(x: v128, rest: v128): v128 {
    return v128.xor(rest, v128.and(Lanes.sign<T>(), v128.ge<T>(x, Lanes.zero())));
  }
}

/** An x that is infinite, or a NaN, gives no finite value: nothing is to be kept from being infinite times 0. */
export class SigmoidFocalFinite<T extends number> extends LongOp<T> {
  /** e^−|x| */
  @inline aux(x: v128, t: v128): v128 {
    return Exp.coarseFlush<T>(Lanes.minusAbs<T>(x));
  }

  @inline rest(): v128 {
    return Lanes.zero();
  }

  @inline restore(rest: v128): void {}

  /** Before `grad`, which takes what it has found. */
  @inline value(x: v128, t: v128, q: v128, e: v128): v128 {
    SigmoidFocal.factors<T>(x, t, e, true);
    return SigmoidFocal.times<T>(v128.mul<T>(balance, cost), base);
  }

  @inline grad(x: v128, t: v128, q: v128, e: v128): v128 {
    const inner = v128.add<T>(v128.mul<T>(P0, v128.mul<T>(cost, ratio)), fall);
    return SigmoidFocal.times<T>(v128.mul<T>(balance, inner), base);
  }
}
