// Products of matrices in tiles of 4 rows by two vectors: blocks of 128 terms in T, joined in f64. A tile's sums lie in memory as f64,
// row after row; what it starts from (0, a bias, what is there already) is put there first.

import { PANEL } from '../generated/abi';
import { Wide } from '../reduce/wide';
import { Fma } from '../simd/fma';
import { Lanes } from '../simd/lanes';

/** Terms that are added up before they join the sums. */
export const TERMS: usize = 128;
/** Rows of a tile. */
export const TILE_ROWS: usize = 4;

export class Tile {
  /** Numbers of T in a panel's row. */
  @inline static width<T extends number>(): usize {
    return PANEL / sizeof<T>();
  }

  /** Bytes of a row of a tile's sums. */
  @inline static row<T extends number>(): usize {
    return (8 * PANEL) / sizeof<T>();
  }

  @inline static bytes<T extends number>(): usize {
    return TILE_ROWS * Tile.row<T>();
  }

  /** Adds two vectors of T to the row at `sums`. */
  @inline static join<T extends number>(sums: usize, a: v128, b: v128): void {
    v128.store(sums, v128.add<f64>(v128.load(sums), Wide.low<T>(a)));
    if (sizeof<T>() == 4) {
      v128.store(sums, v128.add<f64>(v128.load(sums, 16), Wide.high<T>(a)), 16);
      v128.store(sums, v128.add<f64>(v128.load(sums, 32), Wide.low<T>(b)), 32);
      v128.store(sums, v128.add<f64>(v128.load(sums, 48), Wide.high<T>(b)), 48);
    } else v128.store(sums, v128.add<f64>(v128.load(sums, 16), b), 16);
  }
}

/**
 * Adds to the tile at `sums` the product of the first n of the rows at a, which are `stride` bytes apart, and the panel at b, over k
 * terms. Rows that a lacks are its last once more.
 */
export function ADD_PRODUCT<T extends number>(
  a: usize,
  n: usize,
  stride: usize,
  b: usize,
  k: usize,
  sums: usize,
): void {
  const last = n - 1;
  let p = a;
  let q = a + min<usize>(1, last) * stride;
  let r = a + min<usize>(2, last) * stride;
  let s = a + min<usize>(3, last) * stride;
  while (k) {
    const part = min(k, TERMS);
    ADD_TERMS<T>(p, q, r, s, b, part, sums);
    p += part * sizeof<T>();
    q += part * sizeof<T>();
    r += part * sizeof<T>();
    s += part * sizeof<T>();
    b += part * PANEL;
    k -= part;
  }
}

/** The same for at most TERMS terms: rows p, q, r and s. */
function ADD_TERMS<T extends number>(
  p: usize,
  q: usize,
  r: usize,
  s: usize,
  b: usize,
  k: usize,
  sums: usize,
): void {
  let p0 = Lanes.zero();
  let p1 = p0;
  let q0 = p0;
  let q1 = p0;
  let r0 = p0;
  let r1 = p0;
  let s0 = p0;
  let s1 = p0;
  // unrolled, it takes more registers than there are, and 1.4 times as long
  for (; k; k--) {
    const low = v128.load(b);
    const high = v128.load(b, 16);
    let x = Lanes.loadSplat<T>(p);
    p0 = Fma.madd<T>(x, low, p0);
    p1 = Fma.madd<T>(x, high, p1);
    x = Lanes.loadSplat<T>(q);
    q0 = Fma.madd<T>(x, low, q0);
    q1 = Fma.madd<T>(x, high, q1);
    x = Lanes.loadSplat<T>(r);
    r0 = Fma.madd<T>(x, low, r0);
    r1 = Fma.madd<T>(x, high, r1);
    x = Lanes.loadSplat<T>(s);
    s0 = Fma.madd<T>(x, low, s0);
    s1 = Fma.madd<T>(x, high, s1);
    p += sizeof<T>();
    q += sizeof<T>();
    r += sizeof<T>();
    s += sizeof<T>();
    b += PANEL;
  }
  Tile.join<T>(sums, p0, p1);
  Tile.join<T>(sums + Tile.row<T>(), q0, q1);
  Tile.join<T>(sums + 2 * Tile.row<T>(), r0, r1);
  Tile.join<T>(sums + 3 * Tile.row<T>(), s0, s1);
}

/** Makes a tile's sums start from 0. */
export function CLEAR_SUMS<T extends number>(sums: usize): void {
  Lanes.fill<f64>(sums, Lanes.zero(), TILE_ROWS * Tile.width<T>());
}

/** Makes a row's sums start from the m numbers at p. */
export function LOAD_SUMS<T extends number>(sums: usize, p: usize, m: usize): void {
  if (sizeof<T>() == 8) {
    Lanes.copy<f64>(sums, p, m);
    return;
  }
  for (; m >= 2; m -= 2) {
    v128.store(sums, f64x2.promote_low_f32x4(v128.load_zero<i64>(p)));
    sums += 16;
    p += 8;
  }
  if (m) store<f64>(sums, Lanes.load<T>(p));
}

/** Rounds a row's first m sums to the numbers at p. */
export function STORE_SUMS<T extends number>(sums: usize, p: usize, m: usize): void {
  if (sizeof<T>() == 8) {
    Lanes.copy<f64>(p, sums, m);
    return;
  }
  for (; m >= 4; m -= 4) {
    v128.store(p, Wide.narrow<T>(v128.load(sums), v128.load(sums, 16)));
    sums += 32;
    p += 16;
  }
  for (; m; m--) {
    store<f32>(p, f32(load<f64>(sums)));
    sums += 8;
    p += 4;
  }
}

/** Of `n` rows at `from`, as many as a vector has lanes at most, a vector each: its numbers become rows at `to`. Whole vectors are read and written. */
export function TRANSPOSE<T extends number>(
  from: usize,
  stride: usize,
  n: usize,
  to: usize,
  by: usize,
): void {
  const zero = Lanes.zero();
  const a = v128.load(from);
  const b = n > 1 ? v128.load(from + stride) : zero;
  if (sizeof<T>() == 8) {
    v128.store(to, v128.shuffle<i64>(a, b, 0, 2));
    v128.store(to + by, v128.shuffle<i64>(a, b, 1, 3));
    return;
  }
  const c = n > 2 ? v128.load(from + 2 * stride) : zero;
  const d = n > 3 ? v128.load(from + 3 * stride) : zero;
  const low = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const high = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const lower = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const higher = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(low, lower, 0, 2));
  v128.store(to + by, v128.shuffle<i64>(low, lower, 1, 3));
  v128.store(to + 2 * by, v128.shuffle<i64>(high, higher, 0, 2));
  v128.store(to + 3 * by, v128.shuffle<i64>(high, higher, 1, 3));
}

/** Copies the first m numbers of n rows at `from`, `stride` bytes apart, to a panel; 0 beyond m. */
export function PACK_PANEL<T extends number>(
  to: usize,
  from: usize,
  stride: usize,
  n: usize,
  m: usize,
): void {
  if (m == Tile.width<T>()) {
    for (; n; n--) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      to += PANEL;
      from += stride;
    }
    return;
  }
  for (; n; n--) {
    v128.store(to, Lanes.zero());
    v128.store(to, Lanes.zero(), 16);
    Lanes.copy<T>(to, from, m);
    to += PANEL;
    from += stride;
  }
}
