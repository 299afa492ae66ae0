// Sums of linear(x, t) + log(1 + e), with e = e^exponent(x, t) in [0, 1], without a logarithm per element.
//
// f32: log(1 + a) + log(1 + b) = log(1 + p) with p = a + b (1 + a), which is as accurate relative to p as a and b are; four
// vectors make one p (seven roundings). The factors 1 + p are multiplied up in f64, one logarithm a block: a block has 64 factors
// of at most 16 in each of four lanes, which cannot overflow. Where p < 2⁻²⁵ the product would drop it; log(1 + p) = p there, and
// it is added. Guards against what is infinite or leads to subnormal numbers cost a fifth of the time, so four vectors are looked
// at first: where all of them are near 0, the same bits come without.
// f64: a product of rounded factors would lose a confident sample's tail, so every element has its logarithm.

import { Call } from '../call';
import { FLAG_VALUE } from '../generated/abi';
import { gradScale } from '../gradScale';
import { Exp } from '../math/exp';
import { Log } from '../math/log';
import { Log1p } from '../math/log1p';
import { GROUP, Tree } from '../reduce/tree';
import { Wide } from '../reduce/wide';
import { Fma } from '../simd/fma';
import { Lanes } from '../simd/lanes';
import * as cursor from './cursor';
import { PointOp } from './pointwise';

/**
 * A loss that is linear(x, t) + log(1 + e). `one` is 1, which the formulas share; IS_NEAR says that e has not underflowed, so that x
 * is finite.
 */
export abstract class SoftplusOp<T extends number> extends PointOp<T> {
  /** At most 0. */
  abstract exponent(x: v128, t: v128): v128;
  /** That of the vectors at x and t, of which none is loaded that is not used: a load stays, for it may trap. */
  abstract exponentAt(x: usize, t: usize): v128;
  abstract linear(x: v128, t: v128, one: v128, IS_NEAR: bool): v128;
  /** The gradient with respect to x without an extra operand. */
  abstract slope(x: v128, t: v128, e: v128, one: v128): v128;
  /** That with respect to t. */
  abstract slopeTarget(x: v128, t: v128, e: v128, one: v128): v128;
  /** A target for which the loss is 0 where x = −inf: with these a tail is padded. */
  abstract confident(): f64;
}

let LEAST_FACTOR: v128 = f32x4.splat(2.9802322387695312e-8); // 2⁻²⁵

// Of the present block: Σ linear as f64x2, and the products of 1 + e.
let linearSum: v128 = f64x2.splat(0);
let lowProduct: v128 = f64x2.splat(1);
let highProduct: v128 = f64x2.splat(1);

// The present span, in the terms of its input's address.
let toTarget: usize = 0;
let toGrad: usize = 0;
let toGradTarget: usize = 0;
// Below it e would make a subnormal gradient of a confident element, which costs as much as ten others.
let leastFactor: v128 = f32x4.splat(0);
/** f32: where the bits of an exponent, which is at most 0, are less than these, neither e nor the gradient underflows. */
let nearBits: i32 = 0;

/** What the last block that was added up again came to: where that is infinite, so are terms, and the call's sum is, or NaN. */
let decided: f64 = 0;

/** Of the last four vectors that were not near: Σ log(1 + e) = log(1 + this). */
let farFactor: v128 = i32x4.splat(0);

class SoftplusLoop {
  @inline static exp<T extends number, L extends SoftplusOp<T>>(x: v128, t: v128, IS_NEAR: bool): v128 {
    const exponent = changetype<L>(0).exponent(x, t);
    return IS_NEAR ? Exp.coarse<T>(exponent) : Exp.coarseFlush<T>(exponent);
  }

  /** Stores what gradients are wanted of the vector at x. */
  @inline static gradients<T extends number, L extends SoftplusOp<T>>(
    x: usize,
    xv: v128,
    tv: v128,
    e: v128,
    one: v128,
    scale: v128,
    IS_NEAR: bool,
  ): void {
    if (cursor.grad) {
      const factor = IS_NEAR ? e : Lanes.flushBelow<T>(e, leastFactor);
      v128.store(x + toGrad, v128.mul<T>(changetype<L>(0).slope(xv, tv, factor, one), scale));
    }
    if (cursor.gradTarget) {
      v128.store(x + toGradTarget, v128.mul<T>(changetype<L>(0).slopeTarget(xv, tv, e, one), scale));
    }
  }

