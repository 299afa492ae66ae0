import { Lanes } from '../simd/lanes';
import { SoftmaxOp } from './softmax';

export class LogProbability {
  /** Gradient with respect to the target alone (and, with c = −1, log-softmax): c·w·(logZ + (m − x)). */
  static row<T extends number, L extends SoftmaxOp<T>>(
    x: usize,
    w: usize,
    out: usize,
    n: usize,
    m: v128,
    logZ: v128,
    c: v128,
  ): void {
    for (; n >= Lanes.count<T>(); n -= Lanes.count<T>()) {
      let cw = c;
      if (w) {
        cw = v128.mul<T>(c, v128.load(w));
        w += 16;
      }
      v128.store(out, changetype<L>(0).gradTarget(logZ, m, v128.load(x), cw));
      x += 16;
      out += 16;
    }
    for (; n; n--) {
      let cw = c;
      if (w) {
        cw = v128.mul<T>(c, Lanes.loadSplat<T>(w));
        w += sizeof<T>();
      }
      Lanes.storeFirst<T>(out, changetype<L>(0).gradTarget(logZ, m, Lanes.loadSplat<T>(x), cw));
      x += sizeof<T>();
      out += sizeof<T>();
    }
  }
}
