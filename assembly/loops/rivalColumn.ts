// The column of rivals (see rivals.ts): few classes, or a strided axis.
import { TILE_WIDTH } from '../generated/abi';
import { unit } from '../gradScale';
import { P0 } from '../params';
import { Wide } from '../reduce/wide';
import { Lanes } from '../simd/lanes';
import {
  active,
  Column,
  classes,
  columnGrads,
  columnLabels,
  eTile,
  labels,
  PICK_LANES,
  sampleWeights,
  scales,
  wantGrad,
  wantHess,
  weights,
  xTile,
} from './column';
import { Hessian } from './hessian';
import { power, Rival, RivalOp } from './rivals';

export class RivalColumn<T extends number, L extends RivalOp<T>> extends Column<T> {
  prepare(used: usize): void {}

  run(lane: usize, value: usize): void {
    const x = xTile + lane;
    const e = eTile + lane;
    const end = classes * TILE_WIDTH;
    const one = Lanes.indexOne<T>();
    const w = weights ? PICK_LANES<T>(weights, sizeof<T>(), 0, columnLabels) : Lanes.one<T>();
    const weight = v128.div<T>(w, Lanes.splat<T>(f64(classes)));
    const factor = v128.mul<T>(scales, weight);
    // a class of weight 0 does not count, whatever its row holds
    const isNone = v128.eq<T>(w, Lanes.zero());
    const own = PICK_LANES<T>(x, TILE_WIDTH, sizeof<T>(), columnLabels);
    const margin = P0;
    const lost = v128.andnot(Rival.lost<T>(own), isNone);
    let index = Lanes.zero();
    let low = Lanes.zero();
    let high = Lanes.zero();
    let slopesLow = Lanes.zero();
    let slopesHigh = Lanes.zero();
    let curves = lost;
    for (let i: usize = 0; i < end; i += TILE_WIDTH) {
      const isNoRival = v128.or(Lanes.indexEq<T>(index, labels), isNone);
      const m = v128.andnot(Rival.missing<T>(v128.load(x + i), own, margin), isNoRival);
      index = Lanes.indexAdd<T>(index, one);
      const slope = changetype<L>(0).slope(m, power());
      low = v128.add<f64>(low, changetype<L>(0).wide(Wide.low<T>(m), power()));
      slopesLow = v128.add<f64>(slopesLow, Wide.low<T>(slope));
      if (sizeof<T>() == 4) {
        high = v128.add<f64>(high, changetype<L>(0).wide(Wide.high<T>(m), power()));
        slopesHigh = v128.add<f64>(slopesHigh, Wide.high<T>(slope));
      }
      if (wantHess) {
        const curve = changetype<L>(0).curve(m, power());
        curves = v128.add<T>(curves, curve);
        v128.store(x + i, SECOND<T>(curve, weight));
      }
      if (wantGrad) v128.store(e + i, v128.and(v128.mul<T>(slope, factor), active));
    }
    if (wantHess) {
      const second = SECOND<T>(curves, weight);
      index = Lanes.zero();
      for (let i: usize = 0; i < end; i += TILE_WIDTH) {
        v128.store(x + i, v128.bitselect(second, v128.load(x + i), Lanes.indexEq<T>(index, labels)));
        index = Lanes.indexAdd<T>(index, one);
      }
    }
    if (wantGrad) {
      const pull = v128.add<T>(Wide.narrow<T>(slopesLow, slopesHigh), lost);
      const g = v128.mul<T>(v128.mul<T>(pull, Lanes.neg<T>(factor)), unit);
      v128.store(columnGrads, v128.and(g, active));
    }
    const count = f64x2.splat(f64(classes));
    const mean = Wide.narrow<T>(v128.div<f64>(low, count), v128.div<f64>(high, count));
    const loss = v128.mul<T>(v128.add<T>(mean, lost), w);
    v128.store(value, v128.and(v128.mul<T>(loss, sampleWeights), active));
  }

  losses(p: usize, n: usize): void {}
}

/** What goes into the second derivatives' array. */
function SECOND<T extends number>(curve: v128, weight: v128): v128 {
  return v128.and(v128.mul<T>(Hessian.of<T>(v128.mul<T>(curve, weight)), scales), active);
}
