// Element by element: loss_i = f(input_i, target_i), reduced in blocks of 1024.
//
// Two loops over the same formulas, with the same bits:
//   POINTWISE                    everything that can be asked for, by run-time flags
//   POINTWISE_SUM, _GRAD, …      cheap formulas without weights, specialised and unrolled by eight
// terms.ts has a third for costly formulas, the same without what is asked for at run time.

import { gradScale } from '../gradScale';
import { GROUP, Tree } from '../reduce/tree';
import { Lanes } from '../simd/lanes';
import * as cursor from './cursor';
import { Hessian } from './hessian';

/**
 * The formulas of an elementwise loss. x is the input, t the target, q the loss's extra operand (1 where it has
 * none or none was given), aux what value and gradients share. Numbers are in params.ts.
 */
export abstract class PointOp<T extends number> {
  abstract aux(x: v128, t: v128): v128;
  abstract value(x: v128, t: v128, q: v128, aux: v128): v128;
  abstract grad(x: v128, t: v128, q: v128, aux: v128): v128;
  abstract gradTarget(x: v128, t: v128, q: v128, aux: v128): v128;
  /** d grad/dx, or where isSecant and the loss is one of a difference grad/(x − t). */
  abstract hess(x: v128, t: v128, q: v128, aux: v128): v128;
}

/** One whose terms the specialised loops add up. */
export abstract class SummedOp<T extends number> extends PointOp<T> {
  /** Starts a call's sums: sets numbers that all elements share, and what pads the tail where 0 has another term than 0. */
  abstract begin(): void;
}

/**
 * Formulas for the sums of blocks all of whose terms are finite numbers, without what others need. What they make of another term is to
 * be no finite number: then the block goes through the general loop. Where a loss has none, its own take their place.
 */
export abstract class FiniteOp<T extends number> {
  abstract aux(x: v128, t: v128): v128;
  abstract value(x: v128, t: v128, q: v128, aux: v128): v128;
  abstract grad(x: v128, t: v128, q: v128, aux: v128): v128;
}

/**
 * One whose value and gradient follow from another in chains so long that the next element's would have to wait: terms.ts takes `aux` in
 * a pass of its own. What it has found beside what it returns is kept between: `rest`, which `restore` puts back.
 */
export abstract class LongOp<T extends number> extends FiniteOp<T> {
  abstract rest(): v128;
  abstract restore(rest: v128): void;
}

/**
 * The present span, everything by run-time flags. What value and gradients share is stored, though nobody reads it: V8 computes what
 * is used in branches alone in each of them.
 */
function SPAN<T extends number, L extends PointOp<T>>(): void {
  const x = cursor.x;
  const t = cursor.t;
  const w = cursor.w;
  const q = cursor.q;
  const s = cursor.s;
  const go = cursor.go;
  const value = cursor.value;
  const grad = cursor.grad;
  const gradTarget = cursor.gradTarget;
  const hess = cursor.hess;
  const bytes = cursor.bytes;
  const anchor = cursor.anchor;
  for (let i: usize = 0; i < bytes; i += 16) {
    const xv = v128.load(x + i);
    const tv = v128.load(t + i);
    const qv = q ? v128.load(q + i) : Lanes.one<T>();
    const aux = changetype<L>(0).aux(xv, tv);
    v128.store(anchor, aux);
    let factor = Lanes.one<T>();
    let skip = Lanes.zero();
    if (w) factor = v128.load(w + i);
    if (s) {
      const sv = v128.load(s + i);
      skip = v128.eq<T>(sv, Lanes.zero());
      factor = v128.mul<T>(factor, sv);
    }
    if (value) {
      v128.store(value + i, v128.andnot(v128.mul<T>(changetype<L>(0).value(xv, tv, qv, aux), factor), skip));
    }
    if (grad | gradTarget) {
      factor = v128.mul<T>(factor, gradScale);
      if (go) factor = v128.mul<T>(factor, v128.load(go + i));
      // the operands are in registers: all of these may overwrite them
      if (hess) {
        const h = Hessian.of<T>(changetype<L>(0).hess(xv, tv, qv, aux));
        v128.store(hess + i, v128.andnot(v128.mul<T>(h, factor), skip));
      }
      if (gradTarget) {
        const g = v128.mul<T>(changetype<L>(0).gradTarget(xv, tv, qv, aux), factor);
        v128.store(gradTarget + i, v128.andnot(g, skip));
      }
      if (grad) {
        const g = v128.mul<T>(changetype<L>(0).grad(xv, tv, qv, aux), factor);
        v128.store(grad + i, v128.andnot(g, skip));
      }
    }
  }
}

export function POINTWISE<T extends number, L extends PointOp<T>>(call: usize): f64 {
  cursor.begin<T>(call, 16);
  while (cursor.nextBlock<T>(call)) {
    SPAN<T, L>();
    if (cursor.nextTail<T>()) {
      SPAN<T, L>();
      cursor.endTail<T>();
    }
    cursor.endBlock<T>();
  }
  return cursor.end(call);
}

