// Triplet margin of an anchor x, a positive y and a negative z (PyTorch: nn.functional.triplet_margin_loss):
//   max(0, P0 + δ(x, y) − δ(x, z)), δ(u, v) = (Σ|u − v + P2|^P1)^(1/P1)
// and with P3 the least of δ(x, z) and δ(y, z) instead of the former. Gradient of δ: sgn d (|d|/δ)^(P1 − 1), 0 where δ = 0; with the
// greatest |d| as δ (P1 infinite) it is shared by those that have it.
//
// Powers other than 1 and 2 are of r = |d| / max|d|, which are at most 1; that takes a sweep for the greatest. So do squares of f64 that
// may overflow, of which one in reach of that is multiplied by a power of two. An infinite difference makes an infinite distance,
// which has no gradient but where P1 is 1.

import { CALL_P0, CALL_P1, CALL_P2, CALL_P3 } from '../generated/abi';
import { active, FeaturesOp, isRow, ones, Sums, scales } from '../loops/features';
import { Exp } from '../math/exp';
import { Log } from '../math/log';
import { Scale } from '../math/scale';
import { Wide } from '../reduce/wide';
import { Fma } from '../simd/fma';
import { Lanes } from '../simd/lanes';
import { Pair } from '../simd/pair';

let margin: v128 = i32x4.splat(0);
let power: f64 = 0;
let added: v128 = i32x4.splat(0);
let isSwap: bool = false;

/** Places among the sums, each of three: of (x, y), (x, z) and (y, z). */
const SUM: usize = 0;
/** The greatest |d|; of squares what d is multiplied by. */
const GREATEST: usize = 3;
const DISTANCE: usize = 6;
/** What the slope of a difference is multiplied by. */
const FACTOR: usize = 9;

const SWEEP_PLAIN: i32 = 0;
const SWEEP_GREATEST: i32 = 1;
const SWEEP_SCALED: i32 = 2;

/** Bounds of an ordinary number of f32. */
const LEAST: f64 = 7.888609052210118e-31; // 2⁻¹⁰⁰
const MOST: f64 = 1.2676506002282294e30; // 2¹⁰⁰

/** r^q; 0 where r is 0. */
function POWER(r: v128, q: f64): v128 {
  return Exp.full<f64>(v128.mul<f64>(Log.of<f64>(r), f64x2.splat(q)));
}

/** Whether differences of the present row are as good in f32: of squares of f32, unless one overflows. */
let isNarrow: bool = false;

/** Differences in f32. */
class Narrow {
  @inline static added(): v128 {
    return Lanes.splat<f32>(f64x2.extract_lane(added, 0));
  }

  @inline static of(a: v128, b: v128, more: v128): v128 {
    return v128.add<f32>(v128.sub<f32>(a, b), more);
  }

  /** sum + d² */
  @inline static square(sum: v128, d: v128): v128 {
    return Fma.madd<f64>(d, d, sum);
  }

  /** Whether x is 0 or an ordinary number of f32. */
  static has(x: v128): bool {
    const size = abs(f64x2.extract_lane(x, 0));
    return size == 0 || (size > LEAST && size < MOST);
  }
}

class Difference {
  /** Its term of the sum, of another power than 2. */
  @inline static term(d: v128, greatest: v128): v128 {
    const size = Lanes.abs<f64>(d);
    if (power == 1) return size;
    const r = v128.div<f64>(size, greatest);
    if (power == Infinity) {
      const isGreatest = v128.eq<f64>(r, Lanes.one<f64>());
      return v128.or(v128.and(isGreatest, Lanes.one<f64>()), v128.ne<f64>(r, r));
    }
    return POWER(r, power);
  }

  /** Likewise the slope of the distance, but for a factor. */
  @inline static slope(d: v128, greatest: v128): v128 {
    let size = v128.and(v128.ne<f64>(d, Lanes.zero()), Lanes.one<f64>());
    if (power != 1) {
      const r = v128.div<f64>(Lanes.abs<f64>(d), greatest);
      size = power == Infinity ? v128.and(v128.eq<f64>(r, Lanes.one<f64>()), size) : POWER(r, power - 1);
    }
    return v128.or(size, v128.and(d, Lanes.sign<f64>()));
  }
}

