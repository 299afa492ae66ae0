// Element by element without weights: the sum of terms, with their gradient or without, of formulas so costly that it does not pay to
// unroll them. The formulas and the bits are those of the general loop of pointwise.ts, whose flags take a third of the time.
import { gradScale } from '../gradScale';
import { Lanes } from '../simd/lanes';
import * as cursor from './cursor';
import { FiniteOp, GENERAL, LongOp, PointOp } from './pointwise';

/** The present span: terms to where they are added up. */
function SPAN<T extends number, Q extends FiniteOp<T>>(): void {
  const op = changetype<Q>(0);
  const x = cursor.x;
  const t = cursor.t;
  const value = cursor.value;
  const grad = cursor.grad;
  const bytes = cursor.bytes;
  const spare = cursor.spare;
  const scale = gradScale;
  if (op instanceof LongOp) {
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(value + i, op.aux(v128.load(x + i), v128.load(t + i)));
      v128.store(spare + i, op.rest());
    }
  }
  for (let i: usize = 0; i < bytes; i += 16) {
    const xv = v128.load(x + i);
    const tv = v128.load(t + i);
    let aux: v128;
    if (op instanceof LongOp) {
      aux = v128.load(value + i);
      op.restore(v128.load(spare + i));
    } else {
      aux = op.aux(xv, tv);
    }
    v128.store(value + i, op.value(xv, tv, Lanes.one<T>(), aux));
    if (grad) v128.store(grad + i, v128.mul<T>(op.grad(xv, tv, Lanes.one<T>(), aux), scale));
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
