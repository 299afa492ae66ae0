// Binary cross entropy of a probability x and target t (PyTorch: nn.functional.binary_cross_entropy):
//   −(t log p + (1 − t) log(1 − p)),   gradient (p − t)/(p (1 − p))
//
// One formula covers the three ways to stay finite at p = 0 and 1:
//   PyTorch        logs at least −100, the gradient's denominator at least 1e-12
//   eps, 'clip'    p = x clipped to [eps, 1 − eps]; gradient 0 where it was clipped (Keras)
//   eps, 'add'     log(p + eps) and log(1 − p + eps) (TensorFlow.js)
// P0, P1: range of p; P2: what is added inside the logs; P3: least logarithm; P4: least denominator.
// Outside [0, 1], where nothing clips, value and gradient are NaN.

import { ProductOp } from '../loops/product';
import { Log } from '../math/log';
import { Log1p } from '../math/log1p';
import { P0, P1, P2, P3, P4 } from '../params';
import { Lanes } from '../simd/lanes';

export class Bce<T extends number> extends ProductOp<T> {
  /** p */
  @inline aux(x: v128, t: v128): v128 {
    return v128.pmax<T>(v128.pmin<T>(x, P1), P0);
  }

  /** Each lane takes the logarithm of its nearer class first: the other one is not due where targets are 0 or 1. */
  @inline value(x: v128, t: v128, q: v128, p: v128): v128 {
    const rest = v128.sub<T>(Lanes.one<T>(), t);
    const isYes = v128.ge<T>(t, Lanes.half<T>());
    const sum = LOGS<T>(p, isYes, v128.bitselect(t, rest, isYes), v128.bitselect(rest, t, isYes));
    return v128.or(v128.sub<T>(Lanes.zero(), sum), Bce.outside<T>(p));
  }

  @inline grad(x: v128, t: v128, q: v128, p: v128): v128 {
    const one = Lanes.one<T>();
    const product = v128.mul<T>(v128.add<T>(p, P2), v128.add<T>(v128.sub<T>(one, p), P2));
    const shift = v128.mul<T>(P2, v128.sub<T>(one, v128.add<T>(t, t)));
    const g = v128.div<T>(v128.add<T>(v128.sub<T>(p, t), shift), v128.pmax<T>(product, P4));
    // 0 where x was clipped
    return v128.or(v128.andnot(g, v128.ne<T>(x, p)), Bce.outside<T>(p));
  }

  /** The same where nothing clips and nothing is added: then x (1 − x) is below 0 outside [0, 1], and nowhere else. */
  @inline slope(x: v128, t: v128, one: v128): v128 {
    const product = v128.mul<T>(x, v128.sub<T>(one, x));
    const g = v128.div<T>(v128.sub<T>(x, t), v128.pmax<T>(product, P4));
    return v128.or(g, v128.lt<T>(product, Lanes.zero()));
  }

  @inline slopeTarget(x: v128): v128 {
    return this.gradTarget(x, x, x, x);
  }

  /** log(1 − p) − log p */
  @inline gradTarget(x: v128, t: v128, q: v128, p: v128): v128 {
    const one = Lanes.one<T>();
    const none = Lanes.zero();
    return v128.or(LOGS<T>(p, none, one, Lanes.neg<T>(one)), Bce.outside<T>(p));
  }

  /** All ones, which is a NaN, where p is no probability or NaN; the logarithms leave NaN to this. */
  @inline static outside<T extends number>(p: v128): v128 {
    return v128.ne<T>(p, v128.pmax<T>(v128.pmin<T>(p, Lanes.one<T>()), Lanes.zero()));
  }
}

/**
 * c log p + d log(1 − p) in the lanes of isYes, d log p + c log(1 − p) elsewhere, the second where any d is not 0. The two
 * logarithms differ in how they split their argument, not in the series. Where 1 − p is 1, log(1 − p) is −p, and the series is
 * kept from it (see Log1p).
 */
function LOGS<T extends number>(p: v128, isYes: v128, c: v128, d: v128): v128 {
  const one = Lanes.one<T>();
  const yes = v128.add<T>(p, P2);
  const no = v128.sub<T>(P2, p);
  const onePlusNo = v128.add<T>(no, one);
  const isTiny = v128.eq<T>(onePlusNo, one);
  const tiny = v128.and(no, isTiny);
  const yesBits = Log.bits<T>(yes);
  const noBits = Log1p.bits<T>(onePlusNo);
  const yesF = Log.fraction<T>(yesBits);
  const noF = v128.andnot(Log1p.fraction<T>(noBits, no), isTiny);
  const yesK = Log.exponent<T>(yesBits, yes);
  const noK = Lanes.neg<T>(Log1p.minusExponent<T>(noBits));
  let sum = Lanes.zero();
  for (;;) {
    const log = Log.joined<T>(v128.bitselect(yesF, noF, isYes), v128.bitselect(yesK, noK, isYes));
    const whole = v128.or(log, v128.andnot(tiny, isYes));
    const finite = Log.atZero<T>(whole, v128.bitselect(yes, onePlusNo, isYes));
    sum = v128.add<T>(sum, v128.mul<T>(c, v128.pmax<T>(finite, P3)));
    if (!v128.any_true(v128.ne<T>(d, Lanes.zero()))) break;
    c = d;
    d = Lanes.zero();
    isYes = v128.not(isYes);
  }
  return sum;
}
