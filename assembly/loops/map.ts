// y_i = f(x_i), element by element: the vector math as functions on tensors.
import * as cursor from './cursor';

export abstract class MapOp<T extends number> {
  abstract map(x: v128): v128;
}

function SPAN<T extends number, L extends MapOp<T>>(): void {
  const x = cursor.x;
  const value = cursor.value;
  const bytes = cursor.bytes;
  for (let i: usize = 0; i < bytes; i += 16) v128.store(value + i, changetype<L>(0).map(v128.load(x + i)));
}

/** input to value; in place is fine. */
export function MAP<T extends number, L extends MapOp<T>>(call: usize): f64 {
  cursor.begin<T>(call, 16);
  while (cursor.nextBlock<T>(call)) {
    SPAN<T, L>();
    if (cursor.nextTail<T>()) {
      SPAN<T, L>();
      cursor.endTail<T>();
    }
  }
  return 0;
}