export class TripletMargin<T extends number> extends FeaturesOp<T> {
  @inline isTriple(): bool {
    return true;
  }

  begin(call: usize): void {
    margin = f64x2.splat(load<f64>(call, CALL_P0));
    power = load<f64>(call, CALL_P1);
    added = f64x2.splat(load<f64>(call, CALL_P2));
    isSwap = load<f64>(call, CALL_P3) != 0;
  }

  @inline first(): i32 {
    isNarrow = sizeof<T>() == 4 && isRow && power == 2 && !isSwap && Narrow.has(added);
    return power == 1 || power == 2 ? SWEEP_PLAIN : SWEEP_GREATEST;
  }

  sweep(k: i32, x: usize, y: usize, z: usize, step: usize, n: usize): void {
    if (k == SWEEP_GREATEST) {
      this.most(x, y, z, step, n);
      return;
    }
    if (power == 2) {
      if (sizeof<T>() == 4 && isNarrow) this.narrowSquares(x, y, z, step, n);
      else this.squares(k, x, y, z, step, n);
      return;
    }
    const more = v128.mul<f64>(added, ones);
    const greatest = Sums.at(GREATEST);
    const greatestOfOther = Sums.at(GREATEST + 1);
    const greatestOfSwap = Sums.at(GREATEST + 2);
    let xy = Lanes.zero();
    let xz = Lanes.zero();
    let yz = Lanes.zero();
    for (; n; n--) {
      const a = Pair.load<T>(x);
      const b = Pair.load<T>(y);
      const c = Pair.load<T>(z);
      xy = v128.add<f64>(xy, Difference.term(v128.add<f64>(v128.sub<f64>(a, b), more), greatest));
      xz = v128.add<f64>(xz, Difference.term(v128.add<f64>(v128.sub<f64>(a, c), more), greatestOfOther));
      if (isSwap)
        yz = v128.add<f64>(yz, Difference.term(v128.add<f64>(v128.sub<f64>(b, c), more), greatestOfSwap));
      x += step;
      y += step;
      z += step;
    }
    Sums.add(SUM, xy);
    Sums.add(SUM + 1, xz);
    Sums.add(SUM + 2, yz);
  }

  /** The same of the power 2, which is what most calls are of. */
  squares(k: i32, x: usize, y: usize, z: usize, step: usize, n: usize): void {
    const isScaled = sizeof<T>() == 8 && k == SWEEP_SCALED;
    const more = v128.mul<f64>(added, ones);
    const scale = Sums.at(GREATEST);
    const scaleOfOther = Sums.at(GREATEST + 1);
    const scaleOfSwap = Sums.at(GREATEST + 2);
    const hasThird = isSwap;
    let xy = Lanes.zero();
    let xz = Lanes.zero();
    let yz = Lanes.zero();
    for (; n; n--) {
      const a = Pair.load<T>(x);
      const b = Pair.load<T>(y);
      const c = Pair.load<T>(z);
      let near = v128.add<f64>(v128.sub<f64>(a, b), more);
      let far = v128.add<f64>(v128.sub<f64>(a, c), more);
      if (isScaled) {
        near = v128.mul<f64>(near, scale);
        far = v128.mul<f64>(far, scaleOfOther);
      }
      xy = Fma.madd<f64>(near, near, xy);
      xz = Fma.madd<f64>(far, far, xz);
      if (hasThird) {
        let other = v128.add<f64>(v128.sub<f64>(b, c), more);
        if (isScaled) other = v128.mul<f64>(other, scaleOfSwap);
        yz = Fma.madd<f64>(other, other, yz);
      }
      x += step;
      y += step;
      z += step;
    }
    Sums.add(SUM, xy);
    Sums.add(SUM + 1, xz);
    Sums.add(SUM + 2, yz);
  }

