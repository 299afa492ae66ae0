// Cosine of two rows, from the sums |x|², |y|² and x·y (PyTorch: nn.functional.cosine_embedding_loss, cosine_similarity):
//   c = x·y/(a b), a = max(√(|x|² + P1), P2), b likewise, or a = b = 1 where P3 is 0
//   1 − c at label 1, max(0, c − P0) at −1, 0 elsewhere
// Gradient dc/dx = y/(ab) − (c/a²) x, without the second term where P2 is the greater.
//
// 1 − c has no digits left in f64 where the rows are all but parallel, so there it is ½(Σ(x/a − y/b)² + r(x) + r(y)) with
// r = 1 − |x|²/a². Of f32 the sums have digits to spare, and no square overflows. In f64 rows whose squares may are swept once more,
// each multiplied by a power of two; a and b are in units of it, and so is what the gradient takes.

import { CALL_P0, CALL_P1, CALL_P2, CALL_P3 } from '../generated/abi';
import { active, FeaturesOp, labels, Sums, scales } from '../loops/features';
import { Scale } from '../math/scale';
import { Fma } from '../simd/fma';
import { Lanes } from '../simd/lanes';
import { Pair } from '../simd/pair';

let margin: v128 = i32x4.splat(0);
let added: v128 = i32x4.splat(0);
let least: v128 = i32x4.splat(0);
let isNormalized: bool = false;

/** What a row is no smaller than. */
let floor: v128 = i32x4.splat(0);

/** Places among the sums. */
const XX: usize = 0;
const YY: usize = 1;
const XY: usize = 2;
const APART: usize = 3;
/** 1/a, 1/b */
const OVER_A: usize = 4;
const OVER_B: usize = 5;
/** All bits where a and b follow from x and y, and what x and y are multiplied by for their own gradient. */
const OF_X: usize = 6;
const OF_Y: usize = 7;
/** r(x) + r(y) */
const REST: usize = 8;
const COSINE: usize = 9;
/** What y is multiplied by for the gradient of x, and x for that of y. */
const X_OF_Y: usize = 10;
const Y_OF_X: usize = 11;
/** The greatest sizes of features, then what the rows are multiplied by. */
const SCALE_X: usize = 12;
const SCALE_Y: usize = 13;

const SWEEP_PLAIN: i32 = 0;
const SWEEP_GREATEST: i32 = 1;
const SWEEP_SCALED: i32 = 2;
const SWEEP_APART: i32 = 3;

/** Sets 1/a and whether it follows from the row, and returns r. */
function NORM(square: v128, scale: v128, over: usize, own: usize): v128 {
  const one = f64x2.splat(1);
  const more = v128.mul<f64>(v128.mul<f64>(added, scale), scale);
  const bound = v128.mul<f64>(least, scale);
  const norm = f64x2.sqrt(v128.add<f64>(square, more));
  const isClipped = isNormalized ? v128.lt<f64>(norm, bound) : v128.eq<i64>(one, one);
  const inverse = v128.div<f64>(one, isNormalized ? v128.pmax<f64>(norm, bound) : scale);
  Sums.set(over, inverse);
  Sums.set(own, v128.not(isClipped));
  const clipped = v128.sub<f64>(one, v128.mul<f64>(v128.mul<f64>(square, inverse), inverse));
  const rest = v128.mul<f64>(v128.mul<f64>(more, inverse), inverse);
  return v128.bitselect(clipped, rest, isClipped);
}

/** Turns the greatest size of a row into what it is multiplied by, but where that is 1. */
function SCALE(at: usize, isPlain: v128): void {
  const greatest = v128.pmax<f64>(Sums.greatest(at), floor);
  Sums.set(at, v128.bitselect(f64x2.splat(1), Scale.of(greatest), isPlain));
}

export class Cosine<T extends number> extends FeaturesOp<T> {
  @inline isTriple(): bool {
    return false;
  }

  begin(call: usize): void {
    margin = f64x2.splat(load<f64>(call, CALL_P0));
    added = f64x2.splat(load<f64>(call, CALL_P1));
    least = f64x2.splat(load<f64>(call, CALL_P2));
    isNormalized = load<f64>(call, CALL_P3) != 0;
    floor = isNormalized ? v128.max<f64>(f64x2.sqrt(added), least) : Lanes.zero();
  }

  @inline first(): i32 {
    return SWEEP_PLAIN;
  }

