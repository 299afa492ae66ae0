// InfoNCE of the similarities s of rows x and y, each of which has its own pair (CLIP): the mean of
//   log Σ_j e^(s_ij) − s_ii   and, with P1, of   log Σ_j e^(s_ji) − s_ii
// Slopes are softmaxes of rows and of columns, less 2 for the pair itself. As in crossEntropy.ts, nothing cancels: of a row its greatest
// similarity m and the rest, Σ e^(s − m) but for one m, are noted, and the pair's slope where it is the greatest is −rest/(1 + rest).

import { Call } from '../call';
import {
  BLOCK,
  CALL_FIRST,
  CALL_GRAD_OUTPUT,
  CALL_SCALE,
  CALL_SCRATCH,
  LINE,
  SCRATCH_A,
  SCRATCH_B,
  SCRATCH_C,
  SCRATCH_VALUES,
} from '../generated/abi';
import { PairsOp, Similarity } from '../loops/allPairs';
import * as chunk from '../loops/chunk';
import { HARD_ROW } from '../loops/hardRow';
import * as pairs from '../loops/pairRows';
import * as row from '../loops/row';
import { rowMax } from '../loops/rowRange';
import { ROW_LOSSES } from '../loops/softmax';
import { Wide } from '../reduce/wide';
import { Lanes } from '../simd/lanes';
import { CrossEntropy } from './crossEntropy';

/** Terms of a column that are added up before they join a sum in f64. */
const TERMS: usize = 8;

class Column {
  /** e^x of one number that is not above 0, or infinite. */
  static exp<T extends number>(x: f64): f64 {
    return Lanes.first<T>(Similarity.exp<T>(Lanes.splat<T>(x)));
  }

  /** softmax − 1 of the pair itself, from how far it is below the greatest. */
  static own<T extends number>(distance: f64, rest: f64): f64 {
    return distance == 0 ? -rest / (1 + rest) : Column.exp<T>(-distance) / (1 + rest) - 1;
  }

  /** Joins a chunk's greatest and rest to those of the chunks before. */
  static join<T extends number>(c: usize, most: f64, rest: f64, isFirst: bool): void {
    const mostAt = pairs.columnMax + c * sizeof<T>();
    const restAt = pairs.columnRest + 8 * c;
    if (!isFirst) {
      const mostBefore = Lanes.load<T>(mostAt);
      const before = load<f64>(restAt);
      if (most == mostBefore) rest += before + 1;
      else if (most < mostBefore) {
        rest = before + (1 + rest) * Column.exp<T>(most - mostBefore);
        most = mostBefore;
      } else rest += (1 + before) * Column.exp<T>(mostBefore - most);
    }
    Lanes.storeFirst<T>(mostAt, Lanes.splat<T>(most));
    store<f64>(restAt, rest);
  }

  /** Σ e^(s − m) of a vector of columns of the chunk but for one m of each, to scratch. */
  static rests<T extends number>(s: usize, m: v128, to: usize): void {
    let low = Lanes.zero();
    let high = low;
    let ties = low;
    let left = chunk.count;
    while (left) {
      const n = min(TERMS, left);
      let sum = Lanes.zero();
      for (let i: usize = 0; i < n; i++) {
        const x = v128.load(s);
        const tie = v128.eq<T>(x, m);
        ties = Lanes.indexSub<T>(ties, tie);
        sum = v128.add<T>(sum, v128.andnot(Similarity.exp<T>(v128.sub<T>(x, m)), tie));
        s += chunk.stride;
      }
      low = v128.add<f64>(low, Wide.low<T>(sum));
      if (sizeof<T>() == 4) high = v128.add<f64>(high, Wide.high<T>(sum));
      left -= n;
    }
    v128.store(to, low);
    if (sizeof<T>() == 4) v128.store(to, high, 16);
    v128.store(to, ties, 32);
  }
}

export class InfoNce<T extends number> extends PairsOp<T> {
  begin(call: usize): void {
    const output = Call.at(call, CALL_GRAD_OUTPUT);
    const scale = (load<f64>(call, CALL_SCALE) / Call.divisor(call)) * (pairs.hasColumns ? 0.5 : 1);
    for (let k: usize = 0; k < pairs.rows; k++) {
      const i = pairs.indexOf(k);
      let up = scale * pairs.weightOf<T>(call, i);
      if (output) up *= Lanes.load<T>(output + i * sizeof<T>());
      store<f64>(pairs.ups + 8 * k, up);
    }
  }

  measure(call: usize, k: usize, s: usize): void {
    const at = k * sizeof<T>();
    row.alone(s, i32(k));
    HARD_ROW<T, CrossEntropy<T>>(true);
    Lanes.storeFirst<T>(pairs.rowMax + at, rowMax);
    Lanes.storeFirst<T>(pairs.rowRest + at, row.restOf());
    Lanes.copyOne<T>(pairs.rowOwn + at, s + at);
  }

