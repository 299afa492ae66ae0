// Element by element: loss_i = f(input_i, target_i), reduced in blocks of 1024.
//
// Two loops over the same formulas, with the same bits:
//   POINTWISE       everything that can be asked for, by run-time flags; for formulas with exp or log
//                   the flags cost nothing measurable
//   POINTWISE_FAST  sums and scaled gradients of cheap formulas, specialised and unrolled by eight
import {
  BLOCK,
  CALL_EXTRA,
  CALL_EXTRA_SHAPE,
  CALL_GRAD,
  CALL_GRAD_OUTPUT,
  CALL_GRAD_TARGET,
  CALL_INNER,
  CALL_INPUT,
  CALL_SAMPLE_WEIGHT,
  CALL_SCRATCH,
  CALL_TARGET,
  CALL_VALUE,
  CALL_WEIGHT,
  CALL_WEIGHT_SHAPE,
  FLAG_VALUE,
  SCRATCH_A,
  SCRATCH_B,
  SCRATCH_STACK,
  SCRATCH_TAIL,
  SCRATCH_VALUES,
} from '../abi';
import { Call } from '../call';
import { setParams } from '../params';
import { GROUP, Tree } from '../reduce/tree';
import { Lanes } from '../simd/lanes';
import { expand } from './broadcast';

/**
 * The formulas of an elementwise loss. x is the input, t the target, q the loss's extra operand (1 where it has
 * none or none was given), aux what value and gradients share. Numbers are in params.ts.
 */
export abstract class PointOp<T extends number> {
  abstract aux(x: v128, t: v128): v128;
  abstract value(x: v128, t: v128, q: v128, aux: v128): v128;
  abstract grad(x: v128, t: v128, q: v128, aux: v128): v128;
  abstract gradTarget(x: v128, t: v128, q: v128, aux: v128): v128;
}

let gradScale: v128 = i32x4.splat(0);

/** `bytes` bytes of whole vectors; addresses of operands that are not given are 0. */
function SPAN<T extends number, L extends PointOp<T>>(
  x: usize,
  t: usize,
  w: usize,
  q: usize,
  s: usize,
  go: usize,
  value: usize,
  grad: usize,
  gradTarget: usize,
  bytes: usize,
): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const xv = v128.load(x + i);
    const tv = v128.load(t + i);
    const qv = q ? v128.load(q + i) : Lanes.one<T>();
    const aux = changetype<L>(0).aux(xv, tv);
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
      if (gradTarget) {
        const g = changetype<L>(0).gradTarget(xv, tv, qv, aux);
        const gx = grad ? changetype<L>(0).grad(xv, tv, qv, aux) : g;
        v128.store(gradTarget + i, v128.andnot(v128.mul<T>(g, factor), skip));
        if (grad) v128.store(grad + i, v128.andnot(v128.mul<T>(gx, factor), skip));
      } else {
        v128.store(grad + i, v128.andnot(v128.mul<T>(changetype<L>(0).grad(xv, tv, qv, aux), factor), skip));
      }
    }
  }
}

/** Copies the last elements of an operand to its vector in the tail space; 0 stays 0. */
function stage<T extends number>(slot: usize, from: usize, n: usize): usize {
  if (!from) return 0;
  v128.store(slot, Lanes.zero());
  Lanes.copy<T>(slot, from, n);
  return slot;
}

