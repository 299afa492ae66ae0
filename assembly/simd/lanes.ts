// What the loops need to know of a dtype T (f32 or f64): lanes per vector, splats, scalars by address.

let ONE_F32: v128 = f32x4.splat(1);
let ONE_F64: v128 = f64x2.splat(1);
let HALF_F32: v128 = f32x4.splat(0.5);
let HALF_F64: v128 = f64x2.splat(0.5);
let ZERO: v128 = i32x4.splat(0);
let SIGN_F32: v128 = i32x4.splat(0x80000000);
let SIGN_F64: v128 = i64x2.splat(0x8000000000000000);
let LEAST_NORMAL_F32: v128 = i32x4.splat(0x00800000); // 2⁻¹²⁶
let LEAST_NORMAL_F64: v128 = i64x2.splat(0x0010000000000000); // 2⁻¹⁰²²
let LEAST_F32: v128 = i32x4.splat(1); // 2⁻¹⁴⁹
let IOTA_F32: v128 = i32x4(0, 1, 2, 3);
let IOTA_F64: v128 = i64x2(0, 1);
let INDEX_ONE_F32: v128 = i32x4.splat(1);
let INDEX_ONE_F64: v128 = i64x2.splat(1);
let INFINITE_F32: v128 = f32x4.splat(Infinity as f32);
let INFINITE_F64: v128 = f64x2.splat(Infinity);
let GREATEST_F32: v128 = f32x4.splat(f32.MAX_VALUE);
let GREATEST_F64: v128 = f64x2.splat(f64.MAX_VALUE);
let MINUS_INF_F32: v128 = f32x4.splat(-Infinity as f32);
let MINUS_INF_F64: v128 = f64x2.splat(-Infinity);

export class Lanes {
  /** Lanes of T in a vector. */
  @inline static count<T extends number>(): usize {
    return 16 / sizeof<T>();
  }

  /** The number x, rounded to T, in every lane. */
  @inline static splat<T extends number>(x: f64): v128 {
    if (sizeof<T>() == 4) return f32x4.splat(f32(x));
    return f64x2.splat(x);
  }

  /** The element at address p in every lane. */
  @inline static loadSplat<T extends number>(p: usize): v128 {
    if (sizeof<T>() == 4) return v128.load32_splat(p);
    return v128.load64_splat(p);
  }

  @inline static one<T extends number>(): v128 {
    if (sizeof<T>() == 4) return ONE_F32;
    return ONE_F64;
  }

  @inline static half<T extends number>(): v128 {
    if (sizeof<T>() == 4) return HALF_F32;
    return HALF_F64;
  }

  /** The sign bit alone. */
  @inline static sign<T extends number>(): v128 {
    if (sizeof<T>() == 4) return SIGN_F32;
    return SIGN_F64;
  }

  /** |v|: V8 builds the mask of v128.abs and v128.neg anew at every use, two instructions instead of one load. */
  @inline static abs<T extends number>(v: v128): v128 {
    return v128.andnot(v, Lanes.sign<T>());
  }

  /** −|v| */
  @inline static minusAbs<T extends number>(v: v128): v128 {
    return v128.or(v, Lanes.sign<T>());
  }

  @inline static neg<T extends number>(v: v128): v128 {
    return v128.xor(v, Lanes.sign<T>());
  }

  @inline static infinity<T extends number>(): v128 {
    if (sizeof<T>() == 4) return INFINITE_F32;
    return INFINITE_F64;
  }

  @inline static minusInfinity<T extends number>(): v128 {
    if (sizeof<T>() == 4) return MINUS_INF_F32;
    return MINUS_INF_F64;
  }

  /** The least normal number above 0. */
  @inline static leastNormal<T extends number>(): v128 {
    if (sizeof<T>() == 4) return LEAST_NORMAL_F32;
    return LEAST_NORMAL_F64;
  }

  /** The greatest finite number. */
  @inline static greatest<T extends number>(): v128 {
    if (sizeof<T>() == 4) return GREATEST_F32;
    return GREATEST_F64;
  }

  @inline static zero(): v128 {
    return ZERO;
  }

  /** Lane 0 as f64. */
  @inline static first<T extends number>(v: v128): f64 {
    if (sizeof<T>() == 4) return f64(f32x4.extract_lane(v, 0));
    return f64x2.extract_lane(v, 0);
  }

  /** Element at address p as f64. */
  @inline static load<T extends number>(p: usize): f64 {
    if (sizeof<T>() == 4) return f64(load<f32>(p));
    return load<f64>(p);
  }

  @inline static storeFirst<T extends number>(p: usize, v: v128): void {
    if (sizeof<T>() == 4) store<f32>(p, f32x4.extract_lane(v, 0));
    else store<f64>(p, f64x2.extract_lane(v, 0));
  }

  @inline static copyOne<T extends number>(to: usize, from: usize): void {
    if (sizeof<T>() == 4) store<u32>(to, load<u32>(from));
    else store<u64>(to, load<u64>(from));
  }