  @inline static gradient<T extends number, L extends SoftplusOp<T>>(
    x: usize,
    one: v128,
    scale: v128,
    IS_NEAR: bool,
  ): void {
    const xv = v128.load(x);
    const tv = v128.load(x + toTarget);
    SoftplusLoop.gradients<T, L>(x, xv, tv, SoftplusLoop.exp<T, L>(xv, tv, IS_NEAR), one, scale, IS_NEAR);
  }

  @inline static begin<T extends number>(): void {
    leastFactor = Lanes.leastFactor<T>(gradScale);
    if (sizeof<T>() == 4) nearBits = SoftplusLoop.nearest(f32x4.extract_lane(leastFactor, 0));
    toTarget = cursor.t - cursor.x;
    toGrad = cursor.grad - cursor.x;
    toGradTarget = cursor.gradTarget - cursor.x;
  }

  /** The bits of an exponent above −87.3 whose e is above `least`; of −0, than which none is less, if there is none. */
  static nearest(least: f32): i32 {
    const exponent = i32(reinterpret<u32>(least) >>> 23) - 125;
    return exponent < 0 ? reinterpret<i32>(max<f32>(-87.3, f32(exponent) * 0.6931472)) : i32.MIN_VALUE;
  }

  /** The exponents of the vector at x, whose bits are as integers the greater the farther from 0 they are; NaN's the greatest. */
  @inline static distance<T extends number, L extends SoftplusOp<T>>(x: usize): v128 {
    return changetype<L>(0).exponentAt(x, x + toTarget);
  }

  @inline static areNear<T extends number, L extends SoftplusOp<T>>(x: usize, near: v128): bool {
    const a = i32x4.max_s(SoftplusLoop.distance<T, L>(x), SoftplusLoop.distance<T, L>(x + 16));
    const b = i32x4.max_s(SoftplusLoop.distance<T, L>(x + 32), SoftplusLoop.distance<T, L>(x + 48));
    return i32x4.all_true(i32x4.lt_s(i32x4.max_s(a, b), near));
  }

  /** a + b (1 + a): not ab, which underflows for confident elements. */
  @inline static join<T extends number>(a: v128, b: v128, one: v128): v128 {
    return Fma.madd<T>(b, v128.add<T>(one, a), a);
  }

  /**
   * f32: Σ linear of the four vectors at x, with their gradients; Σ log(1 + e) = log(1 + farFactor). Unrolled and inlined as those that
   * are near: where half of all logits are infinite, a value takes 1.28 times as long as ordinary ones, 1.36 with a loop, 1.48 with a call.
   */
  @inline static far<T extends number, L extends SoftplusOp<T>>(x: usize, one: v128, scale: v128): v128 {
    const xa = v128.load(x);
    const ta = v128.load(x + toTarget);
    const a = SoftplusLoop.exp<T, L>(xa, ta, false);
    const la = changetype<L>(0).linear(xa, ta, one, false);
    SoftplusLoop.gradients<T, L>(x, xa, ta, a, one, scale, false);
    const xb = v128.load(x, 16);
    const tb = v128.load(x + toTarget, 16);
    const b = SoftplusLoop.exp<T, L>(xb, tb, false);
    const lb = changetype<L>(0).linear(xb, tb, one, false);
    SoftplusLoop.gradients<T, L>(x + 16, xb, tb, b, one, scale, false);
    const xc = v128.load(x, 32);
    const tc = v128.load(x + toTarget, 32);
    const c = SoftplusLoop.exp<T, L>(xc, tc, false);
    const lc = changetype<L>(0).linear(xc, tc, one, false);
    SoftplusLoop.gradients<T, L>(x + 32, xc, tc, c, one, scale, false);
    const xd = v128.load(x, 48);
    const td = v128.load(x + toTarget, 48);
    const d = SoftplusLoop.exp<T, L>(xd, td, false);
    const ld = changetype<L>(0).linear(xd, td, one, false);
    SoftplusLoop.gradients<T, L>(x + 48, xd, td, d, one, scale, false);
    farFactor = SoftplusLoop.join<T>(SoftplusLoop.join<T>(a, b, one), SoftplusLoop.join<T>(c, d, one), one);
    return v128.add<T>(v128.add<T>(la, lb), v128.add<T>(lc, ld));
  }