export function POINTWISE<T extends number, L extends PointOp<T>>(call: usize): f64 {
  setParams<T>(call);
  gradScale = Lanes.splat<T>(Call.gradScale(call));
  const n = Call.at(call, CALL_INNER);
  const scratch = Call.at(call, CALL_SCRATCH);
  const tail = scratch + SCRATCH_TAIL;
  const wShape = Call.at(call, CALL_WEIGHT_SHAPE);
  const qShape = Call.at(call, CALL_EXTRA_SHAPE);
  let x = Call.at(call, CALL_INPUT);
  let t = Call.at(call, CALL_TARGET);
  let w = Call.at(call, CALL_WEIGHT);
  let q = Call.at(call, CALL_EXTRA);
  let s = Call.at(call, CALL_SAMPLE_WEIGHT);
  let go = Call.at(call, CALL_GRAD_OUTPUT);
  let none = Call.at(call, CALL_VALUE);
  let grad = Call.at(call, CALL_GRAD);
  let gradTarget = Call.at(call, CALL_GRAD_TARGET);
  const reduce = Call.has(call, FLAG_VALUE) && !none;
  const size = sizeof<T>();

  for (let from: usize = 0; from < n; from += BLOCK) {
    const m = min(BLOCK, n - from);
    const wp = wShape ? expand<T>(scratch + SCRATCH_A, w, wShape, from, m) : w;
    const qp = qShape ? expand<T>(scratch + SCRATCH_B, q, qShape, from, m) : q;
    const values = reduce ? scratch + SCRATCH_VALUES : none;
    const rest = m & (Lanes.count<T>() - 1);
    const bytes = (m - rest) * size;
    SPAN<T, L>(x, t, wp, qp, s, go, values, grad, gradTarget, bytes);
    if (rest) {
      SPAN<T, L>(
        stage<T>(tail, x + bytes, rest),
        stage<T>(tail + 16, t + bytes, rest),
        stage<T>(tail + 32, wp ? wp + bytes : 0, rest),
        stage<T>(tail + 48, qp ? qp + bytes : 0, rest),
        stage<T>(tail + 64, s ? s + bytes : 0, rest),
        stage<T>(tail + 80, go ? go + bytes : 0, rest),
        values ? tail + 96 : 0,
        grad ? tail + 112 : 0,
        gradTarget ? tail + 128 : 0,
        16,
      );
      if (values) Lanes.copy<T>(values + bytes, tail + 96, rest);
      if (gradTarget) Lanes.copy<T>(gradTarget + bytes, tail + 128, rest);
      if (grad) Lanes.copy<T>(grad + bytes, tail + 112, rest);
    }
    if (reduce) Tree.push(scratch + SCRATCH_STACK, from / BLOCK, Tree.block<T>(values, m));
    const step = m * size;
    x += step;
    t += step;
    if (w && !wShape) w += step;
    if (q && !qShape) q += step;
    if (s) s += step;
    if (go) go += step;
    if (none) none += step;
    if (grad) grad += step;
    if (gradTarget) gradTarget += step;
  }
  return reduce ? Call.reduced(call, Tree.total(scratch + SCRATCH_STACK, Tree.blocks(n))) : 0;
}

class Fast {
  @inline static vector<T extends number, L extends PointOp<T>>(x: usize, t: usize, grad: usize, VALUE: bool, GRAD: bool): v128 {
    const xv = v128.load(x);
    const tv = v128.load(t);
    const aux = changetype<L>(0).aux(xv, tv);
    if (GRAD) v128.store(grad, v128.mul<T>(changetype<L>(0).grad(xv, tv, Lanes.one<T>(), aux), gradScale));
    if (VALUE) return changetype<L>(0).value(xv, tv, Lanes.one<T>(), aux);
    return xv;
  }

  /** Whole groups of eight vectors; returns acc plus their promoted sums. */
  @inline static groups<T extends number, L extends PointOp<T>>(
    x: usize,
    t: usize,
    grad: usize,
    groups: usize,
    acc: v128,
    VALUE: bool,
    GRAD: bool,
  ): v128 {
    for (; groups; groups--) {
      const a = Fast.vector<T, L>(x, t, grad, VALUE, GRAD);
      const b = Fast.vector<T, L>(x + 16, t + 16, grad + 16, VALUE, GRAD);
      const c = Fast.vector<T, L>(x + 32, t + 32, grad + 32, VALUE, GRAD);
      const d = Fast.vector<T, L>(x + 48, t + 48, grad + 48, VALUE, GRAD);
      const e = Fast.vector<T, L>(x + 64, t + 64, grad + 64, VALUE, GRAD);
      const f = Fast.vector<T, L>(x + 80, t + 80, grad + 80, VALUE, GRAD);
      const g = Fast.vector<T, L>(x + 96, t + 96, grad + 96, VALUE, GRAD);
      const h = Fast.vector<T, L>(x + 112, t + 112, grad + 112, VALUE, GRAD);
      if (VALUE) acc = Tree.accumulate<T>(acc, Tree.add8<T>(a, b, c, d, e, f, g, h));
      x += GROUP;
      t += GROUP;
      if (GRAD) grad += GROUP;
    }
    return acc;
  }
}

