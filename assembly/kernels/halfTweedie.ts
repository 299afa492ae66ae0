// Half the Tweedie deviance of a target t and a mean μ, which is x where P2 is not 0, else e^x (scikit-learn: HalfTweedieLoss). p is the
// power of the variance, 1 − p is P0, 2 − p is P1:
//   μ^(2−p)/(2−p) − t μ^(1−p)/(1−p) + t^(2−p)/((1−p)(2−p)),   gradient x^−p (x − t) or e^((1−p)x) (e^x − t)
// with p = 0, where P4 is 1, (μ − t)²/2, for any t. Where P3 is 0 what depends on t alone is left out: with p = 1 μ − t x, with p = 2 x + t/μ. Else it
// is written as two numbers that are at least 0 for p from 1 to 2, with λ = log(μ/t) and ψ(y) = e^y − 1 − y:
//   t^(2−p) (ψ((2−p) λ)/(2−p) − ψ((1−p) λ)/(1−p))
// A term whose divisor is 0 is 0 by its limit.

import { FiniteOp, PointOp } from '../loops/pointwise';
import { Excess } from '../math/excess';
import { Exp } from '../math/exp';
import { Expm1 } from '../math/expm1';
import { Log } from '../math/log';
import { Log1p } from '../math/log1p';
import { hasEps as isMean, P0, P1, P3, P4 } from '../params';
import { Lanes } from '../simd/lanes';

let SIXTEEN_F32: v128 = f32x4.splat(16);
let SIXTEEN_F64: v128 = f64x2.splat(16);

// What `aux` has found. Globals: each of the formulas would have a copy of it.
let whole: v128 = i32x4.splat(0); // μ^(2−p)
let power: v128 = i32x4.splat(0); // μ^(1−p), with p = 0 the mean itself
let product: v128 = i32x4.splat(0); // t μ^(1−p), 0 where t is
let isOut: v128 = i32x4.splat(0); // where x or t is NaN, or none that this p has

export class HalfTweedie<T extends number> extends PointOp<T> {
  @inline aux(x: v128, t: v128): v128 {
    let out = HalfTweedie.isOff<T>(t);
    if (isMean) {
      const log = Log.shared<T>(x);
      whole = HalfTweedie.raised<T>(x, log, P1);
      power = HalfTweedie.raised<T>(x, log, P0);
      out = v128.or(out, v128.le<T>(x, Lanes.zero()));
    } else {
      whole = HalfTweedie.exp<T>(v128.mul<T>(P1, x));
      power = HalfTweedie.exp<T>(v128.mul<T>(P0, x));
    }
    product = HalfTweedie.times<T>(t, power);
    const isNan = v128.or(v128.ne<T>(x, x), v128.ne<T>(t, t));
    isOut = v128.or(isNan, v128.andnot(out, HalfTweedie.isSquare<T>()));
    return power;
  }

  @inline value(x: v128, t: v128, q: v128, aux: v128): v128 {
    const loss = v128.any_true(P3)
      ? HalfTweedie.deviance<T>(x, t)
      : HalfTweedie.rest<T>(x, HalfTweedie.times<T>(t, x));
    return HalfTweedie.settled<T>(loss, Lanes.infinity<T>());
  }

  @inline grad(x: v128, t: v128, q: v128, aux: v128): v128 {
    if (!isMean) return HalfTweedie.settled<T>(v128.sub<T>(whole, product), HalfTweedie.endOf<T>(x));
    const d = v128.sub<T>(x, t);
    const g = v128.bitselect(d, v128.mul<T>(d, v128.div<T>(power, x)), HalfTweedie.isSquare<T>());
    return HalfTweedie.settled<T>(g, Lanes.zero());
  }

  /** (t^(1−p) − μ^(1−p))/(1 − p), the second alone where the first is left out; with p = 1 −λ, or −x */
  @inline gradTarget(x: v128, t: v128, q: v128, aux: v128): v128 {
    let line = x;
    let gap = Lanes.neg<T>(power);
    if (v128.any_true(P3)) {
      const logT = Log.shared<T>(t);
      line = HalfTweedie.lambda<T>(x, t, logT);
      const own = HalfTweedie.raised<T>(t, logT, P0);
      const y = v128.mul<T>(P0, line);
      const near = Lanes.neg<T>(v128.mul<T>(own, Expm1.of<T>(y)));
      gap = v128.bitselect(near, v128.sub<T>(own, power), v128.lt<T>(Lanes.abs<T>(y), Lanes.one<T>()));
    }
    const slope = v128.bitselect(Lanes.neg<T>(line), v128.div<T>(gap, P0), v128.eq<T>(P0, Lanes.zero()));
    const g = v128.bitselect(v128.sub<T>(t, power), slope, HalfTweedie.isSquare<T>());
    return HalfTweedie.settled<T>(g, Lanes.neg<T>(HalfTweedie.endOf<T>(x)));
  }

  /** (2 − p) μ^(2−p) − (1 − p) t μ^(1−p), or x^(−p−1) ((1 − p) x + p t) */
  @inline hess(x: v128, t: v128, q: v128, aux: v128): v128 {
    const one = Lanes.one<T>();
    if (!isMean) {
      const h = v128.sub<T>(v128.mul<T>(P1, whole), v128.mul<T>(P0, product));
      return HalfTweedie.settled<T>(h, Lanes.infinity<T>());
    }
    const sum = v128.add<T>(v128.mul<T>(P0, x), v128.mul<T>(v128.sub<T>(one, P0), t));
    const h = v128.div<T>(v128.mul<T>(v128.div<T>(power, x), sum), x);
    return HalfTweedie.settled<T>(v128.bitselect(one, h, HalfTweedie.isSquare<T>()), Lanes.zero());
  }

