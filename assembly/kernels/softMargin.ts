// Soft margin (logistic) loss of a score x and a label t of ±1 (PyTorch: nn.functional.soft_margin_loss):
//   softplus(y), y = −t x;   gradient −t sigmoid(y), with respect to the label −x sigmoid(y)
// with softplus(y) = max(y, 0) + log1p(e^−|y|): neither end overflows or is 0.
import { SoftplusOp } from '../loops/softplus';
import { Exp } from '../math/exp';
import { Log1p } from '../math/log1p';
import { Lanes } from '../simd/lanes';

export class SoftMargin<T extends number> extends SoftplusOp<T> {
  /** −|y| */
  @inline exponent(x: v128, t: v128): v128 {
    return Lanes.minusAbs<T>(v128.mul<T>(t, x));
  }

  @inline exponentAt(x: usize, t: usize): v128 {
    return this.exponent(v128.load(x), v128.load(t));
  }

  /** e to that */
  @inline aux(x: v128, t: v128): v128 {
    return Exp.coarseFlush<T>(this.exponent(x, t));
  }

  @inline value(x: v128, t: v128, q: v128, e: v128): v128 {
    return v128.add<T>(this.linear(x, t, q, false), Log1p.coarse<T>(e));
  }

  /** max(y, 0) */
  @inline linear(x: v128, t: v128, one: v128, IS_NEAR: bool): v128 {
    return v128.pmax<T>(Lanes.neg<T>(v128.mul<T>(t, x)), Lanes.zero());
  }

  @inline grad(x: v128, t: v128, q: v128, e: v128): v128 {
    return this.slope(x, t, e, Lanes.one<T>());
  }

  @inline slope(x: v128, t: v128, e: v128, one: v128): v128 {
    return Lanes.neg<T>(v128.mul<T>(t, SoftMargin.share<T>(x, t, e, one)));
  }

  @inline gradTarget(x: v128, t: v128, q: v128, e: v128): v128 {
    return this.slopeTarget(x, t, e, Lanes.one<T>());
  }

  /** 0 where the share is, whatever x */
  @inline slopeTarget(x: v128, t: v128, e: v128, one: v128): v128 {
    const share = SoftMargin.share<T>(x, t, e, one);
    return Lanes.neg<T>(v128.andnot(v128.mul<T>(x, share), v128.eq<T>(share, Lanes.zero())));
  }

  @inline confident(): f64 {
    return -1;
  }

  /** t² sigmoid(y) sigmoid(−y) */
  @inline hess(x: v128, t: v128, q: v128, e: v128): v128 {
    const sum = v128.add<T>(Lanes.one<T>(), e);
    return v128.div<T>(v128.mul<T>(v128.mul<T>(t, t), v128.div<T>(e, sum)), sum);
  }

  /** sigmoid(y): 1/(1 + e) where y ≥ 0, else e/(1 + e) */
  @inline static share<T extends number>(x: v128, t: v128, e: v128, one: v128): v128 {
    const isWrong = v128.le<T>(v128.mul<T>(t, x), Lanes.zero());
    return v128.div<T>(v128.bitselect(one, e, isWrong), v128.add<T>(one, e));
  }
}