  /** Copies n elements of T, forwards, whole vectors first. Reads and writes exactly n. */
  static copy<T extends number>(to: usize, from: usize, n: usize): void {
    let left = n * sizeof<T>();
    for (; left >= 64; left -= 64) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      v128.store(to, v128.load(from, 32), 32);
      v128.store(to, v128.load(from, 48), 48);
      to += 64;
      from += 64;
    }
    while (left >= 16) {
      v128.store(to, v128.load(from));
      to += 16;
      from += 16;
      left -= 16;
    }
    while (left >= sizeof<T>()) {
      if (sizeof<T>() == 4) store<u32>(to, load<u32>(from));
      else store<u64>(to, load<u64>(from));
      to += sizeof<T>();
      from += sizeof<T>();
      left -= sizeof<T>();
    }
  }

  /** Zeros n elements of T: memory.fill leaves the module, which pays for long runs only. */
  static clear<T extends number>(p: usize, n: usize): void {
    if (n * sizeof<T>() >= 1024) memory.fill(p, 0, n * sizeof<T>());
    else Lanes.fill<T>(p, ZERO, n);
  }

  /** Fills n elements of T with v's lanes. */
  static fill<T extends number>(p: usize, v: v128, n: usize): void {
    for (; n >= Lanes.count<T>(); n -= Lanes.count<T>()) {
      v128.store(p, v);
      p += 16;
    }
    for (; n; n--) {
      Lanes.storeFirst<T>(p, v);
      p += sizeof<T>();
    }
  }

  /** a times a weight. f32: the least number above 0 where that is below it, as 0 is what does not count. */
  @inline static weigh<T extends number>(a: v128, weight: v128): v128 {
    const product = v128.mul<T>(a, weight);
    if (sizeof<T>() == 8) return product;
    const zero = Lanes.zero();
    const none = v128.or(v128.eq<f32>(a, zero), v128.eq<f32>(weight, zero));
    return v128.or(product, v128.and(LEAST_F32, v128.andnot(v128.eq<f32>(product, zero), none)));
  }

  /** The least magnitude whose product with k is a normal number: what is below it is to be flushed first. */
  @inline static leastFactor<T extends number>(k: v128): v128 {
    return v128.div<T>(Lanes.leastNormal<T>(), Lanes.abs<T>(k));
  }

  /** All bits where v has its sign bit. */
  @inline static isNegative<T extends number>(v: v128): v128 {
    return sizeof<T>() == 4 ? i32x4.shr_s(v, 31) : i64x2.shr_s(v, 63);
  }

  /**
   * 0 where e is below `least`, else e; NaN stays NaN. A subnormal product costs tens of cycles and has lost its accuracy
   * anyway.
   */
  @inline static flushBelow<T extends number>(e: v128, least: v128): v128 {
    return v128.andnot(e, v128.lt<T>(e, least));
  }

  /** Every lane the largest lane; NaN lanes lose against any number. */
  @inline static foldMax<T extends number>(v: v128): v128 {
    if (sizeof<T>() == 4) {
      v = v128.pmax<f32>(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
      return v128.pmax<f32>(v, v128.shuffle<i32>(v, v, 1, 0, 3, 2));
    }
    return v128.pmax<f64>(v, v128.shuffle<i64>(v, v, 1, 0));
  }

  /** Whether all lanes, none of which is −∞, are finite. */
  @inline static areFinite<T extends number>(v: v128): bool {
    const isLess = v128.lt<T>(v, Lanes.infinity<T>());
    if (sizeof<T>() == 4) return v128.bitmask<i32>(isLess) == 15;
    return v128.bitmask<i64>(isLess) == 3;
  }

  /** Integer lanes of T's width, as masks are: the number i in each. */
  @inline static indexSplat<T extends number>(i: i32): v128 {
    if (sizeof<T>() == 4) return i32x4.splat(i);
    return i64x2.splat(i64(i));
  }

  /** 1 */
  @inline static indexOne<T extends number>(): v128 {
    if (sizeof<T>() == 4) return INDEX_ONE_F32;
    return INDEX_ONE_F64;
  }

  /** 0, 1, 2 … */
  @inline static iota<T extends number>(): v128 {
    if (sizeof<T>() == 4) return IOTA_F32;
    return IOTA_F64;
  }

  /** As many i32 at p as T has lanes, widened to its lanes. */
  @inline static loadIndices<T extends number>(p: usize): v128 {
    if (sizeof<T>() == 4) return v128.load(p);
    return v128.load_ext<i32>(p);
  }

  @inline static indexEq<T extends number>(a: v128, b: v128): v128 {
    if (sizeof<T>() == 4) return v128.eq<i32>(a, b);
    return v128.eq<i64>(a, b);
  }

  @inline static indexLess<T extends number>(a: v128, b: v128): v128 {
    if (sizeof<T>() == 4) return v128.lt<i32>(a, b);
    return v128.lt<i64>(a, b);
  }

  @inline static indexAdd<T extends number>(a: v128, b: v128): v128 {
    if (sizeof<T>() == 4) return v128.add<i32>(a, b);
    return v128.add<i64>(a, b);
  }

  @inline static indexSub<T extends number>(a: v128, b: v128): v128 {
    if (sizeof<T>() == 4) return v128.sub<i32>(a, b);
    return v128.sub<i64>(a, b);
  }

  /** Sum of the integer lanes. */
  @inline static indexFold<T extends number>(v: v128): f64 {
    if (sizeof<T>() == 4) {
      const pair = v128.add<i32>(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
      return f64(i32x4.extract_lane(pair, 0) + i32x4.extract_lane(pair, 1));
    }
    return f64(i64x2.extract_lane(v, 0) + i64x2.extract_lane(v, 1));
  }
}
