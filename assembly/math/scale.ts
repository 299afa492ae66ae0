import { Lanes } from '../simd/lanes';

/** Powers of two that numbers of f64 are multiplied by before they are squared, where a square might overflow or lose digits. */
export class Scale {
  /** All bits where a sum of squares is as good without, and its root may be multiplied and divided by. */
  @inline static isPlain(sum: v128): v128 {
    return v128.and(v128.ge<f64>(sum, f64x2.splat(Scale.LEAST)), v128.le<f64>(sum, f64x2.splat(Scale.MOST)));
  }

  /** What makes a greatest size a number from 4 to 8, or less where that is subnormal; 1 for what is infinite. */
  @inline static of(greatest: v128): v128 {
    // 2048 less its exponent: 2048 is the sign's bit
    const size = v128.pmax<f64>(greatest, f64x2.splat(Scale.TINY));
    const scale = Lanes.abs<f64>(v128.neg<i64>(v128.and(size, i64x2.splat(0x7ff0000000000000))));
    return v128.bitselect(f64x2.splat(1), scale, v128.eq<f64>(size, Lanes.infinity<f64>()));
  }

  // 2^±300, 2^−1021
  static readonly LEAST: f64 = 4.909093465297727e-91;
  static readonly MOST: f64 = 2.037035976334486e90;
  static readonly TINY: f64 = 4.450147717014403e-308;
}
