import { Lanes } from '../simd/lanes';

let SIGN_F32: v128 = i32x4.splat(0x80000000);
let SIGN_F64: v128 = i64x2.splat(0x8000000000000000);

/** −1, 0 or 1; NaN for NaN. Comparisons would lose the NaN, clamping x·huge would lose subnormals. */
export class Sign {
  @inline static of<T extends number>(x: v128): v128 {
    return v128.or(Sign.ofNumber<T>(x), v128.ne<T>(x, x));
  }

  /** The same where x is no NaN. */
  @inline static ofNumber<T extends number>(x: v128): v128 {
    const sign = sizeof<T>() == 4 ? SIGN_F32 : SIGN_F64;
    return v128.andnot(v128.or(v128.and(x, sign), Lanes.one<T>()), v128.eq<T>(x, Lanes.zero()));
  }
}
