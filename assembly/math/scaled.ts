// biome-ignore-all lint/style/useConst: a const would become a v128.const in the loop, which V8 builds anew at every use
// biome-ignore-all lint/complexity/noStaticOnlyClass: @inline is legal on methods only

// Numbers m·2^e of any size, as pairs of f64 lanes: a product of a thousand probabilities is one, and sums of such products cost no
// logarithms. m is around 1 and e an integer; 0 has m = 0 and an e below all others, so that it never decides how a sum is aligned.

import { Lanes } from '../simd/lanes';
import { Exp, LN2_HIGH_F64, LN2_LOW_F64 } from './exp';
import { Log } from './log';

/** The e of 0; sums of millions of such are finite. */
export let NONE: v128 = f64x2.splat(-1.0715086071862673e301); // −2^1000
/** What is aligned by less than this is added as 0. */
let LEAST_SHIFT: v128 = f64x2.splat(-1023);
/** 2^52 + 1023: adding it leaves an integer, biased as an exponent is, in the low bits. */
let BIAS: v128 = f64x2.splat(4503599627371519);
let LOG2E: v128 = f64x2.splat(1.4426950408889634);
/** 1.5·2^52 */
let SHIFTER: v128 = f64x2.splat(6755399441055744);
let ONE: v128 = f64x2.splat(1);
/** 2^50: beyond it a number says nothing of what it is modulo ln 2. */
let FAR: v128 = f64x2.splat(1125899906842624);
let MANTISSA: v128 = i64x2.splat(0x000fffffffffffff);
let TWO_52: v128 = f64x2.splat(4503599627370496);
/** The least |e| for which m·2^e is not simply computed. */
const LARGE: f64 = 900;

export class Scaled {
  /** 2^d for integers d ≤ 1023, 0 for those below −1022. */
  @inline static power(d: v128): v128 {
    return i64x2.shl(f64x2.add(f64x2.pmax(d, LEAST_SHIFT), BIAS), 52);
  }

  /** m aligned to the greater exponent `top`. */
  @inline static aligned(m: v128, e: v128, top: v128): v128 {
    return f64x2.mul(m, Scaled.power(f64x2.sub(e, top)));
  }

  /** The same of one number. */
  @inline static alignedOne(m: f64, e: f64, top: v128): f64 {
    return m * f64x2.extract_lane(Scaled.power(f64x2.sub(f64x2.splat(e), top)), 0);
  }

  /** Writes e^x as m to p and as e to q; −inf gives 0, +inf an infinite m, NaN a NaN. */
  @inline static storeExp(p: usize, q: usize, x: v128): void {
    if (!v128.all_true<i64>(f64x2.lt(Lanes.abs<f64>(x), FAR))) {
      FAR_EXP(p, q, x);
      return;
    }
    const shifted = f64x2.add(f64x2.mul(x, LOG2E), SHIFTER);
    const n = f64x2.sub(shifted, SHIFTER);
    v128.store(p, f64x2.add(ONE, Exp.reduced<f64>(x, n)));
    v128.store(q, n);
  }

  /** Brings the n pairs at p and q, an even number, to 1 ≤ m < 2, but for what is 0, infinite or NaN. */
  static normalise(p: usize, q: usize, n: usize): void {
    for (; n; n -= 2) {
      const m = v128.load(p);
      const e = v128.load(q);
      const isUsual = v128.and(f64x2.gt(m, Lanes.zero()), f64x2.lt(m, Lanes.infinity<f64>()));
      const k = f64x2.sub(v128.or(i64x2.shr_u(m, 52), TWO_52), BIAS);
      v128.store(p, v128.bitselect(v128.or(v128.and(m, MANTISSA), ONE), m, isUsual));
      v128.store(q, f64x2.add(e, v128.and(k, isUsual)));
      p += 16;
      q += 16;
    }
  }

  /** The logarithm of m·2^e. */
  static log(m: f64, e: f64): f64 {
    // near 1 the logarithm is small, and a sum of two would lose it
    if (abs(e) < LARGE) return Scaled.logOf(m * f64x2.extract_lane(Scaled.power(f64x2.splat(e)), 0));
    return m == 0 ? -Infinity : Scaled.logOf(m) + e * 0.6931471805599453;
  }

  static logOf(x: f64): f64 {
    return f64x2.extract_lane(Log.of<f64>(f64x2.splat(x)), 0);
  }
}

/** The same where one of the lanes is far from 0, or no number. */
function FAR_EXP(p: usize, q: usize, x: v128): void {
  const isNumber = f64x2.lt(Lanes.abs<f64>(x), Lanes.infinity<f64>());
  const isNear = f64x2.lt(Lanes.abs<f64>(x), FAR);
  const n = f64x2.nearest(f64x2.mul(x, LOG2E));
  const high = f64x2.sub(x, f64x2.mul(n, LN2_HIGH_F64));
  const r = v128.and(f64x2.sub(high, f64x2.mul(n, LN2_LOW_F64)), isNear);
  const m = f64x2.add(ONE, Exp.reduced<f64>(r, Lanes.zero()));
  // max keeps NaN
  v128.store(p, v128.bitselect(m, f64x2.max(x, Lanes.zero()), isNumber));
  v128.store(q, v128.bitselect(n, v128.and(NONE, f64x2.lt(x, Lanes.zero())), isNumber));
}
