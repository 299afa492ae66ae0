// Multiply-add: two roundings in the deterministic module, one in the relaxed one (where the engine fuses it).

/** 1 + 2⁻¹², −(1 + 2⁻¹¹): the square of the first is 2⁻²⁴ more than what the second takes away. */
let ROOT: v128 = f32x4.splat(1.000244140625);
let SQUARE: v128 = f32x4.splat(-1.00048828125);

export class Fma {
  /** a·b + c */
  @inline static madd<T extends number>(a: v128, b: v128, c: v128): v128 {
    if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(a, b, c);
    return v128.add<T>(v128.mul<T>(a, b), c);
  }

  /** c − a·b */
  @inline static nmadd<T extends number>(a: v128, b: v128, c: v128): v128 {
    if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_nmadd<T>(a, b, c);
    return v128.sub<T>(c, v128.mul<T>(a, b));
  }

  /** a·b − c */
  @inline static msub<T extends number>(a: v128, b: v128, c: v128): v128 {
    if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(a, b, v128.neg<T>(c));
    return v128.sub<T>(v128.mul<T>(a, b), c);
  }
}

/** Whether this module's multiply-add rounds once, here and now. */
export function FUSED(): i32 {
  return i32(f32x4.extract_lane(Fma.madd<f32>(ROOT, ROOT, SQUARE), 0) != 0);
}
