// Three classes side by side: the formulas and the bits of the lanewise loop, on whole vectors of rows in registers.

import { CALL_IGNORE_INDEX, SCRATCH_A, SCRATCH_B, SCRATCH_C } from '../generated/abi';
import { gradScale } from '../gradScale';
import { Exp } from '../math/exp';
import { Lanes } from '../simd/lanes';
import { SoftmaxOp } from './softmax';

/** Rows of three elements, in memory one after the other, as three vectors: all the firsts, all the seconds and all the thirds. */
class Triples {
  @inline static first<T extends number>(a: v128, b: v128, c: v128): v128 {
    if (sizeof<T>() == 4) return v128.shuffle<i32>(a, v128.shuffle<i32>(b, c, 0, 5, 2, 3), 0, 3, 6, 5);
    return v128.shuffle<i64>(a, b, 0, 3);
  }

  @inline static second<T extends number>(a: v128, b: v128, c: v128): v128 {
    if (sizeof<T>() == 4) {
      const all = v128.shuffle<i32>(v128.shuffle<i32>(b, a, 0, 5, 2, 3), c, 0, 1, 6, 3);
      return v128.shuffle<i32>(all, all, 1, 0, 3, 2);
    }
    return v128.shuffle<i64>(a, c, 1, 2);
  }

  @inline static third<T extends number>(a: v128, b: v128, c: v128): v128 {
    if (sizeof<T>() == 4) return v128.shuffle<i32>(v128.shuffle<i32>(a, b, 0, 5, 2, 3), c, 2, 1, 4, 7);
    return v128.shuffle<i64>(b, c, 0, 3);
  }

  @inline static store<T extends number>(p: usize, x: v128, y: v128, z: v128): void {
    if (sizeof<T>() == 4) {
      // x0 y0 z0 x1, y1 z1 x2 y2, z2 x3 y3 z3
      const xy = v128.shuffle<i32>(x, y, 0, 4, 2, 6);
      const yz = v128.shuffle<i32>(y, z, 1, 5, 3, 7);
      const zx = v128.shuffle<i32>(z, x, 0, 5, 2, 7);
      v128.store(p, v128.shuffle<i64>(xy, zx, 0, 2));
      v128.store(p, v128.shuffle<i64>(yz, xy, 0, 3), 16);
      v128.store(p, v128.shuffle<i64>(zx, yz, 1, 3), 32);
    } else {
      v128.store(p, v128.shuffle<i64>(x, y, 0, 2));
      v128.store(p, v128.shuffle<i64>(z, x, 0, 3), 16);
      v128.store(p, v128.shuffle<i64>(y, z, 1, 3), 32);
    }
  }
}

/** e^−|x| with the sign bit of x, in place. */
function EXPS<T extends number>(p: usize, bytes: usize): void {
  for (const end = p + bytes; p < end; p += 16) {
    const x = v128.load(p);
    v128.store(p, v128.or(Exp.coarseFlush<T>(Lanes.minusAbs<T>(x)), v128.and(x, Lanes.sign<T>())));
  }
}

/**
 * As SPAN_PAIRS. Passes of their own for the exponentials: one after the other in one pass, the processor holds too few rows at once to
 * do anything while it waits.
 */
