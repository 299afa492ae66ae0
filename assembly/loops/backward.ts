// Backwards of softmax and logSoftmax from their outputs y and the upstream gradient g: the lanewise column. One sum over the classes
// comes first.
import { TILE_WIDTH } from '../generated/abi';
import { Wide } from '../reduce/wide';
import { Lanes } from '../simd/lanes';
import { Column, classes, eTile, tTile, xTile } from './column';

export abstract class BackwardOp<T extends number> {
  /** What the sum is of. */
  abstract term(y: v128, g: v128): v128;
  /** The gradient; the sum is that of `low` and `high`, in f64, and `sum`. */
  abstract grad(y: v128, g: v128, sum: v128, low: v128, high: v128): v128;
}

export class BackwardColumn<T extends number, L extends BackwardOp<T>> extends Column<T> {
  prepare(used: usize): void {}

  run(lane: usize, value: usize): void {
    const y = xTile + lane;
    const g = tTile + lane;
    const e = eTile + lane;
    const bytes = classes * TILE_WIDTH;
    let low = Lanes.zero();
    let high = Lanes.zero();
    for (let i: usize = 0; i < bytes; i += TILE_WIDTH) {
      const term = changetype<L>(0).term(v128.load(y + i), v128.load(g + i));
      low = v128.add<f64>(low, Wide.low<T>(term));
      if (sizeof<T>() == 4) high = v128.add<f64>(high, Wide.high<T>(term));
    }
    const sum = Wide.narrow<T>(low, high);
    for (let i: usize = 0; i < bytes; i += TILE_WIDTH) {
      v128.store(e + i, changetype<L>(0).grad(v128.load(y + i), v128.load(g + i), sum, low, high));
    }
  }

  losses(p: usize, n: usize): void {}
}
