// Cross entropy of probabilities x, −Σ a log p (crossEntropy with fromLogits: false; Keras categorical_crossentropy):
//   'clip'   p = x clipped to [P2, P3]; gradient 0 where it was clipped
//   'add'    log(x + P4)
// Without eps the range is infinite and nothing is added: p = 0 at the target costs +inf.

import { ClassOp } from '../loops/classes';
import { Log } from '../math/log';
import { P2, P3, P4 } from '../params';
import { Lanes } from '../simd/lanes';

export class Probabilities<T extends number> extends ClassOp<T> {
  @inline cost(x: v128): v128 {
    const p = v128.pmax<T>(v128.pmin<T>(x, P3), P2);
    return v128.sub<T>(Lanes.zero(), Log.of<T>(v128.add<T>(p, P4)));
  }

  @inline slope(x: v128): v128 {
    const p = v128.pmax<T>(v128.pmin<T>(x, P3), P2);
    const g = Lanes.neg<T>(v128.div<T>(Lanes.one<T>(), v128.add<T>(p, P4)));
    return v128.andnot(g, v128.or(v128.lt<T>(x, P2), v128.gt<T>(x, P3)));
  }
}
