// Binary cross entropy of a probability x and target t (PyTorch: nn.functional.binary_cross_entropy):
//   −(t log p + (1 − t) log(1 − p)),   gradient (p − t)/(p (1 − p))
//
// Three ways to stay finite at p = 0 and 1:
//   PyTorch        p = x; logs at least −100 (P3), the gradient's denominator at least 1e-12 (P4)
//   eps, 'clip'    p = x clipped to [eps, 1 − eps]; gradient 0 where it was clipped (Keras); P0 = eps
//   eps, 'add'     log(x + eps) and log(1 − x + eps) (TensorFlow.js); P1 = eps
// Outside [0, 1], where nothing clips, value and gradient are NaN.
//
// 1 − eps is no number of the dtype, and neither is 1 − x below ½. So with an eps everything is said of the rarer of the two
// outcomes: its probability r = min(x, 1 − x) is exact, clipping is a maximum with eps, and the two logarithms are
//   log(r + P1)   and   log(1 − r + P1) = log1p(P1 − r)
// Label smoothing changes the two coefficients alone; the gradient is then (b x − a (1 − x))/(x (1 − x)), as x − a would be rounded.

import { ProductOp } from '../loops/product';
import { isSmoothed, Smoothing } from '../loops/smoothing';
import { Log } from '../math/log';
import { Log1p } from '../math/log1p';
import { hasEps, P0, P1, P3, P4 } from '../params';
import { Lanes } from '../simd/lanes';

/** 2⁻¹²⁴: below it 4·2⁻ᵏ is beyond f32. */
let LEAST: v128 = f32x4.splat(4.7019774e-38);

export class Bce<T extends number> extends ProductOp<T> {
  /** x, or with an eps the rarer outcome's probability, clipped. */
  @inline aux(x: v128, t: v128): v128 {
    return hasEps ? v128.pmax<T>(Bce.rarer<T>(x), P0) : x;
  }

  @inline static rarer<T extends number>(x: v128): v128 {
    return v128.pmin<T>(x, v128.sub<T>(Lanes.one<T>(), x));
  }

  /** Each lane takes the logarithm of its nearer class first: the other one is not due where targets are 0 or 1. */
  @inline value(x: v128, t: v128, q: v128, p: v128): v128 {
    const share = Smoothing.of<T>(t);
    const rest = Smoothing.rest<T>(t);
    const isYes = v128.ge<T>(t, Lanes.half<T>());
    const near = v128.bitselect(share, rest, isYes);
    const sum = LOGS<T>(x, p, isYes, near, v128.bitselect(rest, share, isYes));
    return v128.or(v128.sub<T>(Lanes.zero(), sum), Bce.outside<T>(p));
  }

  @inline grad(x: v128, t: v128, q: v128, p: v128): v128 {
    const one = Lanes.one<T>();
    if (!hasEps && !isSmoothed) return this.slope(x, t, one);
    const product = v128.mul<T>(v128.add<T>(p, P1), v128.add<T>(v128.sub<T>(one, p), P1));
    let difference = v128.sub<T>(x, t);
    difference = v128.add<T>(difference, v128.mul<T>(P1, v128.sub<T>(one, v128.add<T>(t, t))));
    if (isSmoothed) {
      const no = v128.mul<T>(Smoothing.rest<T>(t), v128.add<T>(x, P1));
      const yes = v128.mul<T>(Smoothing.of<T>(t), v128.add<T>(v128.sub<T>(one, x), P1));
      difference = v128.sub<T>(no, yes);
    }
    const g = v128.div<T>(difference, v128.pmax<T>(product, P4));
    return v128.or(v128.andnot(g, v128.lt<T>(Bce.rarer<T>(x), P0)), Bce.outside<T>(p));
  }

  /** The same without an eps: then x (1 − x) is below 0 outside [0, 1], and nowhere else. */
  @inline slope(x: v128, t: v128, one: v128): v128 {
    const product = v128.mul<T>(x, v128.sub<T>(one, x));
    const g = v128.div<T>(v128.sub<T>(x, t), v128.pmax<T>(product, P4));
    return v128.or(g, v128.lt<T>(product, Lanes.zero()));
  }

  @inline slopeTarget(x: v128): v128 {
    return this.gradTarget(x, x, x, x);
  }

  /** t/p² + (1 − t)/(1 − p)², 0 where x was clipped; a part whose coefficient is 0 counts for nothing. */
  @inline hess(x: v128, t: v128, q: v128, p: v128): v128 {
    const one = Lanes.one<T>();
    const share = Smoothing.of<T>(t);
    const rest = Smoothing.rest<T>(t);
    const isSwapped = hasEps ? v128.gt<T>(x, Lanes.half<T>()) : Lanes.zero();
    const yes = Bce.part<T>(v128.bitselect(rest, share, isSwapped), v128.add<T>(p, P1));
    const no = Bce.part<T>(v128.bitselect(share, rest, isSwapped), v128.add<T>(v128.sub<T>(one, p), P1));
    const sum = v128.andnot(v128.add<T>(yes, no), v128.lt<T>(Bce.rarer<T>(x), P0));
    return v128.or(sum, Bce.outside<T>(p));
  }

