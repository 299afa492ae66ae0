// A tile is [classes, 64 bytes of lanes]: the rows (or positions of a strided class axis) that the lanewise loop
// works on, one lane each. It is filled and emptied by whole vectors where the layout allows it and by single
// elements elsewhere (the end of the data, short inner axes), so that no element outside a tensor is touched.
//
// Copying costs about 0.1 ns per element and saves more: each cache line of a strided axis is read once, although
// a power-of-two stride maps all classes of a position to one set of the cache.
import { TILE_WIDTH } from '../generated/abi';
import { Lanes } from '../simd/lanes';

class Layout {
  /** Address offset (in elements) of class 0 of row r in [outer, classes, inner]. */
  @inline static row(r: usize, classes: usize, inner: usize): usize {
    if (inner == 1) return r * classes;
    return (r / inner) * classes * inner + (r % inner);
  }

  /** Whether rows r .. r + n lie side by side in memory. */
  @inline static contiguous(r: usize, n: usize, inner: usize): bool {
    return inner > 1 && (r % inner) + n <= inner;
  }
}

/**
 * Fills the tile with rows r .. r + n of the tensor; in the last vector that holds one, lanes beyond n repeat the last row. Each
 * lane's maximum goes to `range`, its minimum TILE_WIDTH further; NaNs are neither.
 */
export function LOAD_TILE<T extends number>(
  tile: usize,
  tensor: usize,
  r: usize,
  n: usize,
  classes: usize,
  inner: usize,
  range: usize,
): void {
  const size = sizeof<T>();
  const lanes = TILE_WIDTH / size;
  if (n == lanes && Layout.contiguous(r, n, inner)) {
    COPY_IN<T>(tile, tensor + Layout.row(r, classes, inner) * size, inner * size, classes, range);
  } else if (n == lanes && inner == 1) {
    let from = tensor + r * classes * size;
    for (let i: usize = 0; i < TILE_WIDTH; i += 16) {
      TRANSPOSE_IN<T>(tile + i, from, classes, range + i);
      from += Lanes.count<T>() * classes * size;
    }
  } else {
    const used = (n + Lanes.count<T>() - 1) & ~(Lanes.count<T>() - 1);
    for (let i: usize = 0; i < used; i++) {
      let from = tensor + Layout.row(r + min(i, n - 1), classes, inner) * size;
      let to = tile + i * size;
      for (let c: usize = 0; c < classes; c++) {
        Lanes.copyOne<T>(to, from);
        to += TILE_WIDTH;
        from += inner * size;
      }
    }
    COPY_IN<T>(tile, tile, TILE_WIDTH, classes, range);
  }
}

/** Writes the tile's first n lanes, multiplied by their factors, to rows r .. r + n of the tensor. */
export function STORE_TILE<T extends number>(
  tile: usize,
  tensor: usize,
  r: usize,
  n: usize,
  classes: usize,
  inner: usize,
  factors: usize,
): void {
  const size = sizeof<T>();
  const lanes = TILE_WIDTH / size;
  if (n == lanes && Layout.contiguous(r, n, inner)) {
    let to = tensor + Layout.row(r, classes, inner) * size;
    const a = v128.load(factors);
    const b = v128.load(factors, 16);
    const c = v128.load(factors, 32);
    const d = v128.load(factors, 48);
    // 0 where the memory ends there
    const end = tile + classes * TILE_WIDTH;
    for (; tile != end; tile += TILE_WIDTH) {
      v128.store(to, v128.mul<T>(v128.load(tile), a));
      v128.store(to, v128.mul<T>(v128.load(tile, 16), b), 16);
      v128.store(to, v128.mul<T>(v128.load(tile, 32), c), 32);
      v128.store(to, v128.mul<T>(v128.load(tile, 48), d), 48);
      to += inner * size;
    }
  } else if (n == lanes && inner == 1) {
    let to = tensor + r * classes * size;
    for (let i: usize = 0; i < TILE_WIDTH; i += 16) {
      TRANSPOSE_OUT<T>(to, tile + i, classes, v128.load(factors + i));
      to += Lanes.count<T>() * classes * size;
    }
  } else {
    for (let i: usize = 0; i < n; i++) {
      let to = tensor + Layout.row(r + i, classes, inner) * size;
      let from = tile + i * size;
      const factor = Lanes.loadSplat<T>(factors + i * size);
      for (let c: usize = 0; c < classes; c++) {
        Lanes.storeFirst<T>(to, v128.mul<T>(Lanes.loadSplat<T>(from), factor));
        from += TILE_WIDTH;
        to += inner * size;
      }
    }
  }
}