  /** Σ linear + log(1 + e) of the four vectors at x, with their gradients, in f64. */
  @inline static exact<T extends number, L extends SoftplusOp<T>>(from: usize, one: v128, scale: v128): v128 {
    let sum = Lanes.zero();
    const end = from + 64;
    for (let x = from; x != end; x += 32) {
      const xa = v128.load(x);
      const ta = v128.load(x + toTarget);
      const a = SoftplusLoop.exp<T, L>(xa, ta, false);
      const la = changetype<L>(0).linear(xa, ta, one, false);
      SoftplusLoop.gradients<T, L>(x, xa, ta, a, one, scale, false);
      const xb = v128.load(x, 16);
      const tb = v128.load(x + toTarget, 16);
      const b = SoftplusLoop.exp<T, L>(xb, tb, false);
      const lb = changetype<L>(0).linear(xb, tb, one, false);
      SoftplusLoop.gradients<T, L>(x + 16, xb, tb, b, one, scale, false);
      sum = v128.add<T>(
        sum,
        v128.add<T>(v128.add<T>(la, Log1p.unit<T>(a)), v128.add<T>(lb, Log1p.unit<T>(b))),
      );
    }
    return sum;
  }
}

/** The present span, whole groups of eight vectors, gradients alone. */
function SPAN_GRAD<T extends number, L extends SoftplusOp<T>>(): void {
  SoftplusLoop.begin<T>();
  const one = Lanes.one<T>();
  const scale = gradScale;
  const near = i32x4.splat(nearBits);
  let x = cursor.x;
  // 0 where the memory ends there
  const end = x + cursor.bytes;
  while (x != end) {
    const next = x + 64;
    if (sizeof<T>() == 4 && SoftplusLoop.areNear<T, L>(x, near)) {
      for (; x != next; x += 16) SoftplusLoop.gradient<T, L>(x, one, scale, true);
    } else {
      for (; x != next; x += 16) SoftplusLoop.gradient<T, L>(x, one, scale, false);
    }
  }
}

/**
 * The present span, whole groups of eight vectors, gradients too where they are wanted. A function of its own: V8 would
 * compute e twice if both of its uses were behind branches.
 */