  sweep(k: i32, x: usize, y: usize, z: usize, step: usize, n: usize): void {
    if (sizeof<T>() == 8) {
      if (k == SWEEP_APART) {
        this.apart(x, y, step, n);
        return;
      }
      if (k == SWEEP_GREATEST) {
        this.greatest(x, y, step, n);
        return;
      }
    }
    const isScaled = sizeof<T>() == 8 && k == SWEEP_SCALED;
    const scaleX = Sums.at(SCALE_X);
    const scaleY = Sums.at(SCALE_Y);
    let xx = Lanes.zero();
    let yy = Lanes.zero();
    let xy = Lanes.zero();
    // Sums of their own for every other pair, as one sum alone is waited for; not in f64, where a row's would depend on whether the
    // other of its tile is scaled.
    let moreX = Lanes.zero();
    let moreY = Lanes.zero();
    let more = Lanes.zero();
    for (; sizeof<T>() == 4 && n >= 2; n -= 2) {
      const a = Pair.load<T>(x);
      const b = Pair.load<T>(y);
      const c = Pair.load<T>(x + step);
      const d = Pair.load<T>(y + step);
      xx = Fma.madd<f64>(a, a, xx);
      yy = Fma.madd<f64>(b, b, yy);
      xy = Fma.madd<f64>(a, b, xy);
      moreX = Fma.madd<f64>(c, c, moreX);
      moreY = Fma.madd<f64>(d, d, moreY);
      more = Fma.madd<f64>(c, d, more);
      x += 2 * step;
      y += 2 * step;
    }
    xx = v128.add<f64>(xx, moreX);
    yy = v128.add<f64>(yy, moreY);
    xy = v128.add<f64>(xy, more);
    for (; n; n--) {
      let a = Pair.load<T>(x);
      let b = Pair.load<T>(y);
      if (isScaled) {
        a = v128.mul<f64>(a, scaleX);
        b = v128.mul<f64>(b, scaleY);
      }
      xx = Fma.madd<f64>(a, a, xx);
      yy = Fma.madd<f64>(b, b, yy);
      xy = Fma.madd<f64>(a, b, xy);
      x += step;
      y += step;
    }
    Sums.add(XX, xx);
    Sums.add(YY, yy);
    Sums.add(XY, xy);
  }

  /** Finds the greatest sizes; NaN wins. */
  greatest(x: usize, y: usize, step: usize, n: usize): void {
    let ofX = Sums.at(SCALE_X);
    let ofY = Sums.at(SCALE_Y);
    for (; n; n--) {
      ofX = v128.max<f64>(ofX, Lanes.abs<f64>(Pair.load<T>(x)));
      ofY = v128.max<f64>(ofY, Lanes.abs<f64>(Pair.load<T>(y)));
      x += step;
      y += step;
    }
    Sums.set(SCALE_X, ofX);
    Sums.set(SCALE_Y, ofY);
  }

  /** Adds Σ(x/a − y/b)². */
  apart(x: usize, y: usize, step: usize, n: usize): void {
    const a = Sums.at(OVER_A);
    const b = Sums.at(OVER_B);
    const scaleX = Sums.at(SCALE_X);
    const scaleY = Sums.at(SCALE_Y);
    let sum = Lanes.zero();
    for (; n; n--) {
      const u = v128.mul<f64>(v128.mul<f64>(Pair.load<T>(x), scaleX), a);
      const v = v128.mul<f64>(v128.mul<f64>(Pair.load<T>(y), scaleY), b);
      const d = v128.sub<f64>(u, v);
      sum = Fma.madd<f64>(d, d, sum);
      x += step;
      y += step;
    }
    Sums.add(APART, sum);
  }

