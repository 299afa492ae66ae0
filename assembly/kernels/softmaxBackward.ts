// Backwards of softmax and logSoftmax from their outputs y and the upstream gradient go, along the class axis.
// Lanewise columns: y is overwritten with the gradient.
import { TILE_WIDTH } from '../generated/abi';
import { Column, classes, tTile, xTile } from '../loops/lanewise';
import { Exp } from '../math/exp';
import { Expm1 } from '../math/expm1';
import { Wide } from '../reduce/wide';
import { Lanes } from '../simd/lanes';

/** y_j (go_j − Σ_k y_k go_k) */
export class SoftmaxBackward<T extends number> extends Column<T> {
  run(lane: usize, value: usize): usize {
    const y = xTile + lane;
    const go = tTile + lane;
    const bytes = classes * TILE_WIDTH;
    let low = Lanes.zero();
    let high = Lanes.zero();
    for (let i: usize = 0; i < bytes; i += TILE_WIDTH) {
      const term = v128.mul<T>(v128.load(y + i), v128.load(go + i));
      low = v128.add<f64>(low, Wide.low<T>(term));
      if (sizeof<T>() == 4) high = v128.add<f64>(high, Wide.high<T>(term));
    }
    const dot = Wide.narrow<T>(low, high);
    for (let i: usize = 0; i < bytes; i += TILE_WIDTH) {
      v128.store(y + i, v128.mul<T>(v128.load(y + i), v128.sub<T>(v128.load(go + i), dot)));
    }
    return 16;
  }

  losses(p: usize, n: usize): void {}
}

/**
 * −expm1(y_j) go_j − e^(y_j) Σ_{k≠j} go_k. The usual go_j − e^(y_j) Σ go loses a confident class's gradient to
 * cancellation; the sum over the others is taken in f64 for the same reason.
 */
export class LogSoftmaxBackward<T extends number> extends Column<T> {
  run(lane: usize, value: usize): usize {
    const y = xTile + lane;
    const go = tTile + lane;
    const bytes = classes * TILE_WIDTH;
    let low = Lanes.zero();
    let high = Lanes.zero();
    for (let i: usize = 0; i < bytes; i += TILE_WIDTH) {
      const g = v128.load(go + i);
      low = v128.add<f64>(low, Wide.low<T>(g));
      if (sizeof<T>() == 4) high = v128.add<f64>(high, Wide.high<T>(g));
    }
    for (let i: usize = 0; i < bytes; i += TILE_WIDTH) {
      const yv = v128.load(y + i);
      const g = v128.load(go + i);
      const others = Wide.narrow<T>(v128.sub<f64>(low, Wide.low<T>(g)), v128.sub<f64>(high, Wide.high<T>(g)));
      const own = v128.mul<T>(Expm1.nonpositive<T>(yv), g);
      const rest = v128.mul<T>(Exp.flush<T>(yv), others);
      v128.store(y + i, v128.sub<T>(Lanes.neg<T>(own), rest));
    }
    return 16;
  }

  losses(p: usize, n: usize): void {}
}