function SPAN<T extends number, L extends SoftplusOp<T>>(): void {
  SoftplusLoop.begin<T>();
  const one = Lanes.one<T>();
  const scale = gradScale;
  const near = i32x4.splat(nearBits);
  let x = cursor.x;
  // 0 where the memory ends there
  const end = x + cursor.bytes;
  let acc = linearSum;
  let low = lowProduct;
  let high = highProduct;
  while (x != end) {
    let group = Lanes.zero();
    for (let i = 0; i < 2; i++) {
      let sum: v128;
      if (sizeof<T>() == 8) sum = SoftplusLoop.exact<T, L>(x, one, scale);
      else {
        let factor: v128;
        if (SoftplusLoop.areNear<T, L>(x, near)) {
          const xa = v128.load(x);
          const ta = v128.load(x + toTarget);
          const a = SoftplusLoop.exp<T, L>(xa, ta, true);
          const la = changetype<L>(0).linear(xa, ta, one, true);
          SoftplusLoop.gradients<T, L>(x, xa, ta, a, one, scale, true);
          const xb = v128.load(x, 16);
          const tb = v128.load(x + toTarget, 16);
          const b = SoftplusLoop.exp<T, L>(xb, tb, true);
          const lb = changetype<L>(0).linear(xb, tb, one, true);
          SoftplusLoop.gradients<T, L>(x + 16, xb, tb, b, one, scale, true);
          const xc = v128.load(x, 32);
          const tc = v128.load(x + toTarget, 32);
          const c = SoftplusLoop.exp<T, L>(xc, tc, true);
          const lc = changetype<L>(0).linear(xc, tc, one, true);
          SoftplusLoop.gradients<T, L>(x + 32, xc, tc, c, one, scale, true);
          const xd = v128.load(x, 48);
          const td = v128.load(x + toTarget, 48);
          const d = SoftplusLoop.exp<T, L>(xd, td, true);
          const ld = changetype<L>(0).linear(xd, td, one, true);
          SoftplusLoop.gradients<T, L>(x + 48, xd, td, d, one, scale, true);
          factor = SoftplusLoop.join<T>(
            SoftplusLoop.join<T>(a, b, one),
            SoftplusLoop.join<T>(c, d, one),
            one,
          );
          sum = v128.add<T>(v128.add<T>(la, lb), v128.add<T>(lc, ld));
        } else {
          sum = SoftplusLoop.far<T, L>(x, one, scale);
          factor = farFactor;
        }
        const small = v128.lt<f32>(factor, LEAST_FACTOR);
        const large = v128.andnot(factor, small);
        low = v128.mul<f64>(low, v128.add<f64>(Lanes.one<f64>(), Wide.low<T>(large)));
        high = v128.mul<f64>(high, v128.add<f64>(Lanes.one<f64>(), Wide.high<T>(large)));
        sum = v128.add<T>(sum, v128.and(factor, small));
      }
      group = v128.add<T>(group, sum);
      x += 64;
    }
    acc = Tree.accumulate<T>(acc, group);
  }
  linearSum = acc;
  lowProduct = low;
  highProduct = high;
}

/** The present span's Σ linear term by term, for where it overflows f32: what else has been added is less than such a term's ULP. */
function SPAN_LINEAR<T extends number, L extends SoftplusOp<T>>(): void {
  const one = Lanes.one<T>();
  let acc = linearSum;
  for (let i: usize = 0; i < cursor.bytes; i += 16) {
    const linear = changetype<L>(0).linear(v128.load(cursor.x + i), v128.load(cursor.t + i), one, false);
    acc = Tree.accumulate<T>(acc, linear);
  }
  linearSum = acc;
}

/** The present block's linearSum again, in f64. */
function WIDE_SUM<T extends number, L extends SoftplusOp<T>>(call: usize): void {
  linearSum = Lanes.zero();
  cursor.again<T>(call);
  do SPAN_LINEAR<T, L>();
  while (cursor.nextTail<T>());
}

/**
 * Sum or mean, gradient, or both, without weights and with one upstream number.
 */
export function SOFTPLUS<T extends number, L extends SoftplusOp<T>>(call: usize): f64 {
  const wantValue = Call.has(call, FLAG_VALUE);
  decided = 0;
  cursor.begin<T>(call, GROUP, sizeof<T>() == 4);
  cursor.pad<T>(-Infinity, changetype<L>(0).confident());
  while (cursor.nextBlock<T>(call)) {
    if (!wantValue) {
      SPAN_GRAD<T, L>();
      if (cursor.nextTail<T>()) {
        SPAN_GRAD<T, L>();
        cursor.endGradTail<T>();
      }
      continue;
    }
    linearSum = Lanes.zero();
    lowProduct = Lanes.one<f64>();
    highProduct = Lanes.one<f64>();
    SPAN<T, L>();
    if (cursor.nextTail<T>()) {
      SPAN<T, L>();
      cursor.endGradTail<T>();
    }
    const plain = Tree.fold(linearSum);
    // what adds infinity to the same infinity, or anything to NaN, changes nothing
    if (!Tree.isSettled<T>(plain) && plain != decided && !isNaN<f64>(decided)) {
      WIDE_SUM<T, L>(call);
      decided = Tree.fold(linearSum);
    }
    let sum = linearSum;
    if (sizeof<T>() == 4) sum = v128.add<f64>(sum, Log.of<f64>(v128.mul<f64>(lowProduct, highProduct)));
    cursor.addBlock(Tree.fold(sum));
    if (sizeof<T>() == 4 && cursor.isAside) cursor.placeGradients<T>(call);
  }
  return cursor.end(call);
}