export function SPAN_TRIPLES<T extends number, L extends SoftmaxOp<T>>(
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
  const sign = Lanes.sign<T>();
  const two = Lanes.indexSplat<T>(2);
  for (let lane: usize = 0; lane < bytes; lane += 16) {
    const label = Lanes.loadIndices<T>(labels + (lane / sizeof<T>()) * 4);
    const is1 = Lanes.indexEq<T>(label, Lanes.indexOne<T>());
    const is2 = Lanes.indexEq<T>(label, two);
    const a = v128.load(x + 3 * lane);
    const b = v128.load(x + 3 * lane, 16);
    const c = v128.load(x + 3 * lane, 32);
    // the label's logit first, the greatest one before it if that is another, the others behind in any order
    let m = Triples.first<T>(a, b, c);
    let p = Triples.second<T>(a, b, c);
    let q = Triples.third<T>(a, b, c);
    let swap = v128.and(v128.xor(m, p), is1);
    m = v128.xor(m, swap);
    p = v128.xor(p, swap);
    swap = v128.and(v128.xor(m, q), is2);
    m = v128.xor(m, swap);
    q = v128.xor(q, swap);
    const own = m;
    const isP = v128.lt<T>(m, p);
    swap = v128.and(v128.xor(m, p), isP);
    m = v128.xor(m, swap);
    p = v128.xor(p, swap);
    const isQ = v128.lt<T>(m, q);
    swap = v128.and(v128.xor(m, q), isQ);
    m = v128.xor(m, swap);
    q = v128.xor(q, swap);
    // a sign bit is free in what is never above 0
    p = Lanes.abs<T>(v128.add<T>(v128.sub<T>(p, m), v128.sub<T>(m, m)));
    q = Lanes.abs<T>(v128.sub<T>(q, m));
    v128.store(value + lane, v128.or(p, v128.and(isP, sign)));
    v128.store(value + lane, v128.or(q, v128.and(isQ, sign)), SCRATCH_A);
    v128.store(value + lane, v128.sub<T>(m, own), SCRATCH_C);
  }
  EXPS<T>(value, bytes);
  EXPS<T>(value + SCRATCH_A, bytes);
  // k is at least a third of s, so that no product is subnormal from here on
  const four = v128.add<T>(v128.add<T>(one, one), v128.add<T>(one, one));
  let scale = gradScale;
  let sw = one;
  const unused = Lanes.indexSplat<T>(load<i32>(call, CALL_IGNORE_INDEX));
  let least = v128.mul<T>(Lanes.leastFactor<T>(scale), four);
  for (let lane: usize = 0; lane < bytes; lane += 16) {
    const label = Lanes.loadIndices<T>(labels + (lane / sizeof<T>()) * 4);
    let idle = Lanes.indexEq<T>(label, unused);
    if (weights | outputs) {
      scale = gradScale;
      if (weights) {
        sw = v128.load(weights + lane);
        scale = v128.mul<T>(scale, sw);
        idle = v128.or(idle, v128.eq<T>(sw, zero));
      }
      if (outputs) scale = v128.mul<T>(scale, v128.load(outputs + lane));
      least = v128.mul<T>(Lanes.leastFactor<T>(scale), four);
    }
    let p = v128.load(value + lane);
    let q = v128.load(value + lane, SCRATCH_A);
    const isP = Lanes.isNegative<T>(p);
    const isQ = Lanes.isNegative<T>(q);
    p = Lanes.abs<T>(p);
    q = Lanes.abs<T>(q);
    let rest = v128.add<T>(p, q);
    v128.store(value + lane, v128.andnot(rest, idle), SCRATCH_A);
    v128.store(value + lane, v128.andnot(sw, idle), SCRATCH_B);
    v128.store(
      value + lane,
      v128.andnot(v128.mul<T>(v128.load(value + lane, SCRATCH_C), sw), idle),
      SCRATCH_C,
    );
    if (grad) {
      const is1 = Lanes.indexEq<T>(label, Lanes.indexOne<T>());
      const is2 = Lanes.indexEq<T>(label, two);
      const k = v128.div<T>(scale, v128.add<T>(one, rest));
      if (v128.any_true(v128.lt<T>(v128.pmin<T>(p, q), least))) {
        const ofRow = Lanes.leastFactor<T>(k);
        p = Lanes.flushBelow<T>(p, ofRow);
        q = Lanes.flushBelow<T>(q, ofRow);
        rest = Lanes.flushBelow<T>(rest, ofRow);
      }
      // softmax, and less 1 at the label; NaN where the upstream gradient is no number
      const factor = v128.sub<T>(k, v128.mul<T>(zero, scale));
      const top = changetype<L>(0).gradAtMax(one, zero, rest, k);
      let m = v128.bitselect(factor, top, v128.or(isP, isQ));
      p = v128.sub<T>(v128.mul<T>(p, factor), v128.and(scale, isP));
      q = v128.sub<T>(v128.mul<T>(q, factor), v128.andnot(v128.and(scale, isQ), isP));
      let swap = v128.and(v128.xor(m, q), isQ);
      m = v128.xor(m, swap);
      q = v128.xor(q, swap);
      swap = v128.and(v128.xor(m, p), isP);
      m = v128.xor(m, swap);
      p = v128.xor(p, swap);
      swap = v128.and(v128.xor(m, q), is2);
      m = v128.xor(m, swap);
      q = v128.xor(q, swap);
      swap = v128.and(v128.xor(m, p), is1);
      m = v128.xor(m, swap);
      p = v128.xor(p, swap);
      Triples.store<T>(grad + 3 * lane, v128.andnot(m, idle), v128.andnot(p, idle), v128.andnot(q, idle));
    }
  }
}
