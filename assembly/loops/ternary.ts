// The same as POINTWISE for a loss of three inputs, each of which may have a gradient.

import { gradScale } from '../gradScale';
import { Lanes } from '../simd/lanes';
import * as cursor from './cursor';
import { Hessian } from './hessian';

/**
 * The formulas of an elementwise loss of three inputs x, t and u; aux is what value and gradients share. Numbers are in
 * params.ts.
 */
export abstract class TernaryOp<T extends number> {
  abstract aux(x: v128, t: v128, u: v128): v128;
  abstract value(x: v128, t: v128, u: v128, aux: v128): v128;
  abstract grad(x: v128, t: v128, u: v128, aux: v128): v128;
  abstract gradTarget(x: v128, t: v128, u: v128, aux: v128): v128;
  abstract gradThird(x: v128, t: v128, u: v128, aux: v128): v128;
  /** d grad/dx */
  abstract hess(x: v128, t: v128, u: v128, aux: v128): v128;
}

/**
 * The present span, everything by run-time flags. What value and gradients share is stored, though nobody reads it: V8 computes what
 * is used in branches alone in each of them.
 */
function SPAN<T extends number, L extends TernaryOp<T>>(): void {
  const x = cursor.x;
  const t = cursor.t;
  const u = cursor.q;
  const w = cursor.w;
  const s = cursor.s;
  const go = cursor.go;
  const value = cursor.value;
  const grad = cursor.grad;
  const gradTarget = cursor.gradTarget;
  const gradThird = cursor.gradThird;
  const hess = cursor.hess;
  const bytes = cursor.bytes;
  const anchor = cursor.anchor;
  for (let i: usize = 0; i < bytes; i += 16) {
    const xv = v128.load(x + i);
    const tv = v128.load(t + i);
    const uv = v128.load(u + i);
    const aux = changetype<L>(0).aux(xv, tv, uv);
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
      v128.store(value + i, v128.andnot(v128.mul<T>(changetype<L>(0).value(xv, tv, uv, aux), factor), skip));
    }
    if (!(grad | gradTarget | gradThird)) continue;
    factor = v128.mul<T>(factor, gradScale);
    if (go) factor = v128.mul<T>(factor, v128.load(go + i));
    // the operands are in registers: all of these may overwrite them
    if (hess) {
      const h = Hessian.of<T>(changetype<L>(0).hess(xv, tv, uv, aux));
      v128.store(hess + i, v128.andnot(v128.mul<T>(h, factor), skip));
    }
    if (gradThird) {
      const g = v128.mul<T>(changetype<L>(0).gradThird(xv, tv, uv, aux), factor);
      v128.store(gradThird + i, v128.andnot(g, skip));
    }
    if (gradTarget) {
      const g = v128.mul<T>(changetype<L>(0).gradTarget(xv, tv, uv, aux), factor);
      v128.store(gradTarget + i, v128.andnot(g, skip));
    }
    if (grad) {
      const g = v128.mul<T>(changetype<L>(0).grad(xv, tv, uv, aux), factor);
      v128.store(grad + i, v128.andnot(g, skip));
    }
  }
}

export function TERNARY<T extends number, L extends TernaryOp<T>>(call: usize): f64 {
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