  /** The same of f32 whose differences, too, are f32, four at a time. */
  narrowSquares(x: usize, y: usize, z: usize, step: usize, n: usize): void {
    const more = Narrow.added();
    let xy = Lanes.zero();
    let xz = Lanes.zero();
    let moreXy = Lanes.zero();
    let moreXz = Lanes.zero();
    for (; n >= 2; n -= 2) {
      const a = v128.load(x);
      const near = Narrow.of(a, v128.load(y), more);
      const far = Narrow.of(a, v128.load(z), more);
      xy = Narrow.square(xy, Wide.low<f32>(near));
      moreXy = Narrow.square(moreXy, Wide.high<f32>(near));
      xz = Narrow.square(xz, Wide.low<f32>(far));
      moreXz = Narrow.square(moreXz, Wide.high<f32>(far));
      x += 16;
      y += 16;
      z += 16;
    }
    Sums.add(SUM, v128.add<f64>(xy, moreXy));
    Sums.add(SUM + 1, v128.add<f64>(xz, moreXz));
    if (n) this.squares(SWEEP_PLAIN, x, y, z, step, n);
  }

  /** Finds the greatest |d|; NaN wins. */
  most(x: usize, y: usize, z: usize, step: usize, n: usize): void {
    const more = v128.mul<f64>(added, ones);
    let xy = Sums.at(GREATEST);
    let xz = Sums.at(GREATEST + 1);
    let yz = Sums.at(GREATEST + 2);
    for (; n; n--) {
      const a = Pair.load<T>(x);
      const b = Pair.load<T>(y);
      const c = Pair.load<T>(z);
      xy = v128.max<f64>(xy, Lanes.abs<f64>(v128.add<f64>(v128.sub<f64>(a, b), more)));
      xz = v128.max<f64>(xz, Lanes.abs<f64>(v128.add<f64>(v128.sub<f64>(a, c), more)));
      yz = v128.max<f64>(yz, Lanes.abs<f64>(v128.add<f64>(v128.sub<f64>(b, c), more)));
      x += step;
      y += step;
      z += step;
    }
    Sums.set(GREATEST, xy);
    Sums.set(GREATEST + 1, xz);
    Sums.set(GREATEST + 2, yz);
  }

  stage(k: i32, hasValue: bool): i32 {
    const one = Lanes.one<f64>();
    const infinity = Lanes.infinity<f64>();
    if (sizeof<T>() == 8 && power == 2 && k == SWEEP_PLAIN) {
      let isPlain = v128.and(Scale.isPlain(Sums.total(SUM)), Scale.isPlain(Sums.total(SUM + 1)));
      if (isSwap) isPlain = v128.and(isPlain, Scale.isPlain(Sums.total(SUM + 2)));
      if (!v128.all_true<i64>(isPlain)) return SWEEP_GREATEST;
      for (let i: usize = 0; i < 3; i++) Sums.set(GREATEST + i, one);
    }
    if (sizeof<T>() == 4 && isNarrow) {
      const all = v128.add<f64>(Sums.total(SUM), Sums.total(SUM + 1));
      if (!Lanes.areFinite<f64>(all)) {
        isNarrow = false;
        Sums.set(SUM, Lanes.zero());
        Sums.set(SUM + 1, Lanes.zero());
        return SWEEP_PLAIN;
      }
    }
    const distances: usize = isSwap ? 3 : 2;
    for (let i: usize = 0; i < distances; i++) {
      if (k == SWEEP_GREATEST) {
        const most = Sums.greatest(GREATEST + i);
        // what is 0 everywhere is divided by 1
        let by = v128.bitselect(one, most, v128.eq<f64>(most, Lanes.zero()));
        if (sizeof<T>() == 8 && power == 2) {
          by = v128.bitselect(one, Scale.of(most), Scale.isPlain(Sums.total(SUM + i)));
          Sums.set(SUM + i, Lanes.zero());
        }
        Sums.set(GREATEST + i, by);
        continue;
      }
      const sum = Sums.total(SUM + i);
      const isZero = v128.eq<f64>(sum, Lanes.zero());
      let distance = sum;
      let factor = one;
      if (power == 2) {
        distance = f64x2.sqrt(sum);
        factor = v128.or(v128.div<f64>(one, distance), v128.eq<f64>(distance, infinity));
        if (sizeof<T>() == 8) distance = v128.div<f64>(distance, Sums.at(GREATEST + i));
      } else if (power != 1) {
        const most = Sums.at(GREATEST + i);
        const root = power == Infinity ? one : POWER(sum, 1 / power);
        const isInfinite = v128.eq<f64>(most, infinity);
        distance = v128.bitselect(most, v128.mul<f64>(most, root), isInfinite);
        distance = v128.andnot(distance, isZero);
        factor = v128.div<f64>(root, sum);
      }
      Sums.set(DISTANCE + i, distance);
      Sums.set(FACTOR + i, v128.andnot(factor, isZero));
    }
    return k == SWEEP_GREATEST ? SWEEP_SCALED : -1;
  }