  /** c/p², 0 where c is */
  @inline static part<T extends number>(c: v128, p: v128): v128 {
    return v128.andnot(v128.div<T>(v128.div<T>(c, p), p), v128.eq<T>(c, Lanes.zero()));
  }

  /** log(1 − p) − log p */
  @inline gradTarget(x: v128, t: v128, q: v128, p: v128): v128 {
    const one = Lanes.one<T>();
    const logs = LOGS<T>(x, p, Lanes.zero(), one, Lanes.neg<T>(one));
    return v128.or(Smoothing.back<T>(logs), Bce.outside<T>(p));
  }

  /**
   * log(yes + low) in the lanes of isYes, log(1 + no) elsewhere: they differ in how they split their argument, not in the series. Where
   * 1 + no is 1, the logarithm is `no`, and the series is kept from it (see Log1p).
   */
  @inline static log<T extends number>(yes: v128, low: v128, no: v128, onePlusNo: v128, isYes: v128): v128 {
    const u = v128.bitselect(yes, onePlusNo, isYes);
    const isTiny = v128.andnot(v128.eq<T>(onePlusNo, Lanes.one<T>()), isYes);
    let f: v128;
    let log: v128;
    if (sizeof<T>() == 4) {
      // one way to split for both: 2⁻ᵏ(1 + no) − 1 and 2⁻ᵏ yes − 1 are exact
      const bits = Log1p.bits<T>(u);
      f = Log1p.fractionOfSum<T>(bits, v128.bitselect(yes, no, isYes), isYes);
      if (hasEps) f = v128.add<T>(f, v128.and(low, isYes));
      log = Log1p.joined<T>(v128.andnot(f, isTiny), Log1p.minusExponent<T>(bits));
      const isSmall = v128.lt<T>(u, LEAST);
      if (v128.any_true(isSmall)) log = v128.bitselect(Log.positive<T>(u), log, isSmall);
    } else {
      const yesBits = Log.bits<T>(yes);
      const noBits = Log1p.bits<T>(onePlusNo);
      const yesF = v128.add<T>(Log.fraction<T>(yesBits), low);
      f = v128.bitselect(yesF, v128.andnot(Log1p.fraction<T>(noBits, no), isTiny), isYes);
      const noK = Lanes.neg<T>(Log1p.minusExponent<T>(noBits));
      log = Log.joined<T>(f, v128.bitselect(Log.exponent<T>(yesBits, yes), noK, isYes));
    }
    return Log.atZero<T>(v128.or(log, v128.and(no, isTiny)), u);
  }

  /** log(yes + low), as above to the bit. */
  @inline static logYes<T extends number>(yes: v128, low: v128): v128 {
    const bits = Log.bits<T>(yes);
    let f = Log.fraction<T>(bits);
    if (hasEps) f = v128.add<T>(f, low);
    return Log.atZero<T>(Log.joined<T>(f, Log.exponent<T>(bits, yes)), yes);
  }

  /** log(1 + no), as above to the bit. */
  @inline static logNo<T extends number>(no: v128, onePlusNo: v128): v128 {
    const isTiny = v128.eq<T>(onePlusNo, Lanes.one<T>());
    const bits = Log1p.bits<T>(onePlusNo);
    const f = v128.andnot(Log1p.fraction<T>(bits, no), isTiny);
    const log = Log1p.joined<T>(f, Log1p.minusExponent<T>(bits));
    return Log.atZero<T>(v128.or(log, v128.and(no, isTiny)), onePlusNo);
  }

  /** All ones, which is a NaN, where p is no probability or NaN; the logarithms leave NaN to this. */
  @inline static outside<T extends number>(p: v128): v128 {
    return v128.ne<T>(p, v128.pmax<T>(v128.pmin<T>(p, Lanes.one<T>()), Lanes.zero()));
  }
}

/**
 * c log p + d log(1 − p) in the lanes of isYes, d log p + c log(1 − p) elsewhere, the second where any d is not 0; p is what aux
 * made of x. `low` is what the sum with an eps was rounded by, near 1 exactly: there it counts.
 */
function LOGS<T extends number>(x: v128, p: v128, isYes: v128, c: v128, d: v128): v128 {
  const one = Lanes.one<T>();
  let yes = p;
  let low = Lanes.zero();
  let no = Lanes.neg<T>(p);
  if (hasEps) {
    yes = v128.add<T>(p, P1);
    low = v128.sub<T>(P1, v128.sub<T>(yes, p));
    no = v128.sub<T>(P1, p);
    isYes = v128.xor(isYes, v128.ge<T>(x, Lanes.half<T>()));
  }
  const onePlusNo = v128.add<T>(no, one);
  if (!v128.any_true(v128.ne<T>(d, Lanes.zero()))) {
    return v128.mul<T>(c, v128.pmax<T>(Bce.log<T>(yes, low, no, onePlusNo, isYes), P3));
  }
  const logYes = v128.pmax<T>(Bce.logYes<T>(yes, low), P3);
  const logNo = v128.pmax<T>(Bce.logNo<T>(no, onePlusNo), P3);
  const sum = v128.mul<T>(v128.bitselect(c, d, isYes), logYes);
  return v128.add<T>(sum, v128.mul<T>(v128.bitselect(d, c, isYes), logNo));
}
