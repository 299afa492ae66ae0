// NT-Xent over labels of the similarities s of all pairs of rows (optax: losses.ntxent): for each pair i ≠ j of one label
//   log(1 + e^(N_i − s_ij)), N_i = log Σ_k e^(s_ik) over the rows k of other labels
// Slopes: −σ(N_i − s_ij) at the pair, and at each k of another label e^(s_ik − N_i) Σ_j σ(N_i − s_ij). Without a row of another label N
// is −∞, and a pair costs 0.

import { Call } from '../call';
import {
  CALL_ACTIVE,
  CALL_GRAD_OUTPUT,
  CALL_IN1,
  CALL_SCALE,
  CALL_WEIGHT_SUM,
  FLAG_VALUE,
} from '../generated/abi';
import { PairsOp, Similarity } from '../loops/allPairs';
import * as pairs from '../loops/pairRows';
import { Log } from '../math/log';
import { Log1p } from '../math/log1p';
import { Tree } from '../reduce/tree';
import { Lanes } from '../simd/lanes';

/** The labels of the rows that count. */
function LABELS(): usize {
  return pairs.columnMax;
}

// Lanes of the row that is at hand, and which of the present vector are of its label, or of another.
let label: v128 = i32x4.splat(0);
let own: v128 = i32x4.splat(0);
let count: v128 = i32x4.splat(0);
let same: v128 = i32x4.splat(0);
let other: v128 = i32x4.splat(0);

class Masks {
  static begin<T extends number>(k: usize): void {
    label = Lanes.indexSplat<T>(load<i32>(LABELS() + 4 * k));
    own = Lanes.indexSplat<T>(i32(k));
    count = Lanes.indexSplat<T>(i32(pairs.others));
  }

  /** Of the vector that begins with row j. */
  @inline static of<T extends number>(j: usize): void {
    const index = Lanes.indexAdd<T>(Lanes.indexSplat<T>(i32(j)), Lanes.iota<T>());
    const isThere = Lanes.indexLess<T>(index, count);
    const isSame = Lanes.indexEq<T>(Lanes.loadIndices<T>(LABELS() + 4 * j), label);
    same = v128.and(v128.andnot(isSame, Lanes.indexEq<T>(index, own)), isThere);
    other = v128.andnot(isThere, isSame);
  }
}

/** The sigmoid of x, from e^−|x|. */
function SIGMOID<T extends number>(x: v128, e: v128): v128 {
  const one = Lanes.one<T>();
  return v128.div<T>(v128.bitselect(e, one, v128.lt<T>(x, Lanes.zero())), v128.add<T>(one, e));
}

export class Ntxent<T extends number> extends PairsOp<T> {
  begin(call: usize): void {
    const output = Call.at(call, CALL_GRAD_OUTPUT);
    const labels = Call.at(call, CALL_IN1);
    const n = pairs.rows;
    for (let k: usize = 0; k < n; k++) store<i32>(LABELS() + 4 * k, load<i32>(labels + 4 * pairs.indexOf(k)));
    let active: u32 = 0;
    let sum: f64 = 0;
    for (let k: usize = 0; k < n; k++) {
      const its = load<i32>(LABELS() + 4 * k);
      let all: u32 = 0;
      for (let j: usize = 0; j < n; j++) all += u32(load<i32>(LABELS() + 4 * j) == its);
      const peers = all - 1;
      active += peers;
      sum += f64(peers) * pairs.weightOf<T>(call, pairs.indexOf(k));
      store<f64>(pairs.ups + 8 * k, f64(peers));
    }
    store<f64>(call, sum, CALL_WEIGHT_SUM);
    store<u32>(call, active, CALL_ACTIVE);
    // a mean over no pair is of no row
    const scale = active ? load<f64>(call, CALL_SCALE) / Call.divisor(call) : 0;
    for (let k: usize = 0; k < n; k++) {
      // a row of no pair has no term, whatever is upstream of it
      if (load<f64>(pairs.ups + 8 * k) == 0) continue;
      const i = pairs.indexOf(k);
      let up = scale * pairs.weightOf<T>(call, i);
      if (output) up *= Lanes.load<T>(output + i * sizeof<T>());
      store<f64>(pairs.ups + 8 * k, up);
    }
  }