/** Sum of the present block so far, f64x2. */
let blockSum: v128 = f64x2.splat(0);

class Fast {
  @inline static vector<T extends number, L extends FiniteOp<T>>(
    x: usize,
    t: usize,
    grad: usize,
    scale: v128,
    VALUE: bool,
    GRAD: bool,
  ): v128 {
    const xv = v128.load(x);
    const tv = v128.load(t);
    const aux = changetype<L>(0).aux(xv, tv);
    let value = xv;
    if (VALUE) value = changetype<L>(0).value(xv, tv, Lanes.one<T>(), aux);
    if (GRAD) v128.store(grad, v128.mul<T>(changetype<L>(0).grad(xv, tv, Lanes.one<T>(), aux), scale));
    return value;
  }

  /** The present span, whole groups of eight vectors. */
  @inline static span<T extends number, L extends FiniteOp<T>>(VALUE: bool, GRAD: bool): void {
    let acc = blockSum;
    let x = cursor.x;
    let t = cursor.t;
    let grad = cursor.grad;
    const scale = gradScale;
    // 0 where the memory ends there
    const end = x + cursor.bytes;
    while (x != end) {
      let sum = Lanes.zero();
      for (let half = 0; half < 2; half++) {
        // four vectors in flight; two halves make the tree of eight
        const a = Fast.vector<T, L>(x, t, grad, scale, VALUE, GRAD);
        const b = Fast.vector<T, L>(x + 16, t + 16, grad + 16, scale, VALUE, GRAD);
        const c = Fast.vector<T, L>(x + 32, t + 32, grad + 32, scale, VALUE, GRAD);
        const d = Fast.vector<T, L>(x + 48, t + 48, grad + 48, scale, VALUE, GRAD);
        if (VALUE) sum = v128.add<T>(sum, v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d)));
        x += 64;
        t += 64;
        if (GRAD) grad += 64;
      }
      if (VALUE) acc = Tree.accumulate<T>(acc, sum);
    }
    blockSum = acc;
  }

  /** Adds up the present block, whose spans are done. */
  @inline static endBlock<T extends number, L extends PointOp<T>>(call: usize): void {
    let sum = Tree.fold(blockSum);
    if (sum - sum != 0) sum = GENERAL<T, L>(call);
    cursor.addBlock(sum);
  }
}

function SPAN_SUM<T extends number, Q extends FiniteOp<T>>(): void {
  Fast.span<T, Q>(true, false);
}

function SPAN_GRAD<T extends number, L extends PointOp<T>>(): void {
  Fast.span<T, L>(false, true);
}

function SPAN_SUMGRAD<T extends number, Q extends FiniteOp<T>>(): void {
  Fast.span<T, Q>(true, true);
}

/** The present block once more, through the general loop: terms are no finite numbers, or their sum has overflowed f32 on the way. */
export function GENERAL<T extends number, L extends PointOp<T>>(call: usize): f64 {
  cursor.again<T>(call);
  SPAN<T, L>();
  if (cursor.nextTail<T>()) {
    SPAN<T, L>();
    cursor.endTail<T>();
  }
  return cursor.blockTotal<T>();
}

/** Sum or mean without weights. */
export function POINTWISE_SUM<T extends number, Q extends FiniteOp<T>, L extends SummedOp<T>>(
  call: usize,
): f64 {
  cursor.begin<T>(call, GROUP);
  changetype<L>(0).begin();
  while (cursor.nextBlock<T>(call)) {
    blockSum = Lanes.zero();
    SPAN_SUM<T, Q>();
    if (cursor.nextTail<T>()) SPAN_SUM<T, Q>();
    Fast.endBlock<T, L>(call);
  }
  return cursor.end(call);
}

/** Gradient without weights and with one upstream number. */
export function POINTWISE_GRAD<T extends number, L extends PointOp<T>>(call: usize): f64 {
  cursor.begin<T>(call, GROUP);
  while (cursor.nextBlock<T>(call)) {
    SPAN_GRAD<T, L>();
    if (cursor.nextTail<T>()) {
      SPAN_GRAD<T, L>();
      cursor.endGradTail<T>();
    }
  }
  return 0;
}

/** Both in one pass. */
export function POINTWISE_SUMGRAD<T extends number, Q extends FiniteOp<T>, L extends SummedOp<T>>(
  call: usize,
): f64 {
  cursor.begin<T>(call, GROUP, true);
  changetype<L>(0).begin();
  while (cursor.nextBlock<T>(call)) {
    blockSum = Lanes.zero();
    SPAN_SUMGRAD<T, Q>();
    if (cursor.nextTail<T>()) {
      SPAN_SUMGRAD<T, Q>();
      cursor.endGradTail<T>();
    }
    Fast.endBlock<T, L>(call);
    if (cursor.isAside) cursor.placeGradients<T>(call);
  }
  return cursor.end(call);
}
