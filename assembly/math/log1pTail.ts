import { Log1p } from './log1p';

let SMALL_F32: v128 = f32x4.splat(9.313225746154785e-10); // 2⁻³⁰
let SMALL_F64: v128 = f64x2.splat(8.673617379884035e-19); // 2⁻⁶⁰

/**
 * log(1 + x) for x ≥ 0 or NaN, in the same time for every x: the polynomial takes the fourth power of its argument, which
 * underflows for the tiny x of confident samples, and that costs x86 three times the rest. There log(1 + x) is x.
 */
export class Log1pTail {
  @inline static of<T extends number>(x: v128): v128 {
    const small = sizeof<T>() == 4 ? SMALL_F32 : SMALL_F64;
    return v128.bitselect(x, Log1p.positive<T>(v128.pmax<T>(x, small)), v128.lt<T>(x, small));
  }
}