  columns(call: usize, from: usize, to: usize): void {
    const lanes = Lanes.count<T>();
    const first = Call.at(call, CALL_FIRST);
    const scratch = Call.at(call, CALL_SCRATCH) + SCRATCH_VALUES;
    const end = min(to * (LINE / sizeof<T>()), pairs.others);
    const isLast = first + chunk.count == pairs.rows;
    for (let c = from * (LINE / sizeof<T>()); c < end; c += lanes) {
      const s = chunk.logits + c * sizeof<T>();
      let m = Lanes.minusInfinity<T>();
      for (let i: usize = 0; i < chunk.count; i++) m = v128.pmax<T>(m, v128.load(s + i * chunk.stride));
      Column.rests<T>(s, m, scratch);
      v128.store(scratch, m, 48);
      for (let j: usize = 0; j < lanes && c + j < end; j++) {
        const most = Lanes.load<T>(scratch + 48 + j * sizeof<T>());
        const ties =
          sizeof<T>() == 4 ? f64(load<i32>(scratch + 32 + 4 * j)) : f64(load<i64>(scratch + 32 + 8 * j));
        // NaN where the greatest is infinite
        const rest = load<f64>(scratch + 8 * j) + (ties - 1) + (most - most);
        Column.join<T>(c + j, most, rest, first == 0);
        if (!isLast) continue;
        const up = load<f64>(pairs.ups + 8 * (c + j));
        const factor = up / (1 + load<f64>(pairs.columnRest + 8 * (c + j)));
        Lanes.storeFirst<T>(pairs.columnFactor + (c + j) * sizeof<T>(), Lanes.splat<T>(factor));
      }
    }
  }

  slopes(k: usize, s: usize): void {
    const at = k * sizeof<T>();
    const up = load<f64>(pairs.ups + 8 * k);
    const rest = Lanes.load<T>(pairs.rowRest + at);
    const m = Lanes.loadSplat<T>(pairs.rowMax + at);
    const factor = Lanes.splat<T>(up / (1 + rest));
    let own = Column.own<T>(InfoNce.distance<T>(pairs.rowMax, k), rest);
    if (pairs.hasColumns)
      own += Column.own<T>(InfoNce.distance<T>(pairs.columnMax, k), load<f64>(pairs.columnRest + 8 * k));
    const bytes = pairs.others * sizeof<T>();
    // what pads the row is in no product
    for (let i: usize = 0; i < bytes; i += 16) {
      const x = v128.load(s + i);
      let g = v128.mul<T>(Similarity.exp<T>(v128.sub<T>(x, m)), factor);
      if (pairs.hasColumns) {
        const e = Similarity.exp<T>(v128.sub<T>(x, v128.load(pairs.columnMax + i)));
        g = v128.add<T>(g, v128.mul<T>(e, v128.load(pairs.columnFactor + i)));
      }
      v128.store(s + i, g);
    }
    Lanes.storeFirst<T>(s + at, Lanes.splat<T>(own * up));
  }

  /** How far the similarity of pair k is below the greatest of its row, or its column. */
  static distance<T extends number>(most: usize, k: usize): f64 {
    return Lanes.load<T>(most + k * sizeof<T>()) - Lanes.load<T>(pairs.rowOwn + k * sizeof<T>());
  }

  values(call: usize): void {
    const size = sizeof<T>();
    const own = Call.at(call, CALL_SCRATCH) + SCRATCH_VALUES;
    for (let from: usize = 0; from < pairs.rows; from += BLOCK) {
      const n = min(BLOCK, pairs.rows - from);
      for (let side = 0; side < (pairs.hasColumns ? 2 : 1); side++) {
        for (let i: usize = 0; i < n; i++) {
          const k = from + i;
          const weight = pairs.weightOf<T>(call, pairs.indexOf(k)) * (pairs.hasColumns ? 0.5 : 1);
          const rest = side ? load<f64>(pairs.columnRest + 8 * k) : Lanes.load<T>(pairs.rowRest + k * size);
          const distance = InfoNce.distance<T>(side ? pairs.columnMax : pairs.rowMax, k);
          Lanes.storeFirst<T>(own + i * size + SCRATCH_A, Lanes.splat<T>(rest));
          Lanes.storeFirst<T>(own + i * size + SCRATCH_B, Lanes.splat<T>(weight));
          Lanes.storeFirst<T>(own + i * size + SCRATCH_C, Lanes.splat<T>(weight * distance));
        }
        ROW_LOSSES<T, CrossEntropy<T>>(own, n);
        for (let i: usize = 0; i < n; i++) {
          const to = pairs.values + pairs.indexOf(from + i) * size;
          const value = Lanes.load<T>(own + i * size);
          Lanes.storeFirst<T>(to, Lanes.splat<T>(side ? Lanes.load<T>(to) + value : value));
        }
      }
    }
  }
}
