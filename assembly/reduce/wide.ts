/** f64 sums of T lanes: low and high half. */
export class Wide {
  @inline static low<T extends number>(v: v128): v128 {
    if (sizeof<T>() == 4) return f64x2.promote_low_f32x4(v);
    return v;
  }

  @inline static high<T extends number>(v: v128): v128 {
    if (sizeof<T>() == 4) return f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
    return v;
  }

  /** Of f32 both halves together. Not inlined: loops ask for it where something overflows. */
  static sum<T extends number>(v: v128): v128 {
    return v128.add<f64>(Wide.low<T>(v), Wide.high<T>(v));
  }

  @inline static narrow<T extends number>(low: v128, high: v128): v128 {
    if (sizeof<T>() == 4) {
      return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
    }
    return low;
  }
}
