// Element by element without weights: the sum of terms, with their gradient or without, of formulas so costly that it does not pay to
// unroll them. The formulas and the bits are those of the general loop of pointwise.ts, whose flags take a third of the time.
import { gradScale } from '../gradScale';
import { Lanes } from '../simd/lanes';
import * as cursor from './cursor';
import { FiniteOp, GENERAL, PointOp } from './pointwise';

/** The present span: terms to where they are added up; of a long formula in a pass of their own. */
function SPAN<T extends number, Q extends FiniteOp<T>>(): void {
  const op = changetype<Q>(0);
  const x = cursor.x;
  const t = cursor.t;
  const value = cursor.value;
  const grad = cursor.grad;
  const bytes = cursor.bytes;
  const scale = gradScale;
  for (let i: usize = 0; i < bytes; i += 16) {
    const xv = v128.load(x + i);
    const tv = v128.load(t + i);
    const aux = op.aux(xv, tv);
    v128.store(value + i, op.isLong() ? aux : op.value(xv, tv, Lanes.one<T>(), aux));
    if (grad) v128.store(grad + i, v128.mul<T>(op.grad(xv, tv, Lanes.one<T>(), aux), scale));
  }
  if (!op.isLong()) return;
  for (let i: usize = 0; i < bytes; i += 16) {
    const aux = v128.load(value + i);
    v128.store(value + i, op.value(v128.load(x + i), v128.load(t + i), Lanes.one<T>(), aux));
  }
}

export function TERMS<T extends number, Q extends FiniteOp<T>, L extends PointOp<T>>(call: usize): f64 {
  cursor.begin<T>(call, 16, true);
  while (cursor.nextBlock<T>(call)) {
    SPAN<T, Q>();
    if (cursor.nextTail<T>()) {
      SPAN<T, Q>();
      cursor.endTail<T>();
    }
    let sum = cursor.blockTotal<T>();
    if (sum - sum != 0) sum = GENERAL<T, L>(call);
    cursor.addBlock(sum);
    if (cursor.isAside) cursor.placeGradients<T>(call);
  }
  return cursor.end(call);
}
