// Sums of −log(r) with r = |1 − t − p|, the probability of a target t that is 0 or 1, without a logarithm per element.
//
// The r of four vectors are multiplied up in f64, where 1 − p is exact and a floor of e^−100 is a normal number (logarithms are at
// least −100); then their exponents are added and their mantissas multiplied, one logarithm a group of eight. Where t = 0 and
// p ≤ 2⁻²⁵ the product would drop it; −log(1 − p) = p there, and it is added. A group with a softer target or a p outside
// [0, 1] takes its terms one by one.
// f32 alone: in f64 a product of rounded factors would lose a confident sample's tail. A value takes 1.0 ns per element instead
// of 2.7, and 4.4 instead of 3.6 where every target is soft.

import { Call } from '../call';
import { FLAG_VALUE } from '../generated/abi';
import { gradScale } from '../gradScale';
import { Log } from '../math/log';
import { GROUP, Tree } from '../reduce/tree';
import { Wide } from '../reduce/wide';
import { Lanes } from '../simd/lanes';
import * as cursor from './cursor';
import { PointOp } from './pointwise';

/** A loss that is −log |1 − t − x| for targets of 0 and 1. */
export abstract class ProductOp<T extends number> extends PointOp<T> {
  /** The gradient with respect to x without an extra operand. */
  abstract slope(x: v128, t: v128, one: v128): v128;
  /** That with respect to t. */
  abstract slopeTarget(x: v128): v128;
}

let LEAST: v128 = f64x2.splat(3.720075976020836e-44); // e^−100
let MANTISSA: v128 = i64x2.splat(0x000fffffffffffff);
let LN2: v128 = f64x2.splat(0.6931471805599453);
let TWO_52: v128 = f64x2.splat(4503599627370496);
/** 2^52 and the bias of a group's four products. */
let TWO_52_AND_BIASES: v128 = f64x2.splat(4503599627374588);

/** Sum of the present block so far, f64x2. */
let blockSum: v128 = f64x2.splat(0);

// Loops run until x is their end, which is 0 where the memory ends there.

/** acc + the values of the group at x and t, one by one. */
function TERMS<L extends ProductOp<f32>>(acc: v128, x: usize, t: usize): v128 {
  for (const end = x + GROUP; x != end; x += 16) {
    const xv = v128.load(x);
    const tv = v128.load(t);
    acc = Tree.accumulate<f32>(
      acc,
      changetype<L>(0).value(xv, tv, Lanes.one<f32>(), changetype<L>(0).aux(xv, tv)),
    );
    t += 16;
  }
  return acc;
}

class Factors {
  /** The product's mantissa, in [1, 2). */
  @inline static mantissa(product: v128): v128 {
    return v128.or(v128.and(product, MANTISSA), Lanes.one<f64>());
  }

  /** |rest − p|, at least e^−100 */
  @inline static of(rest: v128, p: v128): v128 {
    return v128.pmax<f64>(LEAST, Lanes.abs<f64>(v128.sub<f64>(rest, p)));
  }
}

/** acc + the values of the group at x and t. */
function GROUP_SUM<L extends ProductOp<f32>>(acc: v128, x: usize, t: usize): v128 {
  const one = Lanes.one<f32>();
  let mantissas = Lanes.one<f64>();
  let exponents = Lanes.zero();
  let small = Lanes.zero();
  // not 0 for a target that is neither 0 nor 1; the greatest bits of p, which are above those of 1 outside [0, 1]
  let odd = Lanes.zero();
  let greatest = Lanes.zero();
  for (const end = x + GROUP; x != end; ) {
    let low = Lanes.one<f64>();
    let high = Lanes.one<f64>();
    for (const half = x + GROUP / 2; x != half; x += 16) {
      const p = v128.load(x);
      const tv = v128.load(t);
      const rest = v128.sub<f32>(one, tv);
      odd = v128.or(odd, v128.mul<f32>(tv, rest));
      greatest = i32x4.max_u(greatest, p);
      const isSmall = v128.eq<f32>(v128.sub<f32>(rest, p), one);
      small = v128.add<f32>(small, v128.and(p, isSmall));
      const factor = v128.andnot(p, isSmall);
      low = v128.mul<f64>(low, Factors.of(Wide.low<f32>(rest), Wide.low<f32>(factor)));
      high = v128.mul<f64>(high, Factors.of(Wide.high<f32>(rest), Wide.high<f32>(factor)));
      t += 16;
    }
    exponents = i64x2.add(exponents, i64x2.add(i64x2.shr_u(low, 52), i64x2.shr_u(high, 52)));
    mantissas = v128.mul<f64>(mantissas, v128.mul<f64>(Factors.mantissa(low), Factors.mantissa(high)));
  }
  if (!i32x4.all_true(v128.and(i32x4.le_u(greatest, one), i32x4.eq(odd, Lanes.zero())))) {
    return TERMS<L>(acc, x - GROUP, t - GROUP);
  }
  const k = v128.sub<f64>(v128.or(exponents, TWO_52), TWO_52_AND_BIASES);
  const log = v128.add<f64>(v128.mul<f64>(k, LN2), Log.positive<f64>(mantissas));
  return v128.sub<f64>(Tree.accumulate<f32>(acc, small), log);
}

/** The gradients of the group at x and t. */
function GRADIENTS<L extends ProductOp<f32>>(x: usize, t: usize, toGrad: usize, toGradTarget: usize): void {
  const one = Lanes.one<f32>();
  const scale = gradScale;
  const end = x + GROUP;
  if (!cursor.gradTarget) {
    for (; x != end; x += 16) {
      v128.store(x + toGrad, v128.mul<f32>(changetype<L>(0).slope(v128.load(x), v128.load(t), one), scale));
      t += 16;
    }
    return;
  }
  // either may overwrite the inputs
  for (; x != end; x += 16) {
    const xv = v128.load(x);
    const tv = v128.load(t);
    v128.store(x + toGradTarget, v128.mul<f32>(changetype<L>(0).slopeTarget(xv), scale));
    if (cursor.grad) v128.store(x + toGrad, v128.mul<f32>(changetype<L>(0).slope(xv, tv, one), scale));
    t += 16;
  }
}

/** The present span, whole groups: values first, since the gradients may overwrite what they are made of. */
function SPAN<L extends ProductOp<f32>>(wantValue: bool): void {
  let x = cursor.x;
  let t = cursor.t;
  const end = x + cursor.bytes;
  let acc = blockSum;
  while (x != end) {
    if (wantValue) acc = GROUP_SUM<L>(acc, x, t);
    if (cursor.grad | cursor.gradTarget) {
      GRADIENTS<L>(x, t, cursor.grad - cursor.x, cursor.gradTarget - cursor.x);
    }
    x += GROUP;
    t += GROUP;
  }
  blockSum = acc;
}

/**
 * Sum or mean, gradient, or both, without weights and with one upstream number. The formula must give 0 where x = t = 0: that is
 * the tail's padding.
 */
export function PRODUCT<T extends f32, L extends ProductOp<f32>>(call: usize): f64 {
  const wantValue = Call.has(call, FLAG_VALUE);
  cursor.begin<f32>(call, GROUP);
  while (cursor.nextBlock<f32>(call)) {
    blockSum = Lanes.zero();
    SPAN<L>(wantValue);
    if (cursor.nextTail<f32>()) {
      SPAN<L>(wantValue);
      cursor.endGradTail<f32>();
    }
    if (wantValue) cursor.addBlock(Tree.fold(blockSum));
  }
  return cursor.end(call);
}
