// Jensen–Shannon divergence of log-probabilities x and t, β = P0, 1 − β = P1, P = e^t, Q = e^x, M = β P + (1 − β) Q:
//   β P log(P/M) + (1 − β) Q log(Q/M),   gradient −(1 − β) Q log(M/Q),   with respect to the target −β P log(M/P)
// A sum over classes is that of these, which are never below 0, φ(u) being u − log(1 + u):
//   β P φ(M/P − 1) + (1 − β) Q φ(M/Q − 1)
// What of both is the greater is called large, its weight c, the other small, b. With fall = small/large − 1, M/large − 1 is v = b fall
// and M/small − 1 is u = −c fall/(1 + fall).
//
// f32 with β = ½ and logarithms of normal numbers that are at most 0, with s = fall/(4 + fall) and y = fall/(2 + fall):
//   log(M/large) = s A(s²), log(M/small) is larger by |x − t|
//   ½ large fall y H(y²) where small/large ≥ 3/8, elsewhere −½ (large log(M/large) + small log(M/small))

import { LongOp, PointOp } from '../loops/pointwise';
import { Excess } from '../math/excess';
import { Exp } from '../math/exp';
import { Expm1, exponential } from '../math/expm1';
import { Log } from '../math/log';
import { Log1p } from '../math/log1p';
import { P0, P1 } from '../params';
import { Fma } from '../simd/fma';
import { Lanes } from '../simd/lanes';

let FOUR: v128 = f32x4.splat(4);
let THREE_EIGHTHS: v128 = f32x4.splat(0.375);
// A on s² ≤ 1/9: error 1.8e-7 of log((1 + s)/(1 − s)) (scripts/coefficients/jsd.py)
let A0: v128 = f32x4.splat(1.9999996);
let A1: v128 = f32x4.splat(0.66676223);
let A2: v128 = f32x4.splat(0.395856);
let A3: v128 = f32x4.splat(0.34245226);
// H on y² ≤ 25/121: error 4.8e-7 of ((1 + y) log(1 + y) + (1 − y) log(1 − y))/2
let H0: v128 = f32x4.splat(0.49999976);
let H1: v128 = f32x4.splat(0.083367944);
let H2: v128 = f32x4.splat(0.0325353);
let H3: v128 = f32x4.splat(0.023585655);

// What `aux` has found. Globals: each of the formulas would have a copy of it.
let loss: v128 = i32x4.splat(0);
let largest: v128 = i32x4.splat(0); // c large log(M/large)
let other: v128 = i32x4.splat(0); // b small log(M/small)

let ratio: v128 = i32x4.splat(0); // e^−|x − t|, of the finite form
let bend: v128 = i32x4.splat(0); // β (1 − β) P Q/M, of EXACT alone

export class Jsd<T extends number> extends PointOp<T> {
  /** x − t */
  @inline aux(x: v128, t: v128): v128 {
    const d = v128.sub<T>(x, t);
    if (!Jsd.isHalf<T>()) {
      EXACT<T>(x, t);
      return d;
    }
    const fall = Expm1.withExp<T>(Lanes.minusAbs<T>(d));
    const isHard = Jsd.halves<T>(x, t, d, fall, exponential);
    if (v128.any_true(isHard)) {
      const share = loss;
      const ofLarge = largest;
      const ofSmall = other;
      EXACT<T>(x, t);
      loss = v128.bitselect(loss, share, isHard);
      largest = v128.bitselect(largest, ofLarge, isHard);
      other = v128.bitselect(other, ofSmall, isHard);
    }
    return d;
  }

  @inline static isHalf<T extends number>(): bool {
    return sizeof<T>() == 4 && !v128.any_true(f32x4.ne(P0, Lanes.half<T>()));
  }

  /** f32, β = ½; returns where this has no meaning. */
  @inline static halves<T extends number>(x: v128, t: v128, d: v128, fall: v128, ratio: v128): v128 {
    const half = Lanes.half<T>();
    const low = f32x4.pmin(x, t);
    const high = f32x4.pmax(x, t);
    const minus = Lanes.minusAbs<T>(d);
    const halfLarge = f32x4.mul(half, Exp.coarse<T>(high));
    // of two numbers of at most 0 this is, to the bit, what their difference was rounded by
    const lost = f32x4.add(high, f32x4.sub(minus, low));
    const product = f32x4.mul(halfLarge, ratio);
    const halfSmall = Fma.nmadd<T>(product, lost, product);
    const s = f32x4.div(fall, f32x4.add(FOUR, fall));
    const log = f32x4.mul(s, Jsd.cubic<T>(f32x4.mul(s, s), A0, A1, A2, A3));
    const ofLarge = f32x4.mul(halfLarge, log);
    const ofSmall = f32x4.mul(halfSmall, f32x4.sub(log, minus));
    const y = f32x4.div(fall, f32x4.add(Lanes.one<T>(), ratio));
    const near = f32x4.mul(
      f32x4.mul(halfLarge, f32x4.mul(fall, y)),
      Jsd.cubic<T>(f32x4.mul(y, y), H0, H1, H2, H3),
    );
    const far = Lanes.neg<T>(f32x4.add(ofLarge, ofSmall));
    const share = v128.bitselect(near, far, f32x4.ge(ratio, THREE_EIGHTHS));
    loss = share;
    largest = ofLarge;
    other = ofSmall;
    return v128.or(v128.not(Exp.isNear<T>(low)), f32x4.gt(high, Lanes.zero()));
  }