/** Writes n elements to rows r .. r + n of the tensor, each to the class that its label names. */
export function STORE_LABELS<T extends number>(
  from: usize,
  labels: usize,
  tensor: usize,
  r: usize,
  n: usize,
  classes: usize,
  inner: usize,
): void {
  const size = sizeof<T>();
  const stride = inner * size;
  let to = tensor + Layout.row(r, classes, inner) * size;
  let left = inner - (r % inner);
  for (; n; n--) {
    const label = usize(load<u32>(labels));
    if (label < classes) Lanes.copyOne<T>(to + label * stride, from);
    labels += 4;
    from += size;
    to += size;
    if (--left == 0) {
      left = inner;
      to += (classes - 1) * stride;
    }
  }
}

/** Sixteen lanes (f64: eight) whose classes are `stride` bytes apart; the tile itself where it is filled already. */
function COPY_IN<T extends number>(
  tile: usize,
  from: usize,
  stride: usize,
  classes: usize,
  range: usize,
): void {
  let a = Lanes.minusInfinity<T>();
  let b = a;
  let c = a;
  let d = a;
  let p = Lanes.infinity<T>();
  let q = p;
  let r = p;
  let s = p;
  // 0 where the memory ends there
  const end = tile + classes * TILE_WIDTH;
  for (; tile != end; tile += TILE_WIDTH) {
    const xa = v128.load(from);
    const xb = v128.load(from, 16);
    const xc = v128.load(from, 32);
    const xd = v128.load(from, 48);
    v128.store(tile, xa);
    v128.store(tile, xb, 16);
    v128.store(tile, xc, 32);
    v128.store(tile, xd, 48);
    a = v128.pmax<T>(a, xa);
    b = v128.pmax<T>(b, xb);
    c = v128.pmax<T>(c, xc);
    d = v128.pmax<T>(d, xd);
    p = v128.pmin<T>(p, xa);
    q = v128.pmin<T>(q, xb);
    r = v128.pmin<T>(r, xc);
    s = v128.pmin<T>(s, xd);
    from += stride;
  }
  v128.store(range, a);
  v128.store(range, b, 16);
  v128.store(range, c, 32);
  v128.store(range, d, 48);
  v128.store(range, p, TILE_WIDTH);
  v128.store(range, q, TILE_WIDTH + 16);
  v128.store(range, r, TILE_WIDTH + 32);
  v128.store(range, s, TILE_WIDTH + 48);
}

