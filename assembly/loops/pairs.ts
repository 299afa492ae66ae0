// Two classes side by side, which is logistic regression: one exponential instead of two, no loop over classes, no tile. The formulas
// and the bits are those of the lanewise loop.

import { CALL_IGNORE_INDEX, SCRATCH_A, SCRATCH_B, SCRATCH_C } from '../generated/abi';
import { gradScale } from '../gradScale';
import { Exp } from '../math/exp';
import { Lanes } from '../simd/lanes';
import { SoftmaxOp } from './softmax';

/** Rows of two elements, in memory one after the other, as two vectors: all the firsts and all the seconds. */
class Pairs {
  @inline static first<T extends number>(a: v128, b: v128): v128 {
    if (sizeof<T>() == 4) return v128.shuffle<i32>(a, b, 0, 2, 4, 6);
    return v128.shuffle<i64>(a, b, 0, 2);
  }

  @inline static second<T extends number>(a: v128, b: v128): v128 {
    if (sizeof<T>() == 4) return v128.shuffle<i32>(a, b, 1, 3, 5, 7);
    return v128.shuffle<i64>(a, b, 1, 3);
  }

  @inline static store<T extends number>(p: usize, first: v128, second: v128): void {
    if (sizeof<T>() == 4) {
      v128.store(p, v128.shuffle<i32>(first, second, 0, 4, 1, 5));
      v128.store(p, v128.shuffle<i32>(first, second, 2, 6, 3, 7), 16);
    } else {
      v128.store(p, v128.shuffle<i64>(first, second, 0, 2));
      v128.store(p, v128.shuffle<i64>(first, second, 1, 3), 16);
    }
  }
}

/**
 * The gradients of n rows, whole vectors, and to `value` what their losses are made from; 0 where not given. With l the label's
 * logit and o the other's, rest = e^−|o − l|, in a tie too, and the label's distance from the maximum is max(o − l, 0). Two passes,
 * so that no division waits for an exponential.
 */
export function SPAN_PAIRS<T extends number, L extends SoftmaxOp<T>>(
  call: usize,
  x: usize,
  grad: usize,
  labels: usize,
  weights: usize,
  outputs: usize,
  value: usize,
  n: usize,
): void {
  const bytes = n * sizeof<T>();
  const one = Lanes.one<T>();
  const zero = Lanes.zero();
  const scale = gradScale;
  const unused = Lanes.indexSplat<T>(load<i32>(call, CALL_IGNORE_INDEX));
  for (let lane: usize = 0; lane < bytes; lane += 16) {
    const label = Lanes.loadIndices<T>(labels + (lane / sizeof<T>()) * 4);
    const a = v128.load(x + 2 * lane);
    const b = v128.load(x + 2 * lane, 16);
    const x0 = Pairs.first<T>(a, b);
    const both = v128.xor(x0, Pairs.second<T>(a, b));
    const l = v128.xor(x0, v128.and(both, Lanes.indexEq<T>(label, Lanes.indexOne<T>())));
    const o = v128.xor(l, both);
    const m = v128.pmax<T>(l, o);
    const gap = v128.sub<T>(o, l);
    v128.store(value + lane, gap);
    const e = Exp.coarseFlush<T>(Lanes.minusAbs<T>(gap));
    v128.store(value + lane, v128.add<T>(e, v128.sub<T>(m, m)), SCRATCH_A);
  }
  // k is at least half of s, so that no product is subnormal from here on
  let least = v128.mul<T>(Lanes.leastFactor<T>(scale), v128.add<T>(one, one));
  for (let lane: usize = 0; lane < bytes; lane += 16) {
    const label = Lanes.loadIndices<T>(labels + (lane / sizeof<T>()) * 4);
    let idle = Lanes.indexEq<T>(label, unused);
    let sw = one;
    let s = scale;
    if (weights) {
      sw = v128.load(weights + lane);
      s = v128.mul<T>(s, sw);
      idle = v128.or(idle, v128.eq<T>(sw, zero));
    }
    if (outputs) s = v128.mul<T>(s, v128.load(outputs + lane));
    if (weights | outputs) least = v128.mul<T>(Lanes.leastFactor<T>(s), v128.add<T>(one, one));
    const gap = v128.load(value + lane);
    const rest = v128.load(value + lane, SCRATCH_A);
    v128.store(value + lane, v128.andnot(rest, idle), SCRATCH_A);
    v128.store(value + lane, v128.andnot(sw, idle), SCRATCH_B);
    v128.store(value + lane, v128.andnot(v128.mul<T>(v128.pmax<T>(zero, gap), sw), idle), SCRATCH_C);
    if (grad) {
      const k = v128.div<T>(s, v128.add<T>(one, rest));
      let e = rest;
      if (!v128.all_true<i32>(v128.ge<T>(rest, least)))
        e = Lanes.flushBelow<T>(rest, Lanes.leastFactor<T>(k));
      const below = changetype<L>(0).grad(e, one, k, s);
      const top = changetype<L>(0).gradAtMax(one, zero, e, k);
      const isTop = v128.le<T>(gap, zero);
      const own = v128.andnot(v128.bitselect(top, below, isTop), idle);
      const other = v128.andnot(v128.bitselect(v128.mul<T>(e, k), k, isTop), idle);
      const swap = v128.and(v128.xor(own, other), Lanes.indexEq<T>(label, Lanes.indexOne<T>()));
      Pairs.store<T>(grad + 2 * lane, v128.xor(own, swap), v128.xor(other, swap));
    }
  }
}
