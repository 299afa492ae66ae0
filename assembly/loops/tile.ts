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

/** Fills the tile with rows r .. r + n of the tensor; in the last vector that holds one, lanes beyond n repeat
 * the last row. */
export function LOAD_TILE<T extends number>(
  tile: usize,
  tensor: usize,
  r: usize,
  n: usize,
  classes: usize,
  inner: usize,
): void {
  const size = sizeof<T>();
  const lanes = TILE_WIDTH / size;
  if (n == lanes && Layout.contiguous(r, n, inner)) {
    let from = tensor + Layout.row(r, classes, inner) * size;
    // 0 where the memory ends there
    const end = tile + classes * TILE_WIDTH;
    for (; tile != end; tile += TILE_WIDTH) {
      v128.store(tile, v128.load(from));
      v128.store(tile, v128.load(from, 16), 16);
      v128.store(tile, v128.load(from, 32), 32);
      v128.store(tile, v128.load(from, 48), 48);
      from += inner * size;
    }
  } else if (n == lanes && inner == 1) {
    let from = tensor + r * classes * size;
    for (let i: usize = 0; i < TILE_WIDTH; i += 16) {
      TRANSPOSE_IN<T>(tile + i, from, classes);
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
  }
}

/** Writes the tile's first n lanes to rows r .. r + n of the tensor. */
export function STORE_TILE<T extends number>(
  tile: usize,
  tensor: usize,
  r: usize,
  n: usize,
  classes: usize,
  inner: usize,
): void {
  const size = sizeof<T>();
  const lanes = TILE_WIDTH / size;
  if (n == lanes && Layout.contiguous(r, n, inner)) {
    let to = tensor + Layout.row(r, classes, inner) * size;
    // 0 where the memory ends there
    const end = tile + classes * TILE_WIDTH;
    for (; tile != end; tile += TILE_WIDTH) {
      v128.store(to, v128.load(tile));
      v128.store(to, v128.load(tile, 16), 16);
      v128.store(to, v128.load(tile, 32), 32);
      v128.store(to, v128.load(tile, 48), 48);
      to += inner * size;
    }
  } else if (n == lanes && inner == 1) {
    let to = tensor + r * classes * size;
    for (let i: usize = 0; i < TILE_WIDTH; i += 16) {
      TRANSPOSE_OUT<T>(to, tile + i, classes);
      to += Lanes.count<T>() * classes * size;
    }
  } else {
    for (let i: usize = 0; i < n; i++) {
      let to = tensor + Layout.row(r + i, classes, inner) * size;
      let from = tile + i * size;
      for (let c: usize = 0; c < classes; c++) {
        Lanes.copyOne<T>(to, from);
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
  let outer = r / inner;
  let at = r % inner;
  for (let i: usize = 0; i < n; i++) {
    const label = usize(load<u32>(labels + 4 * i));
    if (label < classes)
      Lanes.copyOne<T>(
        tensor + ((outer * classes + label) * inner + at) * sizeof<T>(),
        from + i * sizeof<T>(),
      );
    if (++at == inner) {
      at = 0;
      outer++;
    }
  }
}

/** One vector of rows (4 of f32, 2 of f64), each of `classes` elements, to a column of the tile. */
function TRANSPOSE_IN<T extends number>(tile: usize, from: usize, classes: usize): void {
  const row = classes * sizeof<T>();
  if (sizeof<T>() == 8) {
    let left = classes;
    for (; left >= 2; left -= 2) {
      const a = v128.load(from);
      const b = v128.load(from + row);
      v128.store(tile, v128.shuffle<i64>(a, b, 0, 2));
      v128.store(tile, v128.shuffle<i64>(a, b, 1, 3), 64);
      from += 16;
      tile += 128;
    }
    if (left) v128.store(tile, v128.load_lane<i64>(from + row, v128.load_zero<i64>(from), 1));
  } else {
    let left = classes;
    for (; left >= 4; left -= 4) {
      const a = v128.load(from);
      const b = v128.load(from + row);
      const c = v128.load(from + 2 * row);
      const d = v128.load(from + 3 * row);
      const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
      const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
      const ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
      const cd2 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
      v128.store(tile, v128.shuffle<i64>(ab, cd, 0, 2));
      v128.store(tile, v128.shuffle<i64>(ab, cd, 1, 3), 64);
      v128.store(tile, v128.shuffle<i64>(ab2, cd2, 0, 2), 128);
      v128.store(tile, v128.shuffle<i64>(ab2, cd2, 1, 3), 192);
      from += 16;
      tile += 256;
    }
    if (left & 2) {
      const ab = v128.load_lane<i64>(from + row, v128.load_zero<i64>(from), 1);
      const cd = v128.load_lane<i64>(from + 3 * row, v128.load_zero<i64>(from + 2 * row), 1);
      v128.store(tile, v128.shuffle<i32>(ab, cd, 0, 2, 4, 6));
      v128.store(tile, v128.shuffle<i32>(ab, cd, 1, 3, 5, 7), 64);
      from += 8;
      tile += 128;
    }
    if (left & 1) {
      let v = v128.load_zero<i32>(from);
      v = v128.load_lane<i32>(from + row, v, 1);
      v = v128.load_lane<i32>(from + 2 * row, v, 2);
      v128.store(tile, v128.load_lane<i32>(from + 3 * row, v, 3));
    }
  }
}

function TRANSPOSE_OUT<T extends number>(to: usize, tile: usize, classes: usize): void {
  const row = classes * sizeof<T>();
  if (sizeof<T>() == 8) {
    let left = classes;
    for (; left >= 2; left -= 2) {
      const a = v128.load(tile);
      const b = v128.load(tile, 64);
      v128.store(to, v128.shuffle<i64>(a, b, 0, 2));
      v128.store(to + row, v128.shuffle<i64>(a, b, 1, 3));
      to += 16;
      tile += 128;
    }
    if (left) {
      v128.store_lane<i64>(to, v128.load(tile), 0);
      v128.store_lane<i64>(to + row, v128.load(tile), 1);
    }
  } else {
    let left = classes;
    for (; left >= 4; left -= 4) {
      const a = v128.load(tile);
      const b = v128.load(tile, 64);
      const c = v128.load(tile, 128);
      const d = v128.load(tile, 192);
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
      const a = v128.load(tile);
      const b = v128.load(tile, 64);
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
      const v = v128.load(tile);
      v128.store_lane<i32>(to, v, 0);
      v128.store_lane<i32>(to + row, v, 1);
      v128.store_lane<i32>(to + 2 * row, v, 2);
      v128.store_lane<i32>(to + 3 * row, v, 3);
    }
  }
}