  stage(k: i32, hasValue: bool): i32 {
    const one = f64x2.splat(1);
    if (sizeof<T>() == 8) {
      if (k == SWEEP_APART) return -1;
      // both, as the gradient of either divides by both norms
      const isPlain = v128.and(Scale.isPlain(Sums.total(XX)), Scale.isPlain(Sums.total(YY)));
      if (k == SWEEP_GREATEST) {
        SCALE(SCALE_X, isPlain);
        SCALE(SCALE_Y, isPlain);
        for (let i = XX; i <= XY; i++) Sums.set(i, Lanes.zero());
        return SWEEP_SCALED;
      }
      if (k == SWEEP_PLAIN) {
        if (!v128.all_true<i64>(isPlain)) return SWEEP_GREATEST;
        Sums.set(SCALE_X, one);
        Sums.set(SCALE_Y, one);
      }
    }
    const scaleX = sizeof<T>() == 8 ? Sums.at(SCALE_X) : one;
    const scaleY = sizeof<T>() == 8 ? Sums.at(SCALE_Y) : one;
    const rest = v128.add<f64>(
      NORM(Sums.total(XX), scaleX, OVER_A, OF_X),
      NORM(Sums.total(YY), scaleY, OVER_B, OF_Y),
    );
    const a = Sums.at(OVER_A);
    const b = Sums.at(OVER_B);
    // the greater last, as the product may not overflow before that
    const cosine = v128.mul<f64>(v128.mul<f64>(Sums.total(XY), v128.pmin<f64>(a, b)), v128.pmax<f64>(b, a));
    Sums.set(REST, rest);
    Sums.set(COSINE, cosine);
    if (isNormalized) return sizeof<T>() == 8 && hasValue ? SWEEP_APART : -1;
    Sums.set(OVER_A, one);
    Sums.set(OVER_B, one);
    if (sizeof<T>() == 8) {
      Sums.set(SCALE_X, one);
      Sums.set(SCALE_Y, one);
    }
    return -1;
  }

  value(): v128 {
    const one = f64x2.splat(1);
    const cosine = Sums.at(COSINE);
    let distance = v128.sub<f64>(one, cosine);
    if (sizeof<T>() == 8 && isNormalized)
      distance = v128.mul<f64>(v128.add<f64>(Sums.total(APART), Sums.at(REST)), f64x2.splat(0.5));
    const over = v128.sub<f64>(cosine, margin);
    const isNear = v128.eq<f64>(labels, one);
    const isFar = v128.and(v128.eq<f64>(labels, f64x2.splat(-1)), v128.ge<f64>(over, Lanes.zero()));
    const isBroken = v128.or(v128.ne<f64>(labels, labels), v128.ne<f64>(cosine, cosine));
    // dL/dc
    const slope = v128.or(v128.or(v128.and(isNear, f64x2.splat(-1)), v128.and(isFar, one)), isBroken);
    const up = v128.mul<f64>(slope, scales);
    const a = Sums.at(OVER_A);
    const b = Sums.at(OVER_B);
    let upX = a;
    let upY = b;
    if (sizeof<T>() == 8) {
      upX = v128.mul<f64>(a, Sums.at(SCALE_X));
      upY = v128.mul<f64>(b, Sums.at(SCALE_Y));
    }
    upX = v128.mul<f64>(upX, up);
    upY = v128.mul<f64>(upY, up);
    Sums.set(X_OF_Y, v128.mul<f64>(b, upX));
    Sums.set(Y_OF_X, v128.mul<f64>(a, upY));
    Sums.set(OF_X, v128.and(v128.mul<f64>(v128.mul<f64>(cosine, a), upX), Sums.at(OF_X)));
    Sums.set(OF_Y, v128.and(v128.mul<f64>(v128.mul<f64>(cosine, b), upY), Sums.at(OF_Y)));
    return v128.or(v128.or(v128.and(isNear, distance), v128.and(isFar, over)), isBroken);
  }

  grads(x: usize, y: usize, z: usize, gx: usize, gy: usize, gz: usize, step: usize, n: usize): void {
    const xOfY = Sums.at(X_OF_Y);
    const yOfX = Sums.at(Y_OF_X);
    const ofX = Sums.at(OF_X);
    const ofY = Sums.at(OF_Y);
    const scaleX = Sums.at(SCALE_X);
    const scaleY = Sums.at(SCALE_Y);
    const counts = active;
    // 0 times an infinite feature is no term of what has none
    const hasOwn = isNormalized;
    for (; n; n--) {
      let a = Pair.load<T>(x);
      let b = Pair.load<T>(y);
      if (sizeof<T>() == 8) {
        a = v128.mul<f64>(a, scaleX);
        b = v128.mul<f64>(b, scaleY);
      }
      if (gx) {
        let g = v128.mul<f64>(xOfY, b);
        if (hasOwn) g = Fma.nmadd<f64>(ofX, a, g);
        Pair.store<T>(gx, v128.and(g, counts));
        gx += step;
      }
      if (gy) {
        let g = v128.mul<f64>(yOfX, a);
        if (hasOwn) g = Fma.nmadd<f64>(ofY, b, g);
        Pair.store<T>(gy, v128.and(g, counts));
        gy += step;
      }
      x += step;
      y += step;
    }
  }
}
