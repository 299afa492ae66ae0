// Sums of linear(x, t) + log(1 + e), with e in [0, 1], without a logarithm per element.
//
// f32: the factors 1 + e are multiplied up in f64, one logarithm a block: a block has 256 factors of at
// most 2 in each of four lanes, which cannot overflow. Where e < 2⁻²⁵ the product would drop it; log(1 + e) = e there, and it is added.
// f64: a product of rounded factors would lose a confident sample's tail, so every element has its logarithm.
// Half the time per element in f32: 2.7 ns against 5.6 for value and gradient.
import { FLAG_VALUE } from '../abi';
import { Call } from '../call';
import { Log } from '../math/log';
import { Log1pTail } from '../math/log1pTail';
import { GROUP, Tree } from '../reduce/tree';
import { Wide } from '../reduce/wide';
import { Lanes } from '../simd/lanes';
import * as cursor from './cursor';
import { PointOp } from './pointwise';

/** A loss that is linear(x, t) + log(1 + aux(x, t)), with aux in [0, 1]. */
export abstract class SoftplusOp<T extends number> extends PointOp<T> {
  abstract linear(x: v128, t: v128): v128;
}

let LEAST_FACTOR: v128 = f32x4.splat(2.9802322387695312e-8); // 2⁻²⁵
let ONE_F64: v128 = f64x2.splat(1);

// Of the present block: Σ linear as f64x2, and the products of 1 + e.
let linearSum: v128 = f64x2.splat(0);
let lowProduct: v128 = f64x2.splat(1);
let highProduct: v128 = f64x2.splat(1);

class Softplus {
  /** One vector: its gradient is stored, its factors multiplied up; what is to be added is returned. */
  @inline static vector<T extends number, L extends SoftplusOp<T>>(
    x: usize,
    t: usize,
    grad: usize,
    gradTarget: usize,
    wantValue: bool,
  ): v128 {
    const xv = v128.load(x);
    const tv = v128.load(t);
    const e = changetype<L>(0).aux(xv, tv);
    const one = Lanes.one<T>();
    if (gradTarget) {
      v128.store(gradTarget, v128.mul<T>(changetype<L>(0).gradTarget(xv, tv, one, e), cursor.gradScale));
    }
    if (grad) v128.store(grad, v128.mul<T>(changetype<L>(0).grad(xv, tv, one, e), cursor.gradScale));
    if (!wantValue) return e;
    const linear = changetype<L>(0).linear(xv, tv);
    if (sizeof<T>() == 8) return v128.add<T>(linear, Log1pTail.unit<T>(e));
    const small = v128.lt<f32>(e, LEAST_FACTOR);
    const large = v128.andnot(e, small);
    lowProduct = v128.mul<f64>(lowProduct, v128.add<f64>(ONE_F64, Wide.low<T>(large)));
    highProduct = v128.mul<f64>(highProduct, v128.add<f64>(ONE_F64, Wide.high<T>(large)));
    return v128.add<T>(linear, v128.and(e, small));
  }
}

/** The present span, whole groups of eight vectors: pairs of vectors, four of which make the tree. */
function SPAN<T extends number, L extends SoftplusOp<T>>(wantValue: bool): void {
  let x = cursor.x;
  let t = cursor.t;
  let grad = cursor.grad;
  let gradTarget = cursor.gradTarget;
  const step: usize = grad ? 32 : 0;
  const targetStep: usize = gradTarget ? 32 : 0;
  const end = x + cursor.bytes;
  let acc = linearSum;
  while (x < end) {
    let half = Lanes.zero();
    let quarter = Lanes.zero();
    for (let i = 0; i < 4; i++) {
      const a = Softplus.vector<T, L>(x, t, grad, gradTarget, wantValue);
      const b = Softplus.vector<T, L>(
        x + 16,
        t + 16,
        grad ? grad + 16 : 0,
        gradTarget ? gradTarget + 16 : 0,
        wantValue,
      );
      const pair = v128.add<T>(a, b);
      if (i == 1) half = v128.add<T>(quarter, pair);
      else if (i == 3) acc = Tree.accumulate<T>(acc, v128.add<T>(half, v128.add<T>(quarter, pair)));
      else quarter = pair;
      x += 32;
      t += 32;
      grad += step;
      gradTarget += targetStep;
    }
  }
  linearSum = acc;
}

/**
 * Sum or mean, gradient, or both, without weights and with one upstream number. The formula must give 0 where
 * x = −inf and t = 0: that is the tail's padding.
 */
export function SOFTPLUS<T extends number, L extends SoftplusOp<T>>(call: usize): f64 {
  const wantValue = Call.has(call, FLAG_VALUE);
  cursor.begin<T>(call, GROUP);
  cursor.pad<T>(-Infinity);
  while (cursor.nextBlock<T>(call)) {
    linearSum = Lanes.zero();
    lowProduct = ONE_F64;
    highProduct = ONE_F64;
    SPAN<T, L>(wantValue);
    if (cursor.nextTail<T>()) {
      SPAN<T, L>(wantValue);
      cursor.endGradTail<T>();
    }
    if (wantValue) {
      let sum = linearSum;
      if (sizeof<T>() == 4) sum = v128.add<f64>(sum, Log.of<f64>(v128.mul<f64>(lowProduct, highProduct)));
      cursor.addBlock(Tree.fold(sum));
    }
  }
  return cursor.end(call);
}
