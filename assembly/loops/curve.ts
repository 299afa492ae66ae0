// Losses that are a function φ of a class's cross entropy ℓ = −log p, with p = e^−ℓ and q = 1 − p = −expm1(−ℓ):
//   φ(ℓ) = q^γ ℓ + ε q                    γ: focal loss (Lin et al.); ε: poly loss (Leng et al.)
//   φ′   = q^γ (1 + γ p ℓ/q) + ε p
//   φ″   = p (γ q^γ/q (2 + (γ − 1) p ℓ/q − ℓ) − ε)
// ℓ/q is 1 at 0. 1 − p by subtraction has no digit of a confident sample; from ℓ it has all that ℓ has.
// γ = P5, ε = P6. Not inlined: each is called once a vector of rows.

import { CALL_P5, CALL_P6 } from '../generated/abi';
import { Exp } from '../math/exp';
import { Expm1 } from '../math/expm1';
import { Log } from '../math/log';
import { Lanes } from '../simd/lanes';

let gamma: v128 = i32x4.splat(0);
let epsilon: v128 = i32x4.splat(0);

export class Curve<T extends number> {
  /** Whether the losses of a call are such, instead of ℓ itself. */
  static isOf(call: usize): bool {
    return load<f64>(call, CALL_P5) != 0 || load<f64>(call, CALL_P6) != 0;
  }

  begin(call: usize): void {
    gamma = Lanes.splat<T>(load<f64>(call, CALL_P5));
    epsilon = Lanes.splat<T>(load<f64>(call, CALL_P6));
  }

  value(l: v128): v128 {
    const q = Curve.rest<T>(l);
    return v128.add<T>(Curve.weigh<T>(Curve.power<T>(q, gamma), l), v128.mul<T>(epsilon, q));
  }

  slope(l: v128): v128 {
    const p = Exp.flush<T>(Lanes.neg<T>(l));
    const q = Curve.rest<T>(l);
    const turn = v128.mul<T>(gamma, Curve.ratio<T>(l, p, q));
    const focal = Curve.weigh<T>(Curve.power<T>(q, gamma), v128.add<T>(Lanes.one<T>(), turn));
    return v128.add<T>(focal, v128.mul<T>(epsilon, p));
  }

  bend(l: v128): v128 {
    const one = Lanes.one<T>();
    const p = Exp.flush<T>(Lanes.neg<T>(l));
    const q = Curve.rest<T>(l);
    const less = v128.sub<T>(gamma, one);
    const turn = v128.mul<T>(less, Curve.ratio<T>(l, p, q));
    const inner = v128.sub<T>(v128.add<T>(v128.add<T>(one, one), turn), l);
    const focal = Curve.weigh<T>(gamma, v128.mul<T>(Curve.power<T>(q, less), inner));
    return Curve.weigh<T>(p, v128.sub<T>(focal, epsilon));
  }

  /** q */
  @inline static rest<T extends number>(l: v128): v128 {
    return Lanes.neg<T>(Expm1.nonpositive<T>(Lanes.neg<T>(l)));
  }

  /** p ℓ/q */
  @inline static ratio<T extends number>(l: v128, p: v128, q: v128): v128 {
    return Curve.weigh<T>(p, Curve.over<T>(l, q));
  }

  /** l/q, 1 where q is 0 */
  @inline static over<T extends number>(l: v128, q: v128): v128 {
    return v128.bitselect(Lanes.one<T>(), v128.div<T>(l, q), v128.eq<T>(q, Lanes.zero()));
  }

  /** u v, 0 where u is */
  @inline static weigh<T extends number>(u: v128, v: v128): v128 {
    return v128.andnot(v128.mul<T>(u, v), v128.eq<T>(u, Lanes.zero()));
  }

  /** q^g for q in [0, 1]: a product where g is 0, 1, 2, 3 or 4. */
  static power<T extends number>(q: v128, g: v128): v128 {
    const exponent = Lanes.first<T>(g);
    if (exponent < 0 || exponent > 4 || exponent != floor(exponent))
      return Exp.full<T>(v128.mul<T>(g, Log.of<T>(q)));
    let u = Lanes.one<T>();
    for (let k = i32(exponent); k > 0; k--) u = v128.mul<T>(u, q);
    return u;
  }
}