  /** Whether p is 0, as lanes: 2 − p may be 2 where it is not. */
  @inline static isSquare<T extends number>(): v128 {
    return v128.eq<T>(P4, Lanes.one<T>());
  }

  /** Whether t is none that a p other than 0 has. */
  @inline static isOff<T extends number>(t: v128): v128 {
    const zero = Lanes.zero();
    return v128.or(v128.lt<T>(t, zero), v128.and(v128.eq<T>(t, zero), v128.le<T>(P1, zero)));
  }

  /** t v, 0 where t is */
  @inline static times<T extends number>(t: v128, v: v128): v128 {
    return v128.andnot(v128.mul<T>(t, v), v128.eq<T>(t, Lanes.zero()));
  }

  /** e^y; in f32 a loss promises no more than the coarse one has. */
  @inline static exp<T extends number>(y: v128): v128 {
    if (sizeof<T>() == 4) return Exp.coarseFull<T>(y);
    return Exp.shared<T>(y);
  }

  /** v^c given log v: −2, −1 and 1 have their digits without it. */
  static raised<T extends number>(v: v128, log: v128, c: v128): v128 {
    const one = Lanes.one<T>();
    const inverse = v128.div<T>(one, v);
    const minus = Lanes.neg<T>(c);
    let y = HalfTweedie.exp<T>(v128.mul<T>(c, log));
    y = v128.bitselect(v, y, v128.eq<T>(c, one));
    y = v128.bitselect(inverse, y, v128.eq<T>(minus, one));
    return v128.bitselect(v128.mul<T>(inverse, inverse), y, v128.eq<T>(minus, v128.add<T>(one, one)));
  }

  /** Without what depends on t alone; `line` is t x. */
  @inline static rest<T extends number>(x: v128, line: v128): v128 {
    const zero = Lanes.zero();
    const first = v128.bitselect(x, v128.div<T>(whole, P1), v128.eq<T>(P1, zero));
    return v128.sub<T>(first, v128.bitselect(line, v128.div<T>(product, P0), v128.eq<T>(P0, zero)));
  }

  /** With p = 0 the half of a square. */
  @inline static deviance<T extends number>(x: v128, t: v128): v128 {
    const logT = Log.shared<T>(t);
    const lambda = HalfTweedie.lambda<T>(x, t, logT);
    const base = HalfTweedie.raised<T>(t, logT, P1);
    const first = HalfTweedie.part<T>(P1, lambda, whole, base);
    const sum = v128.sub<T>(first, HalfTweedie.part<T>(P0, lambda, product, base));
    const loss = v128.bitselect(v128.div<T>(whole, P1), sum, v128.eq<T>(t, Lanes.zero()));
    const d = v128.sub<T>(power, t);
    const square = v128.mul<T>(v128.mul<T>(d, d), Lanes.half<T>());
    return v128.bitselect(square, loss, HalfTweedie.isSquare<T>());
  }

  /** log(μ/t), of means with its digits where they are close to t */
  static lambda<T extends number>(x: v128, t: v128, logT: v128): v128 {
    if (!isMean) return v128.sub<T>(x, logT);
    const d = v128.sub<T>(x, t);
    const size = Log1p.shared<T>(v128.div<T>(Lanes.abs<T>(d), v128.pmin<T>(x, t)));
    return v128.or(size, v128.and(d, Lanes.sign<T>()));
  }

  /** base ψ(y)/c with y = c λ, where base e^y is `all`; 0 where c is. */
  static part<T extends number>(c: v128, lambda: v128, all: v128, base: v128): v128 {
    const y = v128.mul<T>(c, lambda);
    const near = v128.mul<T>(base, Excess.of<T>(Expm1.of<T>(y), y));
    const far = v128.sub<T>(all, v128.mul<T>(base, v128.add<T>(Lanes.one<T>(), y)));
    const isFar = v128.gt<T>(Lanes.abs<T>(y), sizeof<T>() == 4 ? SIXTEEN_F32 : SIXTEEN_F64);
    const share = v128.div<T>(v128.bitselect(far, near, isFar), c);
    return v128.andnot(share, v128.eq<T>(c, Lanes.zero()));
  }

  /** v, its limit where that is a difference of infinities; NaN where x or t is, or is none that this p has. */
  @inline static settled<T extends number>(v: v128, limit: v128): v128 {
    return v128.or(v128.bitselect(limit, v, v128.ne<T>(v, v)), isOut);
  }

  /** Infinity with the sign of x */
  @inline static endOf<T extends number>(x: v128): v128 {
    return v128.or(Lanes.infinity<T>(), v128.and(x, Lanes.sign<T>()));
  }
}

/** Of logarithms of means, without what depends on t alone; both exponents are less than 87.3 in size. */
export class HalfTweedieFinite<T extends number> extends FiniteOp<T> {
  @inline aux(x: v128, t: v128): v128 {
    whole = Exp.coarseOrNaN<T>(v128.mul<T>(P1, x));
    product = v128.mul<T>(t, Exp.coarseOrNaN<T>(v128.mul<T>(P0, x)));
    return whole;
  }

  @inline value(x: v128, t: v128, q: v128, aux: v128): v128 {
    return v128.or(HalfTweedie.rest<T>(x, v128.mul<T>(t, x)), HalfTweedie.isOff<T>(t));
  }

  @inline grad(x: v128, t: v128, q: v128, aux: v128): v128 {
    return v128.sub<T>(whole, product);
  }
}