  value(): v128 {
    const one = Lanes.one<f64>();
    const zero = Lanes.zero();
    let far = Sums.at(DISTANCE + 1);
    let share = one;
    if (isSwap) {
      const other = Sums.at(DISTANCE + 2);
      const isTie = v128.eq<f64>(far, other);
      share = v128.and(v128.bitselect(Lanes.half<f64>(), one, isTie), v128.le<f64>(far, other));
      far = v128.min<f64>(far, other);
    }
    const loss = v128.sub<f64>(v128.add<f64>(margin, Sums.at(DISTANCE)), far);
    const isActive = v128.ge<f64>(loss, zero);
    const isBroken = v128.ne<f64>(loss, loss);
    const up = v128.mul<f64>(v128.or(v128.and(one, isActive), isBroken), scales);
    Sums.set(FACTOR, v128.mul<f64>(Sums.at(FACTOR), up));
    Sums.set(FACTOR + 1, v128.mul<f64>(Sums.at(FACTOR + 1), v128.mul<f64>(up, share)));
    Sums.set(FACTOR + 2, v128.mul<f64>(Sums.at(FACTOR + 2), v128.mul<f64>(up, v128.sub<f64>(one, share))));
    isNarrow = isNarrow && Narrow.has(Sums.at(FACTOR)) && Narrow.has(Sums.at(FACTOR + 1));
    return v128.or(v128.and(loss, isActive), isBroken);
  }

  grads(x: usize, y: usize, z: usize, gx: usize, gy: usize, gz: usize, step: usize, n: usize): void {
    if (sizeof<T>() == 4 && isNarrow) {
      this.narrow(x, y, z, gx, gy, gz, step, n);
      return;
    }
    if (power == 2 && !isSwap) {
      this.ofSquares(x, y, z, gx, gy, gz, step, n);
      return;
    }
    const more = v128.mul<f64>(added, ones);
    const factor = Sums.at(FACTOR);
    const factorOfOther = Sums.at(FACTOR + 1);
    const factorOfSwap = Sums.at(FACTOR + 2);
    const greatest = Sums.at(GREATEST);
    const greatestOfOther = Sums.at(GREATEST + 1);
    const greatestOfSwap = Sums.at(GREATEST + 2);
    const isSquare = power == 2;
    const hasThird = isSwap;
    const counts = active;
    for (; n; n--) {
      const a = Pair.load<T>(x);
      const b = Pair.load<T>(y);
      const c = Pair.load<T>(z);
      let xy = v128.add<f64>(v128.sub<f64>(a, b), more);
      let xz = v128.add<f64>(v128.sub<f64>(a, c), more);
      let yz = Lanes.zero();
      if (hasThird) yz = v128.add<f64>(v128.sub<f64>(b, c), more);
      if (!isSquare) {
        xy = Difference.slope(xy, greatest);
        xz = Difference.slope(xz, greatestOfOther);
        if (hasThird) yz = Difference.slope(yz, greatestOfSwap);
      } else if (sizeof<T>() == 8) {
        xy = v128.mul<f64>(xy, greatest);
        xz = v128.mul<f64>(xz, greatestOfOther);
        if (hasThird) yz = v128.mul<f64>(yz, greatestOfSwap);
      }
      xy = v128.and(v128.mul<f64>(xy, factor), counts);
      xz = v128.and(v128.mul<f64>(xz, factorOfOther), counts);
      if (hasThird) yz = v128.and(v128.mul<f64>(yz, factorOfSwap), counts);
      if (gx) {
        Pair.store<T>(gx, v128.sub<f64>(xy, xz));
        gx += step;
      }
      if (gy) {
        Pair.store<T>(gy, v128.sub<f64>(Lanes.neg<f64>(xy), yz));
        gy += step;
      }
      if (gz) {
        Pair.store<T>(gz, v128.add<f64>(xz, yz));
        gz += step;
      }
      x += step;
      y += step;
      z += step;
    }
  }

