// Squared logarithmic error (Keras: MeanSquaredLogarithmicError), x and t at least P0, which is −∞ where nothing is said:
//   D²  with D = log(1 + x) − log(1 + t);   gradient 2D/(1 + x), with respect to the target −2D/(1 + t)
// and 0 for what is below P0. NaN where x or t is below −1. With d = |x − t| and B = 1 + min(x, t) the logarithm is one, |D| = log(1 + d/B),
// which keeps its digits where x is close to t:
//   log1p(d/B), whose argument is never below 0
//   k log 2 + s + s³ Q(s²)    f32, with s = 2N/(N + 2B) and N/B + 1 = 2^−k (1 + d/B), which is from 0.72 to 1.63; what B was rounded
//                             by counts, too

import { FiniteOp, PointOp } from '../loops/pointwise';
import { Log1pTail } from '../math/log1pTail';
import { P0 } from '../params';
import { Fma } from '../simd/fma';
import { Lanes } from '../simd/lanes';

/** Three eighths in an exponent's place: what is beyond 2^⅝ or so is halved. */
let SPLIT: v128 = i32x4.splat(0x00300000);
let EXPONENT: v128 = i32x4.splat(0xff800000);
let LN2: v128 = f32x4.splat(0.6931472);
let FAR: v128 = f32x4.splat(1.2676506e30); // 2¹⁰⁰
/** Below it s³ is nothing beside s, and may be subnormal. */
let TINY: v128 = f32x4.splat(9.094947e-13); // 2⁻⁴⁰
// Q on s² ≤ 0.2268: error 1.2e-8 of the logarithm (scripts/coefficients/msle.py)
let Q0: v128 = f32x4.splat(0.083334364);
let Q1: v128 = f32x4.splat(0.012472798);
let Q2: v128 = f32x4.splat(0.0024342642);

export class Msle<T extends number> extends PointOp<T> {
  /** D */
  @inline aux(x: v128, t: v128): v128 {
    return Msle.difference<T>(x, t, false);
  }

  /** D; where IS_FINITE is, NaN where the short formula has no meaning. */
  @inline static difference<T extends number>(x: v128, t: v128, IS_FINITE: bool): v128 {
    const a = v128.pmax<T>(x, P0);
    const b = v128.pmax<T>(t, P0);
    const d = v128.sub<T>(a, b);
    const least = v128.pmin<T>(a, b);
    const base = v128.add<T>(Lanes.one<T>(), least);
    const distance = Lanes.abs<T>(d);
    let log: v128;
    if (sizeof<T>() == 4) {
      const isFar = Msle.isFar<T>(distance, base);
      log = Msle.near<T>(distance, base, least);
      if (IS_FINITE) log = v128.or(log, isFar);
      else if (v128.any_true(isFar)) log = v128.bitselect(Msle.any<T>(distance, base), log, isFar);
    } else {
      log = Msle.any<T>(distance, base);
    }
    return v128.or(log, v128.and(d, Lanes.sign<T>()));
  }

  /** Whether 2^−k may be no normal number, or x or t is not above −1. */
  @inline static isFar<T extends number>(d: v128, base: v128): v128 {
    return v128.or(f32x4.ge(f32x4.add(d, base), FAR), f32x4.le(base, Lanes.zero()));
  }

  /** |D| elsewhere, f32 */
  @inline static near<T extends number>(d: v128, base: v128, least: v128): v128 {
    const one = Lanes.one<T>();
    const bits = i32x4.add(i32x4.sub(f32x4.add(d, base), base), SPLIT);
    const scale = i32x4.sub(one, v128.and(bits, EXPONENT));
    const rest = f32x4.sub(one, scale);
    const lost = f32x4.sub(least, f32x4.sub(base, one));
    const n = Fma.nmadd<T>(lost, rest, f32x4.sub(f32x4.mul(d, scale), f32x4.mul(base, rest)));
    const twice = f32x4.add(f32x4.add(n, f32x4.add(lost, lost)), f32x4.add(base, base));
    const s = f32x4.div(f32x4.add(n, n), twice);
    const cubed = v128.and(s, f32x4.ge(d, TINY));
    const s2 = f32x4.mul(cubed, cubed);
    const q = Fma.madd<T>(Fma.madd<T>(Q2, s2, Q1), s2, Q0);
    const k = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
    return Fma.madd<T>(k, LN2, Fma.madd<T>(f32x4.mul(cubed, s2), q, s));
  }

  static any<T extends number>(d: v128, base: v128): v128 {
    return v128.or(Log1pTail.full<T>(v128.div<T>(d, base)), v128.lt<T>(base, Lanes.zero()));
  }

  @inline value(x: v128, t: v128, q: v128, log: v128): v128 {
    return v128.mul<T>(log, log);
  }

  @inline grad(x: v128, t: v128, q: v128, log: v128): v128 {
    return Msle.per<T>(v128.add<T>(log, log), x, log);
  }

  @inline gradTarget(x: v128, t: v128, q: v128, log: v128): v128 {
    return Lanes.neg<T>(Msle.per<T>(v128.add<T>(log, log), t, log));
  }

  /** 2 (1 − D)/(1 + x)² */
  @inline hess(x: v128, t: v128, q: v128, log: v128): v128 {
    const half = v128.sub<T>(Lanes.one<T>(), log);
    return Msle.per<T>(Msle.per<T>(v128.add<T>(half, half), x, log), x, log);
  }

  /** v/(1 + y), and its limit 0 where y is infinite; 0 below P0. NaN where D is. */
  @inline static per<T extends number>(v: v128, y: v128, log: v128): v128 {
    const share = v128.div<T>(v, v128.add<T>(Lanes.one<T>(), y));
    const isFlat = v128.or(v128.lt<T>(y, P0), v128.eq<T>(y, Lanes.infinity<T>()));
    return v128.or(v128.andnot(share, isFlat), v128.ne<T>(log, log));
  }
}

/** f32; x and t are above −1 and at most 2¹⁰⁰. */
export class MsleFinite<T extends number> extends FiniteOp<T> {
  @inline aux(x: v128, t: v128): v128 {
    return Msle.difference<T>(x, t, true);
  }

  @inline value(x: v128, t: v128, q: v128, log: v128): v128 {
    return v128.mul<T>(log, log);
  }

  @inline grad(x: v128, t: v128, q: v128, log: v128): v128 {
    const share = v128.div<T>(v128.add<T>(log, log), v128.add<T>(Lanes.one<T>(), x));
    return v128.andnot(share, v128.lt<T>(x, P0));
  }
}
