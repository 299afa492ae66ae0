import { Exp } from '../math/exp';
import { GROUP } from '../reduce/tree';
import { Lanes } from '../simd/lanes';

/** In every lane, and without NaNs, which reach the result through the sum. */
export let rowMax: v128 = i32x4.splat(0);
let rowMin: v128 = i32x4.splat(0);

/** Finds the greatest and the least of the n elements at x. */
export function RANGE<T extends number>(x: usize, n: usize): void {
  let a = Lanes.minusInfinity<T>();
  let b = a;
  let c = a;
  let d = a;
  let p = Lanes.neg<T>(a);
  let q = p;
  let r = p;
  let s = p;
  let left = n * sizeof<T>();
  for (; left >= 64; left -= 64) {
    const xa = v128.load(x);
    const xb = v128.load(x, 16);
    const xc = v128.load(x, 32);
    const xd = v128.load(x, 48);
    a = v128.pmax<T>(a, xa);
    p = v128.pmin<T>(p, xa);
    b = v128.pmax<T>(b, xb);
    q = v128.pmin<T>(q, xb);
    c = v128.pmax<T>(c, xc);
    r = v128.pmin<T>(r, xc);
    d = v128.pmax<T>(d, xd);
    s = v128.pmin<T>(s, xd);
    x += 64;
  }
  for (; left >= 16; left -= 16) {
    const xa = v128.load(x);
    a = v128.pmax<T>(a, xa);
    p = v128.pmin<T>(p, xa);
    x += 16;
  }
  for (; left; left -= sizeof<T>()) {
    const xa = Lanes.loadSplat<T>(x);
    b = v128.pmax<T>(b, xa);
    q = v128.pmin<T>(q, xa);
    x += sizeof<T>();
  }
  const least = v128.pmin<T>(v128.pmin<T>(p, q), v128.pmin<T>(r, s));
  rowMin = Lanes.neg<T>(Lanes.foldMax<T>(Lanes.neg<T>(least)));
  rowMax = Lanes.foldMax<T>(v128.pmax<T>(v128.pmax<T>(a, b), v128.pmax<T>(c, d)));
}

/** The least e^(x − m) of the row, 0 where its guard is due: it tells which guards the row needs. */
export function LEAST_EXP<T extends number>(): v128 {
  return Exp.coarseFlush<T>(v128.sub<T>(rowMin, rowMax));
}

/** The first of the `groups` groups at x that holds the row's greatest element, or `groups`. */
export function FIND_MAX<T extends number>(x: usize, groups: usize): usize {
  const m = rowMax;
  for (let g: usize = 0; g < groups; g++) {
    const a = v128.or(v128.eq<T>(v128.load(x), m), v128.eq<T>(v128.load(x, 16), m));
    const b = v128.or(v128.eq<T>(v128.load(x, 32), m), v128.eq<T>(v128.load(x, 48), m));
    const c = v128.or(v128.eq<T>(v128.load(x, 64), m), v128.eq<T>(v128.load(x, 80), m));
    const d = v128.or(v128.eq<T>(v128.load(x, 96), m), v128.eq<T>(v128.load(x, 112), m));
    if (v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) return g;
    x += GROUP;
  }
  return groups;
}