/** One vector of rows (4 of f32, 2 of f64), each of `classes` elements, to a column of the tile. */
function TRANSPOSE_IN<T extends number>(tile: usize, from: usize, classes: usize, range: usize): void {
  const row = classes * sizeof<T>();
  let max = Lanes.minusInfinity<T>();
  let least = Lanes.infinity<T>();
  let left = classes;
  if (sizeof<T>() == 8) {
    for (; left >= 2; left -= 2) {
      const a = v128.load(from);
      const b = v128.load(from + row);
      const p = v128.shuffle<i64>(a, b, 0, 2);
      const q = v128.shuffle<i64>(a, b, 1, 3);
      v128.store(tile, p);
      v128.store(tile, q, 64);
      max = v128.pmax<T>(v128.pmax<T>(max, p), q);
      least = v128.pmin<T>(v128.pmin<T>(least, p), q);
      from += 16;
      tile += 128;
    }
    if (left) {
      const p = v128.load_lane<i64>(from + row, v128.load_zero<i64>(from), 1);
      v128.store(tile, p);
      max = v128.pmax<T>(max, p);
      least = v128.pmin<T>(least, p);
    }
  } else {
    for (; left >= 4; left -= 4) {
      const a = v128.load(from);
      const b = v128.load(from + row);
      const c = v128.load(from + 2 * row);
      const d = v128.load(from + 3 * row);
      const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
      const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
      const ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
      const cd2 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
      const p = v128.shuffle<i64>(ab, cd, 0, 2);
      const q = v128.shuffle<i64>(ab, cd, 1, 3);
      const r = v128.shuffle<i64>(ab2, cd2, 0, 2);
      const s = v128.shuffle<i64>(ab2, cd2, 1, 3);
      v128.store(tile, p);
      v128.store(tile, q, 64);
      v128.store(tile, r, 128);
      v128.store(tile, s, 192);
      max = v128.pmax<T>(v128.pmax<T>(v128.pmax<T>(v128.pmax<T>(max, p), q), r), s);
      least = v128.pmin<T>(v128.pmin<T>(v128.pmin<T>(v128.pmin<T>(least, p), q), r), s);
      from += 16;
      tile += 256;
    }
    if (left & 2) {
      const ab = v128.load_lane<i64>(from + row, v128.load_zero<i64>(from), 1);
      const cd = v128.load_lane<i64>(from + 3 * row, v128.load_zero<i64>(from + 2 * row), 1);
      const p = v128.shuffle<i32>(ab, cd, 0, 2, 4, 6);
      const q = v128.shuffle<i32>(ab, cd, 1, 3, 5, 7);
      v128.store(tile, p);
      v128.store(tile, q, 64);
      max = v128.pmax<T>(v128.pmax<T>(max, p), q);
      least = v128.pmin<T>(v128.pmin<T>(least, p), q);
      from += 8;
      tile += 128;
    }
    if (left & 1) {
      let v = v128.load_zero<i32>(from);
      v = v128.load_lane<i32>(from + row, v, 1);
      v = v128.load_lane<i32>(from + 2 * row, v, 2);
      v = v128.load_lane<i32>(from + 3 * row, v, 3);
      v128.store(tile, v);
      max = v128.pmax<T>(max, v);
      least = v128.pmin<T>(least, v);
    }
  }
  v128.store(range, max);
  v128.store(range, least, TILE_WIDTH);
}

function TRANSPOSE_OUT<T extends number>(to: usize, tile: usize, classes: usize, factor: v128): void {
  const row = classes * sizeof<T>();
  if (sizeof<T>() == 8) {
    let left = classes;
    for (; left >= 2; left -= 2) {
      const a = v128.mul<T>(v128.load(tile), factor);
      const b = v128.mul<T>(v128.load(tile, 64), factor);
      v128.store(to, v128.shuffle<i64>(a, b, 0, 2));
      v128.store(to + row, v128.shuffle<i64>(a, b, 1, 3));
      to += 16;
      tile += 128;
    }
    if (left) {
      const a = v128.mul<T>(v128.load(tile), factor);
      v128.store_lane<i64>(to, a, 0);
      v128.store_lane<i64>(to + row, a, 1);
    }
  } else {
    let left = classes;
    for (; left >= 4; left -= 4) {
      const a = v128.mul<T>(v128.load(tile), factor);
      const b = v128.mul<T>(v128.load(tile, 64), factor);
      const c = v128.mul<T>(v128.load(tile, 128), factor);
      const d = v128.mul<T>(v128.load(tile, 192), factor);
      const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
      const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
      const ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
      const cd2 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
      v128.store(to + row, v128.shuffle<i64>(ab, cd, 1, 3));
      v128.store(to + 2 * row, v128.shuffle<i64>(ab2, cd2, 0, 2));
      v128.store(to + 3 * row, v128.shuffle<i64>(ab2, cd2, 1, 3));
      to += 16;
      tile += 256;
    }
    if (left & 2) {
      const a = v128.mul<T>(v128.load(tile), factor);
      const b = v128.mul<T>(v128.load(tile, 64), factor);
      const low = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
      const high = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
      v128.store_lane<i64>(to, low, 0);
      v128.store_lane<i64>(to + row, low, 1);
      v128.store_lane<i64>(to + 2 * row, high, 0);
      v128.store_lane<i64>(to + 3 * row, high, 1);
      to += 8;
      tile += 128;
    }
    if (left & 1) {
      const v = v128.mul<T>(v128.load(tile), factor);
      v128.store_lane<i32>(to, v, 0);
      v128.store_lane<i32>(to + row, v, 1);
      v128.store_lane<i32>(to + 2 * row, v, 2);
      v128.store_lane<i32>(to + 3 * row, v, 3);
    }
  }
}
