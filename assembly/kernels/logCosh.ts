// Log-cosh, with d = x − t (optax: losses.log_cosh); gradient tanh d.
//
// f32, with E = expm1(−2|d|), s = e^−2|d| and z = d², of which P is a polynomial:
//   z P(z)                        where z ≤ ½
//   |d| − log 2 + log(1 + s)      elsewhere;     gradient ∓E/(1 + s)
// f64, with E = expm1(−|d|), which keeps its digits where d is small:
//   log1p(E² / (2 + 2E))             where |d| ≤ 1
//   |d| − log 2 + log1p((1 + E)²)    elsewhere;  gradient ∓E (2 + E) / (1 + (1 + E)²)
// P0 is log 2.

import { isSecant } from '../loops/hessian';
import { LongOp, PointOp } from '../loops/pointwise';
import { Exp } from '../math/exp';
import { Expm1, exponential } from '../math/expm1';
import { Log1pTail } from '../math/log1pTail';
import { P0 } from '../params';
import { Fma } from '../simd/fma';
import { Lanes } from '../simd/lanes';

// P on z ≤ ½: error 6.0e-8 of log cosh d (scripts/coefficients/logCosh.py)
let P1: v128 = f32x4.splat(-0.083330326);
let P2: v128 = f32x4.splat(0.02217317);
let P3: v128 = f32x4.splat(-0.0064601367);
let P4: v128 = f32x4.splat(0.0014733985);
// log(1 + s)/s on s ≤ e^−√2: error 1.8e-8 of log cosh d
let L0: v128 = f32x4.splat(0.9999965);
let L1: v128 = f32x4.splat(-0.499831);
let L2: v128 = f32x4.splat(0.33047065);
let L3: v128 = f32x4.splat(-0.2273845);
let L4: v128 = f32x4.splat(0.11110643);

/** E of f32, of which `aux` is s. */
let rest: v128 = i32x4.splat(0);

export class LogCosh<T extends number> extends PointOp<T> {
  /** s, or E */
  @inline aux(x: v128, t: v128): v128 {
    const d = v128.sub<T>(x, t);
    if (sizeof<T>() == 4) {
      rest = Expm1.withExp<T>(Exp.atLeast<T>(Lanes.minusAbs<T>(v128.add<T>(d, d))));
      return exponential;
    }
    return Expm1.nonpositive<T>(Lanes.minusAbs<T>(d));
  }

  @inline value(x: v128, t: v128, q: v128, e: v128): v128 {
    const d = v128.sub<T>(x, t);
    const distance = Lanes.abs<T>(d);
    if (sizeof<T>() == 4) {
      const half = Lanes.half<T>();
      const z = f32x4.mul(d, d);
      const high = Fma.madd<T>(Fma.madd<T>(P4, z, P3), f32x4.mul(z, z), Fma.madd<T>(P2, z, P1));
      const e2 = f32x4.mul(e, e);
      const log = Fma.madd<T>(Fma.madd<T>(L4, e2, Fma.madd<T>(L3, e, L2)), e2, Fma.madd<T>(L1, e, L0));
      const far = Fma.madd<T>(log, e, f32x4.sub(distance, P0));
      return v128.bitselect(f32x4.mul(z, Fma.madd<T>(high, z, half)), far, f32x4.le(z, half));
    }
    const one = Lanes.one<T>();
    const sum = v128.add<T>(one, e);
    const isNear = v128.le<T>(distance, one);
    const near = v128.div<T>(v128.mul<T>(e, e), v128.add<T>(sum, sum));
    const log = Log1pTail.of<T>(v128.bitselect(near, v128.mul<T>(sum, sum), isNear));
    return v128.add<T>(v128.andnot(v128.sub<T>(distance, P0), isNear), log);
  }

  @inline grad(x: v128, t: v128, q: v128, e: v128): v128 {
    const one = Lanes.one<T>();
    const d = v128.sub<T>(x, t);
    const sign = v128.and(d, Lanes.sign<T>());
    if (sizeof<T>() == 4) return v128.or(Lanes.abs<T>(f32x4.div(rest, f32x4.add(one, e))), sign);
    const sum = v128.add<T>(one, e);
    const above = v128.mul<T>(e, v128.add<T>(one, sum));
    const tanh = v128.div<T>(above, v128.add<T>(one, v128.mul<T>(sum, sum)));
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
    const s = Exp.flush<T>(Lanes.minusAbs<T>(v128.add<T>(d, d)));
    const total = v128.add<T>(one, s);
    const twice = v128.add<T>(s, s);
    return v128.div<T>(v128.add<T>(twice, twice), v128.mul<T>(total, total));
  }
}

/** f32 */
export class LogCoshFinite<T extends number> extends LongOp<T> {
  @inline aux(x: v128, t: v128): v128 {
    return changetype<LogCosh<T>>(0).aux(x, t);
  }

  @inline rest(): v128 {
    return rest;
  }

  @inline restore(kept: v128): void {
    rest = kept;
  }

  @inline value(x: v128, t: v128, q: v128, s: v128): v128 {
    return changetype<LogCosh<T>>(0).value(x, t, q, s);
  }

  @inline grad(x: v128, t: v128, q: v128, s: v128): v128 {
    return changetype<LogCosh<T>>(0).grad(x, t, q, s);
  }
}
