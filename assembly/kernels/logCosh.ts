// Log-cosh, with d = x − t (optax: losses.log_cosh); gradient tanh d.
//
// f32, with s = e^−2|d| and z = d², of which P and Q are polynomials:
//   z P(z)                        where z ≤ ½;   gradient d Q(z)
//   |d| − log 2 + log(1 + s)      elsewhere;     gradient ±(1 − s)/(1 + s)
// f64, with E = expm1(−|d|), which keeps its digits where d is small:
//   log1p(E² / (2 + 2E))             where |d| ≤ 1
//   |d| − log 2 + log1p((1 + E)²)    elsewhere;  gradient ∓E (2 + E) / (1 + (1 + E)²)
// P0 is log 2.

import { isSecant } from '../loops/hessian';
import { PointOp } from '../loops/pointwise';
import { Exp } from '../math/exp';
import { Expm1 } from '../math/expm1';
import { Log1pTail } from '../math/log1pTail';
import { P0 } from '../params';
import { Fma } from '../simd/fma';
import { Lanes } from '../simd/lanes';

// P on z ≤ ½: error 2.6e-9 of log cosh d (scripts/coefficients/logCosh.py)
let P1: v128 = f32x4.splat(-0.08333322);
let P2: v128 = f32x4.splat(0.022218823);
let P3: v128 = f32x4.splat(-0.0067136255);
let P4: v128 = f32x4.splat(0.0020492729);
let P5: v128 = f32x4.splat(-0.00045858213);
// Q there: error 1.7e-8 of tanh d
let Q1: v128 = f32x4.splat(-0.33333176);
let Q2: v128 = f32x4.splat(0.13328803);
let Q3: v128 = f32x4.splat(-0.05353746);
let Q4: v128 = f32x4.splat(0.020034255);
let Q5: v128 = f32x4.splat(-0.0050856457);
// log(1 + s)/s on s ≤ e^−√2: error 1.8e-8 of log cosh d
let L0: v128 = f32x4.splat(0.9999965);
let L1: v128 = f32x4.splat(-0.499831);
let L2: v128 = f32x4.splat(0.33047065);
let L3: v128 = f32x4.splat(-0.2273845);
let L4: v128 = f32x4.splat(0.11110643);

export class LogCosh<T extends number> extends PointOp<T> {
  /** s, or E */
  @inline aux(x: v128, t: v128): v128 {
    const d = v128.sub<T>(x, t);
    if (sizeof<T>() == 4) return Exp.coarseFlush<T>(Lanes.minusAbs<T>(v128.add<T>(d, d)));
    return Expm1.nonpositive<T>(Lanes.minusAbs<T>(d));
  }

  @inline value(x: v128, t: v128, q: v128, e: v128): v128 {
    const d = v128.sub<T>(x, t);
    const distance = Lanes.abs<T>(d);
    if (sizeof<T>() == 4) {
      const z = f32x4.mul(d, d);
      const half = Lanes.half<T>();
      const log = Fma.madd<T>(
        Fma.madd<T>(Fma.madd<T>(L4, e, L3), e, L2),
        f32x4.mul(e, e),
        Fma.madd<T>(L1, e, L0),
      );
      const far = Fma.madd<T>(log, e, f32x4.sub(distance, P0));
      return v128.bitselect(
        f32x4.mul(z, LogCosh.series<T>(z, half, P1, P2, P3, P4, P5)),
        far,
        f32x4.le(z, half),
      );
    }
    const one = Lanes.one<T>();
    const rest = v128.add<T>(one, e);
    const isNear = v128.le<T>(distance, one);
    const near = v128.div<T>(v128.mul<T>(e, e), v128.add<T>(rest, rest));
    const log = Log1pTail.of<T>(v128.bitselect(near, v128.mul<T>(rest, rest), isNear));
    return v128.add<T>(v128.andnot(v128.sub<T>(distance, P0), isNear), log);
  }

  @inline grad(x: v128, t: v128, q: v128, e: v128): v128 {
    const one = Lanes.one<T>();
    const d = v128.sub<T>(x, t);
    const sign = v128.xor(d, Lanes.abs<T>(d));
    if (sizeof<T>() == 4) {
      const z = f32x4.mul(d, d);
      const near = f32x4.mul(d, LogCosh.series<T>(z, one, Q1, Q2, Q3, Q4, Q5));
      const far = f32x4.div(f32x4.sub(one, e), f32x4.add(one, e));
      return v128.bitselect(near, v128.or(far, sign), f32x4.le(z, Lanes.half<T>()));
    }
    const rest = v128.add<T>(one, e);
    const above = v128.mul<T>(e, v128.add<T>(one, rest));
    const tanh = v128.div<T>(above, v128.add<T>(one, v128.mul<T>(rest, rest)));
    return v128.or(Lanes.abs<T>(tanh), sign);
  }

  @inline gradTarget(x: v128, t: v128, q: v128, e: v128): v128 {
    return Lanes.neg<T>(this.grad(x, t, q, e));
  }

  /** 1/cosh² d = 4s/(1 + s)², or tanh d/d */
  @inline hess(x: v128, t: v128, q: v128, e: v128): v128 {
    const one = Lanes.one<T>();
    const d = v128.sub<T>(x, t);
    if (isSecant) {
      const isZero = v128.eq<T>(d, Lanes.zero());
      return v128.bitselect(one, v128.div<T>(this.grad(x, t, q, e), d), isZero);
    }
    const s = sizeof<T>() == 4 ? e : Exp.flush<T>(Lanes.minusAbs<T>(v128.add<T>(d, d)));
    const total = v128.add<T>(one, s);
    const twice = v128.add<T>(s, s);
    return v128.div<T>(v128.add<T>(twice, twice), v128.mul<T>(total, total));
  }

  /** The polynomial of degree five, f32. */
  @inline static series<T extends number>(
    z: v128,
    c0: v128,
    c1: v128,
    c2: v128,
    c3: v128,
    c4: v128,
    c5: v128,
  ): v128 {
    const z2 = f32x4.mul(z, z);
    const high = Fma.madd<T>(Fma.madd<T>(c5, z, c4), z2, Fma.madd<T>(c3, z, c2));
    return Fma.madd<T>(high, z2, Fma.madd<T>(c1, z, c0));
  }
}
