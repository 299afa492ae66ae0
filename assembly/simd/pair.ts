/** Two numbers of T as f64, whatever T is. */
export class Pair {
  @inline static load<T extends number>(p: usize): v128 {
    if (sizeof<T>() == 4) return f64x2.promote_low_f32x4(v128.load_zero<i64>(p));
    return v128.load(p);
  }

  /** Stores both, rounded to T. */
  @inline static store<T extends number>(p: usize, v: v128): void {
    if (sizeof<T>() == 4) v128.store_lane<i64>(p, f32x4.demote_f64x2_zero(v), 0);
    else v128.store(p, v);
  }

  @inline static storeFirst<T extends number>(p: usize, v: v128): void {
    if (sizeof<T>() == 4) store<f32>(p, f32(f64x2.extract_lane(v, 0)));
    else store<f64>(p, f64x2.extract_lane(v, 0));
  }

  /** The numbers at p and q. */
  @inline static of<T extends number>(p: usize, q: usize): v128 {
    if (sizeof<T>() == 4) return f64x2.replace_lane(f64x2.splat(f64(load<f32>(p))), 1, f64(load<f32>(q)));
    return v128.load_lane<i64>(q, v128.load_zero<i64>(p), 1);
  }

  @inline static swap(v: v128): v128 {
    return v128.shuffle<i64>(v, v, 1, 0);
  }
}
