// Cosine of two rows, from the sums |x|², |y|² and x·y (PyTorch: nn.functional.cosine_embedding_loss, cosine_similarity):
//   c = x·y/(a b), a = max(√(|x|² + P1), P2), b likewise, or a = b = 1 where P3 is 0
//   1 − c at label 1, max(0, c − P0) at −1, 0 elsewhere
// Gradient dc/dx = y/(ab) − (c/a²) x, without the second term where P2 is the greater.
//
// 1 − c has no digits left in f64 where the rows are all but parallel, so there it is ½(Σ(x/a − y/b)² + r(x) + r(y)) with
// r = 1 − |x|²/a². Of f32 the sums have digits to spare.

import { CALL_P0, CALL_P1, CALL_P2, CALL_P3 } from '../generated/abi';
import { active, FeaturesOp, labels, Sums, scales } from '../loops/features';
import { Fma } from '../simd/fma';
import { Lanes } from '../simd/lanes';
import { Pair } from '../simd/pair';

let margin: v128 = i32x4.splat(0);
let added: v128 = i32x4.splat(0);
let least: v128 = i32x4.splat(0);
let isNormalized: bool = false;

/** Places among the sums. */
const XX: usize = 0;
const YY: usize = 1;
const XY: usize = 2;
const APART: usize = 3;
/** 1/a, 1/b */
const OVER_A: usize = 4;
const OVER_B: usize = 5;
/** c/a², c/b², as far as the gradient has them, and r(x) + r(y) */
const OF_X: usize = 6;
const OF_Y: usize = 7;
const REST: usize = 8;
const COSINE: usize = 9;
/** 1/(ab) */
const OF_OTHER: usize = 10;

/** Sets 1/a, the gradient's second factor but for c, and returns r. */
function NORM(square: v128, over: usize, own: usize): v128 {
  const one = f64x2.splat(1);
  const all = v128.eq<i64>(one, one);
  const norm = f64x2.sqrt(v128.add<f64>(square, added));
  const isClipped = isNormalized ? v128.lt<f64>(norm, least) : all;
  const inverse = isNormalized ? v128.div<f64>(one, v128.pmax<f64>(norm, least)) : one;
  Sums.set(over, inverse);
  Sums.set(own, v128.andnot(v128.mul<f64>(inverse, inverse), isClipped));
  const clipped = v128.sub<f64>(one, v128.mul<f64>(v128.mul<f64>(square, inverse), inverse));
  const rest = v128.mul<f64>(v128.mul<f64>(added, inverse), inverse);
  return v128.bitselect(clipped, rest, isClipped);
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
  }

  @inline sweeps(hasValue: bool): i32 {
    return sizeof<T>() == 8 && hasValue && isNormalized ? 2 : 1;
  }

  sweep(k: i32, x: usize, y: usize, z: usize, step: usize, n: usize): void {
    if (sizeof<T>() == 8 && k) {
      this.apart(x, y, step, n);
      return;
    }
    let xx = Lanes.zero();
    let yy = Lanes.zero();
    let xy = Lanes.zero();
    for (; n; n--) {
      const a = Pair.load<T>(x);
      const b = Pair.load<T>(y);
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

  /** Adds Σ(x/a − y/b)². */
  apart(x: usize, y: usize, step: usize, n: usize): void {
    const a = Sums.at(OVER_A);
    const b = Sums.at(OVER_B);
    let sum = Lanes.zero();
    for (; n; n--) {
      const d = v128.sub<f64>(v128.mul<f64>(Pair.load<T>(x), a), v128.mul<f64>(Pair.load<T>(y), b));
      sum = Fma.madd<f64>(d, d, sum);
      x += step;
      y += step;
    }
    Sums.add(APART, sum);
  }

  stage(k: i32): void {
    if (k) return;
    const rest = v128.add<f64>(NORM(Sums.total(XX), OVER_A, OF_X), NORM(Sums.total(YY), OVER_B, OF_Y));
    const a = Sums.at(OVER_A);
    const b = Sums.at(OVER_B);
    const cosine = v128.mul<f64>(v128.mul<f64>(Sums.total(XY), a), b);
    Sums.set(REST, rest);
    Sums.set(COSINE, cosine);
    Sums.set(OF_OTHER, v128.mul<f64>(a, b));
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
    const ofCosine = v128.mul<f64>(cosine, up);
    Sums.set(OF_OTHER, v128.mul<f64>(Sums.at(OF_OTHER), up));
    Sums.set(OF_X, v128.mul<f64>(Sums.at(OF_X), ofCosine));
    Sums.set(OF_Y, v128.mul<f64>(Sums.at(OF_Y), ofCosine));
    return v128.or(v128.or(v128.and(isNear, distance), v128.and(isFar, over)), isBroken);
  }

  grads(x: usize, y: usize, z: usize, gx: usize, gy: usize, gz: usize, step: usize, n: usize): void {
    const other = Sums.at(OF_OTHER);
    const ofX = Sums.at(OF_X);
    const ofY = Sums.at(OF_Y);
    const counts = active;
    for (; n; n--) {
      const a = Pair.load<T>(x);
      const b = Pair.load<T>(y);
      if (gx) {
        Pair.store<T>(gx, v128.and(Fma.nmadd<f64>(ofX, a, v128.mul<f64>(other, b)), counts));
        gx += step;
      }
      if (gy) {
        Pair.store<T>(gy, v128.and(Fma.nmadd<f64>(ofY, b, v128.mul<f64>(other, a)), counts));
        gy += step;
      }
      x += step;
      y += step;
    }
  }
}
