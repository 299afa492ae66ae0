// Sums of linear(x, t) + log(1 + e), with e in [0, 1], without a logarithm per element.
//
// f32: log(1 + a) + log(1 + b) = log(1 + p) with p = a + b (1 + a), which is as accurate relative to p as a and b are (three
// roundings). The factors 1 + p of pairs are multiplied up in f64, one logarithm a block: a block has 128 factors of at
// most 4 in each of four lanes, which cannot overflow. Where p < 2⁻²⁵ the product would drop it; log(1 + p) = p there, and it
// is added.
// f64: a product of rounded factors would lose a confident sample's tail, so every element has its logarithm.
// Half the time per element in f32: 2.7 ns against 5.6 for value and gradient.

import { Call } from '../call';
import { FLAG_VALUE } from '../generated/abi';
import { gradScale } from '../gradScale';
import { Log } from '../math/log';
import { Log1p } from '../math/log1p';
import { GROUP, Tree } from '../reduce/tree';
import { Wide } from '../reduce/wide';
import { Fma } from '../simd/fma';
import { Lanes } from '../simd/lanes';
import * as cursor from './cursor';
import { PointOp } from './pointwise';

/** A loss that is linear(x, t) + log(1 + aux(x, t)), with aux in [0, 1]. `one` is 1, which the formulas share. */
export abstract class SoftplusOp<T extends number> extends PointOp<T> {
  abstract linear(x: v128, t: v128, one: v128): v128;
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

class SoftplusLoop {
  /** Stores what gradients are wanted of the vector at x. */
  @inline static gradients<T extends number, L extends SoftplusOp<T>>(
    x: usize,
    xv: v128,
    tv: v128,
    e: v128,
    one: v128,
    scale: v128,
  ): void {
    if (cursor.grad) {
      const g = changetype<L>(0).slope(xv, tv, Lanes.flushBelow<T>(e, leastFactor), one);
      v128.store(x + toGrad, v128.mul<T>(g, scale));
    }
    if (cursor.gradTarget) {
      v128.store(x + toGradTarget, v128.mul<T>(changetype<L>(0).slopeTarget(xv, tv, e, one), scale));
    }
  }

  @inline static begin<T extends number>(): void {
    leastFactor = Lanes.leastFactor<T>(gradScale);
    toTarget = cursor.t - cursor.x;
    toGrad = cursor.grad - cursor.x;
    toGradTarget = cursor.gradTarget - cursor.x;
  }
}

/** The present span, gradients alone. */
function SPAN_GRAD<T extends number, L extends SoftplusOp<T>>(): void {
  SoftplusLoop.begin<T>();
  const one = Lanes.one<T>();
  const scale = gradScale;
  // 0 where the memory ends there
  const end = cursor.x + cursor.bytes;
  for (let x = cursor.x; x != end; x += 16) {
    const xv = v128.load(x);
    const tv = v128.load(x + toTarget);
    SoftplusLoop.gradients<T, L>(x, xv, tv, changetype<L>(0).aux(xv, tv), one, scale);
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
  let x = cursor.x;
  // 0 where the memory ends there
  const end = x + cursor.bytes;
  let acc = linearSum;
  let low = lowProduct;
  let high = highProduct;
  while (x != end) {
    // pairs of vectors, four of which make the tree
    let group = Lanes.zero();
    for (let i = 0; i < 2; i++) {
      let half = Lanes.zero();
      for (let j = 0; j < 2; j++) {
        const xa = v128.load(x);
        const ta = v128.load(x + toTarget);
        const a = changetype<L>(0).aux(xa, ta);
        const la = changetype<L>(0).linear(xa, ta, one);
        SoftplusLoop.gradients<T, L>(x, xa, ta, a, one, scale);
        const xb = v128.load(x, 16);
        const tb = v128.load(x + toTarget, 16);
        const b = changetype<L>(0).aux(xb, tb);
        const lb = changetype<L>(0).linear(xb, tb, one);
        SoftplusLoop.gradients<T, L>(x + 16, xb, tb, b, one, scale);
        if (sizeof<T>() == 8) {
          const sa = v128.add<T>(la, Log1p.unit<T>(a));
          half = v128.add<T>(half, v128.add<T>(sa, v128.add<T>(lb, Log1p.unit<T>(b))));
        } else {
          // not ab, which underflows for confident elements
          const p = Fma.madd<f32>(b, v128.add<f32>(one, a), a);
          const small = v128.lt<f32>(p, LEAST_FACTOR);
          const large = v128.andnot(p, small);
          low = v128.mul<f64>(low, v128.add<f64>(Lanes.one<f64>(), Wide.low<T>(large)));
          high = v128.mul<f64>(high, v128.add<f64>(Lanes.one<f64>(), Wide.high<T>(large)));
          half = v128.add<T>(half, v128.add<T>(v128.add<T>(la, lb), v128.and(p, small)));
        }
        x += 32;
      }
      group = v128.add<T>(group, half);
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
    const linear = changetype<L>(0).linear(v128.load(cursor.x + i), v128.load(cursor.t + i), one);
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
    if (!Tree.isSettled<T>(Tree.fold(linearSum))) WIDE_SUM<T, L>(call);
    let sum = linearSum;
    if (sizeof<T>() == 4) sum = v128.add<f64>(sum, Log.of<f64>(v128.mul<f64>(lowProduct, highProduct)));
    cursor.addBlock(Tree.fold(sum));
    if (sizeof<T>() == 4 && cursor.isAside) cursor.placeGradients(call);
  }
  return cursor.end(call);
}