  @inline value(x: v128, t: v128, q: v128, d: v128): v128 {
    return loss;
  }

  @inline grad(x: v128, t: v128, q: v128, d: v128): v128 {
    return Lanes.neg<T>(v128.bitselect(largest, other, v128.ge<T>(d, Lanes.zero())));
  }

  @inline gradTarget(x: v128, t: v128, q: v128, d: v128): v128 {
    return Lanes.neg<T>(v128.bitselect(other, largest, v128.ge<T>(d, Lanes.zero())));
  }

  /** The gradient and β (1 − β) P Q/M */
  @inline hess(x: v128, t: v128, q: v128, d: v128): v128 {
    const found = loss;
    const ofLarge = largest;
    const ofSmall = other;
    EXACT<T>(x, t);
    loss = found;
    largest = ofLarge;
    other = ofSmall;
    return v128.add<T>(this.grad(x, t, q, d), bend);
  }

  /** The polynomial of degree three, f32. */
  @inline static cubic<T extends number>(z: v128, c0: v128, c1: v128, c2: v128, c3: v128): v128 {
    return Fma.madd<T>(Fma.madd<T>(c3, z, c2), f32x4.mul(z, z), Fma.madd<T>(c1, z, c0));
  }
}

/** f32 */
export class JsdFinite<T extends number> extends LongOp<T> {
  /** fall, and e^−|x − t| */
  @inline aux(x: v128, t: v128): v128 {
    return Expm1.withExp<T>(Lanes.minusAbs<T>(v128.sub<T>(x, t)));
  }

  @inline rest(): v128 {
    return exponential;
  }

  @inline restore(kept: v128): void {
    ratio = kept;
  }

  /** Before `grad`, which takes what it has found; NaN where the short formula has no meaning. */
  @inline value(x: v128, t: v128, q: v128, fall: v128): v128 {
    if (!Jsd.isHalf<T>()) {
      EXACT<T>(x, t);
      return loss;
    }
    const isHard = Jsd.halves<T>(x, t, v128.sub<T>(x, t), fall, ratio);
    return v128.or(loss, isHard);
  }

  @inline grad(x: v128, t: v128, q: v128, fall: v128): v128 {
    return changetype<Jsd<T>>(0).grad(x, t, q, v128.sub<T>(x, t));
  }
}

/** Any β, any x and t. */
function EXACT<T extends number>(x: v128, t: v128): void {
  const zero = Lanes.zero();
  const one = Lanes.one<T>();
  // 0 where both are the same infinity
  const d = v128.andnot(v128.sub<T>(x, t), v128.eq<T>(x, t));
  const minus = Lanes.minusAbs<T>(d);
  const fall = Expm1.withExp<T>(Exp.atLeast<T>(minus));
  const ratio = v128.and(exponential, Exp.isNear<T>(minus));
  const isAbove = v128.ge<T>(d, zero);
  const large = Exp.shared<T>(v128.pmax<T>(x, t));
  const small = Exp.shared<T>(v128.pmin<T>(x, t));
  const ofSmall = v128.bitselect(P0, P1, isAbove);
  const ofLarge = v128.bitselect(P1, P0, isAbove);
  const gap = Lanes.neg<T>(v128.mul<T>(ofLarge, fall));
  const down = v128.mul<T>(ofSmall, fall);
  // 1 + v would have few digits of what is near 0, and of a v near it 1 has few
  const isLow = v128.lt<T>(down, Lanes.neg<T>(Lanes.half<T>()));
  const sum = v128.add<T>(one, down);
  const lost = v128.andnot(v128.sub<T>(down, v128.sub<T>(sum, one)), isLow);
  const mixed = v128.bitselect(v128.add<T>(ofLarge, v128.mul<T>(ofSmall, ratio)), sum, isLow);
  const logDown = Log.sum<T>(mixed, lost);
  const up = v128.div<T>(gap, ratio);
  // a ratio below all normal numbers is 0
  const far = v128.sub<T>(logDown, minus);
  const logUp = v128.bitselect(far, Log1p.shared<T>(up), v128.eq<T>(ratio, zero));
  const smallLog = v128.andnot(v128.mul<T>(small, logUp), v128.eq<T>(small, zero));
  const near = v128.mul<T>(small, Excess.near<T>(up));
  const direct = v128.sub<T>(v128.mul<T>(large, gap), smallLog);
  const first = v128.mul<T>(ofSmall, v128.bitselect(near, direct, Excess.isNear<T>(up)));
  const share = v128.mul<T>(ofLarge, large);
  const isNan = v128.ne<T>(d, d);
  loss = v128.add<T>(first, v128.mul<T>(share, Excess.of<T>(down, logDown)));
  largest = v128.or(v128.mul<T>(share, logDown), isNan);
  other = v128.or(v128.mul<T>(ofSmall, smallLog), isNan);
  bend = v128.mul<T>(v128.mul<T>(ofSmall, ofLarge), v128.div<T>(small, mixed));
}
