// Binary cross entropy of a logit x, target z in [0, 1] and positive weight q
// (PyTorch: nn.functional.binary_cross_entropy_with_logits):
//   q z softplus(−x) + (1 − z) softplus(x)
// with softplus(±x) = max(±x, 0) + log1p(e^−|x|): exact for z = 0 and z = 1, finite at ±3e38, and relatively
// accurate in both tails, where the textbook max(x, 0) − x z + log1p(e^−|x|) cancels for z near 1.
// With label smoothing (1 − ε) z + ½ε stands for z, (1 − ε)(1 − z) + ½ε for 1 − z.
// A term whose coefficient is 0 contributes 0 even at an infinite logit (the limit; PyTorch: NaN).
import { q as posWeights } from '../loops/cursor';
import { Smoothing } from '../loops/smoothing';
import { SoftplusOp } from '../loops/softplus';
import { Exp } from '../math/exp';
import { Log1p } from '../math/log1p';
import { Fma } from '../simd/fma';
import { Lanes } from '../simd/lanes';

export class BceWithLogits<T extends number> extends SoftplusOp<T> {
  @inline exponent(x: v128, z: v128): v128 {
    return Lanes.minusAbs<T>(x);
  }

  @inline exponentAt(x: usize, z: usize): v128 {
    return Lanes.minusAbs<T>(v128.load(x));
  }

  /** e to that */
  @inline aux(x: v128, z: v128): v128 {
    return Exp.coarseFlush<T>(this.exponent(x, z));
  }

  @inline value(x: v128, z: v128, q: v128, e: v128): v128 {
    const yes = Smoothing.of<T>(z);
    const positive = v128.mul<T>(q, yes);
    const negative = Smoothing.rest<T>(z);
    let linear = BceWithLogits.line<T>(x, positive, negative);
    if (posWeights) {
      const isFar = v128.eq<T>(e, Lanes.zero());
      if (v128.any_true(isFar)) {
        linear = v128.bitselect(BceWithLogits.farLine<T>(x, yes, q, negative), linear, isFar);
      }
    }
    return v128.add<T>(linear, v128.mul<T>(v128.add<T>(positive, negative), Log1p.coarse<T>(e)));
  }

  /**
   * q z max(−x, 0) + n max(x, 0) for any x. q z may be subnormal, and so may z |x|: the greater of q and |x| is multiplied
   * first. Where e is not 0, |x| is too small for the digits that q z has lost to show.
   */
  @inline static farLine<T extends number>(x: v128, z: v128, q: v128, n: v128): v128 {
    const above = v128.ge<T>(x, Lanes.zero());
    const c = v128.bitselect(n, z, above);
    const k = v128.bitselect(Lanes.one<T>(), q, above);
    const distance = Lanes.abs<T>(x);
    const product = v128.mul<T>(v128.mul<T>(c, v128.pmax<T>(k, distance)), v128.pmin<T>(k, distance));
    return v128.andnot(product, v128.eq<T>(v128.pmin<T>(c, k), Lanes.zero()));
  }

  /** The value is this plus log(1 + e), without a posWeight: c x with c = [x ≥ 0] − z, and 0 where c is. */
  @inline linear(x: v128, z: v128, one: v128, IS_NEAR: bool): v128 {
    const c = v128.sub<T>(v128.and(v128.ge<T>(x, Lanes.zero()), one), z);
    const product = v128.mul<T>(c, x);
    return IS_NEAR ? product : v128.andnot(product, v128.eq<T>(c, Lanes.zero()));
  }

  /** p max(−x, 0) + n max(x, 0): one of the two terms, and 0 where its coefficient is. */
  @inline static line<T extends number>(x: v128, p: v128, n: v128): v128 {
    const above = v128.ge<T>(x, Lanes.zero());
    const c = v128.xor(p, v128.and(v128.xor(p, n), above));
    return v128.andnot(v128.mul<T>(c, Lanes.abs<T>(x)), v128.eq<T>(c, Lanes.zero()));
  }

  @inline grad(x: v128, z: v128, q: v128, e: v128): v128 {
    const positive = v128.mul<T>(q, Smoothing.of<T>(z));
    return BceWithLogits.difference<T>(x, positive, Smoothing.rest<T>(z), e, Lanes.one<T>());
  }

  /**
   * n sigmoid(x) − p sigmoid(−x). The larger of the two sigmoids is 1/(1 + e), the smaller e/(1 + e); so with c the larger's
   * coefficient and d the other's, n and −p, this is (c + d e)/(1 + e).
   */
  @inline static difference<T extends number>(x: v128, p: v128, n: v128, e: v128, one: v128): v128 {
    const above = v128.ge<T>(x, Lanes.zero());
    const minus = Lanes.neg<T>(p);
    const both = v128.xor(minus, n);
    const c = v128.xor(minus, v128.and(both, above));
    return v128.div<T>(Fma.madd<T>(v128.xor(c, both), e, c), v128.add<T>(one, e));
  }

  /** The same bits for q = 1: then c is [x ≥ 0] − z, and d [x < 0] − z. */
  @inline slope(x: v128, z: v128, e: v128, one: v128): v128 {
    const above = v128.ge<T>(x, Lanes.zero());
    const c = v128.sub<T>(v128.and(above, one), z);
    const d = v128.sub<T>(v128.andnot(one, above), z);
    return v128.div<T>(Fma.madd<T>(d, e, c), v128.add<T>(one, e));
  }

  /** (q z + 1 − z) sigmoid(x) sigmoid(−x) */
  @inline hess(x: v128, z: v128, q: v128, e: v128): v128 {
    const one = Lanes.one<T>();
    const sum = v128.add<T>(one, e);
    const c = v128.add<T>(v128.mul<T>(q, Smoothing.of<T>(z)), Smoothing.rest<T>(z));
    return v128.div<T>(v128.mul<T>(c, v128.div<T>(e, sum)), sum);
  }

  /** q softplus(−x) − softplus(x), where a q of 0 counts for nothing at x = −inf either */
  @inline gradTarget(x: v128, z: v128, q: v128, e: v128): v128 {
    const below = v128.pmax<T>(Lanes.zero(), Lanes.neg<T>(x));
    const above = v128.pmax<T>(Lanes.zero(), x);
    const weighted = v128.andnot(v128.mul<T>(q, below), v128.eq<T>(q, Lanes.zero()));
    const linear = v128.sub<T>(weighted, above);
    const log = v128.mul<T>(v128.sub<T>(q, Lanes.one<T>()), Log1p.coarse<T>(e));
    return Smoothing.back<T>(v128.add<T>(linear, log));
  }

  /** The same for q = 1, where the logarithms cancel. */
  @inline slopeTarget(x: v128, z: v128, e: v128, one: v128): v128 {
    return v128.sub<T>(Lanes.zero(), x);
  }

  @inline confident(): f64 {
    return 0;
  }
}
