// What the options of cross entropy make of a logit x before its softmax: z = y = x/τ, or with a softcap c: z = c tanh(y/c). In f64,
// in pairs of lanes, whatever the dtype.
//
// With E_y = e^(−2|y/c|), n what is nearest to 0 between x and m, and δ = (m − x)/(τc):
//   z(m) − z(x)   −2c E_n expm1(−2δ) / ((1 + E_m)(1 + E_x)), with the digits of m − x, which the difference of two tanh has lost
//   dz/dy         4E/(1 + E)²: 1 − tanh² is 0 from 9 on
//   d²z/dy²       −2 tanh(y/c) dz/dy / c
import { CALL_P2, CALL_P3 } from '../generated/abi';
import { Exp } from '../math/exp';
import { Expm1 } from '../math/expm1';
import { Lanes } from '../simd/lanes';

let temperature: v128 = i32x4.splat(0);
let cap: v128 = i32x4.splat(0);
let isCapped: bool = false;

export class Shaped {
  /** Starts a call. */
  static begin(call: usize): void {
    temperature = f64x2.splat(load<f64>(call, CALL_P2));
    cap = f64x2.splat(load<f64>(call, CALL_P3));
    isCapped = load<f64>(call, CALL_P3) != 0;
  }

  /** z(m) − z(x) for x ≤ m. */
  static gap(m: v128, x: v128): v128 {
    const distance = v128.div<f64>(v128.sub<f64>(m, x), temperature);
    return isCapped ? v128.andnot(APART(m, x, distance), v128.eq<f64>(m, x)) : distance;
  }

  /** z */
  static value(x: v128): v128 {
    const y = v128.div<f64>(x, temperature);
    return isCapped ? v128.mul<f64>(cap, TANH(v128.div<f64>(y, cap))) : y;
  }

  /** dz/dx */
  static slope(x: v128): v128 {
    const one = Lanes.one<f64>();
    if (!isCapped) return v128.div<f64>(one, temperature);
    const e = DECAY(IN_CAPS(x));
    const root = v128.div<f64>(f64x2.splat(2), v128.add<f64>(one, e));
    return v128.div<f64>(v128.mul<f64>(v128.mul<f64>(e, root), root), temperature);
  }

  /** d²z/dx², from dz/dx */
  static bend(x: v128, slope: v128): v128 {
    if (!isCapped) return Lanes.zero();
    const factor = v128.div<f64>(v128.mul<f64>(f64x2.splat(-2), TANH(IN_CAPS(x))), cap);
    return v128.mul<f64>(factor, v128.div<f64>(slope, temperature));
  }
}

function IN_CAPS(x: v128): v128 {
  return v128.div<f64>(v128.div<f64>(x, temperature), cap);
}

/** e^(−2|u|) */
function DECAY(u: v128): v128 {
  const below = Lanes.minusAbs<f64>(u);
  return Exp.flush<f64>(v128.add<f64>(below, below));
}

/** The difference of the capped ones, which are `distance` apart without a cap. */
function APART(m: v128, x: v128, distance: v128): v128 {
  const one = Lanes.one<f64>();
  const a = IN_CAPS(m);
  const b = IN_CAPS(x);
  const u = DECAY(a);
  const v = DECAY(b);
  const isOneSided = v128.gt<f64>(v128.mul<f64>(a, b), Lanes.zero());
  const near = v128.bitselect(v128.pmax<f64>(u, v), one, isOneSided);
  const twice = v128.mul<f64>(f64x2.splat(-2), v128.div<f64>(distance, cap));
  const numerator = v128.mul<f64>(v128.mul<f64>(near, f64x2.splat(-2)), MINUS_ONE(twice));
  const denominator = v128.mul<f64>(v128.add<f64>(one, u), v128.add<f64>(one, v));
  return v128.mul<f64>(cap, v128.div<f64>(numerator, denominator));
}

function TANH(u: v128): v128 {
  const sign = v128.and(u, Lanes.sign<f64>());
  const below = Lanes.minusAbs<f64>(u);
  const size = v128.div<f64>(
    MINUS_ONE(v128.add<f64>(below, below)),
    v128.add<f64>(Lanes.one<f64>(), DECAY(u)),
  );
  return v128.or(Lanes.abs<f64>(size), sign);
}

/** e^x − 1 for x ≤ 0, in one place: it is long. */
function MINUS_ONE(x: v128): v128 {
  return Expm1.nonpositive<f64>(x);
}