  measure(call: usize, k: usize, s: usize): void {
    const lanes = Lanes.count<T>();
    const n = pairs.others;
    Masks.begin<T>(k);
    let m = Lanes.minusInfinity<T>();
    for (let j: usize = 0; j < n; j += lanes) {
      Masks.of<T>(j);
      m = v128.pmax<T>(m, v128.bitselect(v128.load(s + j * sizeof<T>()), Lanes.minusInfinity<T>(), other));
    }
    m = Lanes.foldMax<T>(m);
    let sum = Lanes.zero();
    for (let j: usize = 0; j < n; j += lanes) {
      Masks.of<T>(j);
      const e = Similarity.exp<T>(v128.sub<T>(v128.load(s + j * sizeof<T>()), m));
      sum = Tree.accumulate<T>(sum, v128.and(e, other));
    }
    const rest = Tree.fold(sum);
    const log = f64x2.extract_lane(Log.of<f64>(f64x2.splat(rest)), 0);
    const more = Lanes.splat<T>(log);
    let cost = Lanes.zero();
    let pull = cost;
    for (let j: usize = 0; j < n; j += lanes) {
      Masks.of<T>(j);
      if (!v128.any_true(same)) continue;
      const x = v128.add<T>(v128.sub<T>(m, v128.load(s + j * sizeof<T>())), more);
      const e = Similarity.exp<T>(Lanes.minusAbs<T>(x));
      // log(1 + e^x)
      const y = v128.add<T>(v128.pmax<T>(Lanes.zero(), x), Log1p.unit<T>(e));
      cost = Tree.accumulate<T>(cost, v128.and(y, same));
      pull = Tree.accumulate<T>(pull, v128.and(SIGMOID<T>(x, e), same));
    }
    Lanes.storeFirst<T>(pairs.rowMax + k * sizeof<T>(), m);
    store<f64>(pairs.rowRest + 8 * k, rest);
    store<f64>(pairs.columnRest + 8 * k, log);
    store<f64>(pairs.rowOwn + 8 * k, Tree.fold(pull));
    if (!Call.has(call, FLAG_VALUE)) return;
    const i = pairs.indexOf(k);
    const value = Tree.fold(cost) * pairs.weightOf<T>(call, i);
    Lanes.storeFirst<T>(pairs.values + i * sizeof<T>(), Lanes.splat<T>(value));
  }

  columns(call: usize, from: usize, to: usize): void {}

  slopes(k: usize, s: usize): void {
    const lanes = Lanes.count<T>();
    const up = load<f64>(pairs.ups + 8 * k);
    const rest = load<f64>(pairs.rowRest + 8 * k);
    const m = Lanes.loadSplat<T>(pairs.rowMax + k * sizeof<T>());
    const more = Lanes.splat<T>(load<f64>(pairs.columnRest + 8 * k));
    const push = Lanes.splat<T>((up * load<f64>(pairs.rowOwn + 8 * k)) / rest);
    const pull = Lanes.splat<T>(-up);
    Masks.begin<T>(k);
    for (let j: usize = 0; j < pairs.others; j += lanes) {
      Masks.of<T>(j);
      const at = s + j * sizeof<T>();
      const x = v128.load(at);
      let g = v128.and(v128.mul<T>(Similarity.exp<T>(v128.sub<T>(x, m)), push), other);
      if (v128.any_true(same)) {
        const far = v128.add<T>(v128.sub<T>(m, x), more);
        const share = SIGMOID<T>(far, Similarity.exp<T>(Lanes.minusAbs<T>(far)));
        g = v128.or(g, v128.and(v128.mul<T>(share, pull), same));
      }
      v128.store(at, g);
    }
  }

  values(call: usize): void {}
}