function FAST_SUM<T extends number, L extends PointOp<T>>(x: usize, t: usize, grad: usize, groups: usize, acc: v128): v128 {
  return Fast.groups<T, L>(x, t, grad, groups, acc, true, false);
}
function FAST_GRAD<T extends number, L extends PointOp<T>>(x: usize, t: usize, grad: usize, groups: usize, acc: v128): v128 {
  return Fast.groups<T, L>(x, t, grad, groups, acc, false, true);
}
function FAST_SUMGRAD<T extends number, L extends PointOp<T>>(x: usize, t: usize, grad: usize, groups: usize, acc: v128): v128 {
  return Fast.groups<T, L>(x, t, grad, groups, acc, true, true);
}

class FastLoop {
  /** One of the three group loops, chosen by literals, so that each export holds just its own. */
  @inline static run<T extends number, L extends PointOp<T>>(
    x: usize,
    t: usize,
    grad: usize,
    groups: usize,
    acc: v128,
    VALUE: bool,
    GRAD: bool,
  ): v128 {
    if (VALUE) {
      if (GRAD) return FAST_SUMGRAD<T, L>(x, t, grad, groups, acc);
      return FAST_SUM<T, L>(x, t, grad, groups, acc);
    }
    return FAST_GRAD<T, L>(x, t, grad, groups, acc);
  }

  @inline static blocks<T extends number, L extends PointOp<T>>(call: usize, VALUE: bool, GRAD: bool): f64 {
    setParams<T>(call);
    gradScale = Lanes.splat<T>(Call.gradScale(call));
    const n = Call.at(call, CALL_INNER);
    const scratch = Call.at(call, CALL_SCRATCH);
    const tail = scratch + SCRATCH_TAIL;
    let x = Call.at(call, CALL_INPUT);
    let t = Call.at(call, CALL_TARGET);
    let grad = Call.at(call, CALL_GRAD);
    for (let from: usize = 0; from < n; from += BLOCK) {
      const m = min(BLOCK, n - from);
      const groups = (m * sizeof<T>()) / GROUP;
      let acc = FastLoop.run<T, L>(x, t, grad, groups, Lanes.zero(), VALUE, GRAD);
      const bytes = groups * GROUP;
      const rest = m - bytes / sizeof<T>();
      if (rest) {
        // equal operands: the padding's loss is 0
        Lanes.fill<T>(tail, Lanes.zero(), (2 * GROUP) / sizeof<T>());
        Lanes.copy<T>(tail, x + bytes, rest);
        Lanes.copy<T>(tail + GROUP, t + bytes, rest);
        acc = FastLoop.run<T, L>(tail, tail + GROUP, tail + 2 * GROUP, 1, acc, VALUE, GRAD);
        if (GRAD) Lanes.copy<T>(grad + bytes, tail + 2 * GROUP, rest);
      }
      if (VALUE) Tree.push(scratch + SCRATCH_STACK, from / BLOCK, Tree.fold(acc));
      const step = m * sizeof<T>();
      x += step;
      t += step;
      if (GRAD) grad += step;
    }
    if (VALUE) return Call.reduced(call, Tree.total(scratch + SCRATCH_STACK, Tree.blocks(n)));
    return 0;
  }
}

/** Sum or mean without weights. The formula must give 0 where x = t = 0. */
export function POINTWISE_SUM<T extends number, L extends PointOp<T>>(call: usize): f64 {
  return FastLoop.blocks<T, L>(call, true, false);
}
/** Gradient without weights and with one upstream number. */
export function POINTWISE_GRAD<T extends number, L extends PointOp<T>>(call: usize): f64 {
  return FastLoop.blocks<T, L>(call, false, true);
}
/** Both in one pass. */
export function POINTWISE_SUMGRAD<T extends number, L extends PointOp<T>>(call: usize): f64 {
  return FastLoop.blocks<T, L>(call, true, true);
}