  /** The same of the power 2 without a swap, which is what most calls are of. */
  ofSquares(x: usize, y: usize, z: usize, gx: usize, gy: usize, gz: usize, step: usize, n: usize): void {
    const more = v128.mul<f64>(added, ones);
    const factor = Sums.at(FACTOR);
    const factorOfOther = Sums.at(FACTOR + 1);
    const scale = Sums.at(GREATEST);
    const scaleOfOther = Sums.at(GREATEST + 1);
    const counts = active;
    const others = gy | gz;
    for (; n; n--) {
      const a = Pair.load<T>(x);
      let xy = v128.add<f64>(v128.sub<f64>(a, Pair.load<T>(y)), more);
      let xz = v128.add<f64>(v128.sub<f64>(a, Pair.load<T>(z)), more);
      if (sizeof<T>() == 8) {
        xy = v128.mul<f64>(xy, scale);
        xz = v128.mul<f64>(xz, scaleOfOther);
      }
      xy = v128.mul<f64>(xy, factor);
      xz = v128.mul<f64>(xz, factorOfOther);
      if (gx) {
        Pair.store<T>(gx, v128.and(v128.sub<f64>(xy, xz), counts));
        gx += step;
      }
      if (others) {
        if (gy) {
          Pair.store<T>(gy, v128.and(Lanes.neg<f64>(xy), counts));
          gy += step;
        }
        if (gz) {
          // no −0 where a row costs nothing
          Pair.store<T>(gz, v128.and(v128.add<f64>(xz, Lanes.zero()), counts));
          gz += step;
        }
      }
      x += step;
      y += step;
      z += step;
    }
  }

  /** The same of differences in f32, of one row. */
  narrow(x: usize, y: usize, z: usize, gx: usize, gy: usize, gz: usize, step: usize, n: usize): void {
    const more = Narrow.added();
    const factor = Lanes.splat<f32>(f64x2.extract_lane(Sums.at(FACTOR), 0));
    const factorOfOther = Lanes.splat<f32>(f64x2.extract_lane(Sums.at(FACTOR + 1), 0));
    const others = gy | gz;
    if (!others) {
      for (; n >= 4; n -= 4) {
        const a = v128.load(x);
        const b = v128.load(x, 16);
        const p = v128.mul<f32>(Narrow.of(a, v128.load(y), more), factor);
        const q = v128.mul<f32>(Narrow.of(b, v128.load(y, 16), more), factor);
        const u = v128.mul<f32>(Narrow.of(a, v128.load(z), more), factorOfOther);
        const v = v128.mul<f32>(Narrow.of(b, v128.load(z, 16), more), factorOfOther);
        v128.store(gx, v128.sub<f32>(p, u));
        v128.store(gx, v128.sub<f32>(q, v), 16);
        gx += 32;
        x += 32;
        y += 32;
        z += 32;
      }
    }
    for (; n >= 2; n -= 2) {
      const a = v128.load(x);
      const xy = v128.mul<f32>(Narrow.of(a, v128.load(y), more), factor);
      const xz = v128.mul<f32>(Narrow.of(a, v128.load(z), more), factorOfOther);
      if (gx) {
        v128.store(gx, v128.sub<f32>(xy, xz));
        gx += 16;
      }
      if (others) {
        if (gy) {
          v128.store(gy, Lanes.neg<f32>(xy));
          gy += 16;
        }
        if (gz) {
          v128.store(gz, v128.add<f32>(xz, Lanes.zero()));
          gz += 16;
        }
      }
      x += 16;
      y += 16;
      z += 16;
    }
    if (n) this.ofSquares(x, y, z, gx, gy, gz, step, n);
  }
}
