// Sums without an error. Numbers whose digits lie near each other are added as doubles that are made of few enough digits that nothing is
// rounded; all others as integers.
//
// A block has at most 2¹⁰ terms below 2^(e + 1). Of each what is a multiple of 2^(e − 42) is told by adding 1.5 · 2^(e + 10) and taking it
// away again; such multiples add up exactly, as their sums are below 2^(e + 11), 53 digits. What is left of each is at most 2^(e − 43),
// so that the next level is the same with e − 44 (Rump, Ogita, Oishi: Accurate floating-point summation, part I, SIAM J. Sci. Comput. 31
// (2008)).
import { Lanes } from '../simd/lanes';

/** Terms of a block. */
export const BLOCK: i32 = 1024;
/** What the exponents of levels differ by. */
const LEVEL: i32 = 44;
/** What the exponents of f32s may differ by, greatest and least, so that plain sums of doubles are exact. */
const PLAIN: i32 = 19;
/** Of what is not to be added in levels: above it what tells the digits apart is infinite. */
const MOST: f64 = 8.77796e304; // a little less than 2¹⁰¹³
const INFINITE: u32 = 0x7f800000;

/** How a sum lies in the memory. */
export class Sum {
  /** Integers of 64 bits that a sum has as limbs, 16 bits apart; then how often NaN, +∞ and −∞ were added. */
  @inline static limbs<T extends number>(): i32 {
    return sizeof<T>() == 4 ? 17 : 131;
  }

  /** Bytes of such a sum. */
  @inline static limbBytes<T extends number>(): i32 {
    return (Sum.limbs<T>() + 3) * 8;
  }

  /** The exponent of the first limb's lowest bit. */
  @inline static lowest<T extends number>(): i32 {
    return sizeof<T>() == 4 ? -160 : -1088;
  }
}

class Term {
  /** What numbers below 2^(e + 1) are told apart by. */
  @inline static divider(e: i32): v128 {
    return f64x2.splat(reinterpret<f64>((u64(max(e + 10 + 1023, 1)) << 52) | (u64(1) << 51)));
  }

  @inline static multiples(x: v128, divider: v128): v128 {
    return f64x2.sub(f64x2.add(x, divider), divider);
  }

  @inline static both(x: v128): f64 {
    return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
  }

  /** Two of the elements at p, as doubles. */
  @inline static load2<T extends number>(p: usize): v128 {
    if (sizeof<T>() == 4) return f64x2.promote_low_f32x4(v128.load64_zero(p));
    return v128.load(p);
  }

  /** The rest of the last level: of f64 there may be more of it than a sum has room for, and NaN, which is told by what is not a multiple. */
  @inline static last<T extends number>(r: v128, divider: v128): v128 {
    return sizeof<T>() == 4 ? r : Term.multiples(r, divider);
  }

  @inline static fieldOf(magnitude: u32): i32 {
    return max(i32(magnitude >>> 23), 1);
  }

  @inline static greatest(x: v128): u32 {
    const a = max(<u32>i32x4.extract_lane(x, 0), <u32>i32x4.extract_lane(x, 1));
    const b = max(<u32>i32x4.extract_lane(x, 2), <u32>i32x4.extract_lane(x, 3));
    return max(a, b);
  }

  @inline static addTo(at: usize, x: i64): void {
    store<i64>(at, load<i64>(at) + x);
  }

  /** The limb that has a number's lowest bit, of an exponent's bits. */
  @inline static limbOf(place: u32, to: usize): usize {
    return to + usize((place >>> 4) << 3);
  }

  @inline static addF32(bits: u32, to: usize): void {
    const field = (bits >>> 23) & 255;
    if (field == 255) {
      countSpecial(to + 8 * Sum.limbs<f32>(), (bits & 0x7fffff) != 0, bits >>> 31);
      return;
    }
    const digits = (bits & 0x7fffff) | (u32(field != 0) << 23);
    const place = u32(field | u32(field == 0)) + u32(-150 - Sum.lowest<f32>());
    const sign = i32(bits) >> 31;
    Term.addTo(Term.limbOf(place, to), i64((i32(digits) ^ sign) - sign) << (place & 15));
  }

  @inline static addF64(bits: u64, to: usize): void {
    const field = u32(bits >>> 52) & 2047;
    if (field == 2047) {
      countSpecial(to + 8 * Sum.limbs<f64>(), (bits & 0xfffffffffffff) != 0, u32(bits >>> 63));
      return;
    }
    const sign = i64(bits) >> 63;
    const digits = (i64((bits & 0xfffffffffffff) | (u64(field != 0) << 52)) ^ sign) - sign;
    const place = u32(field | u32(field == 0)) + u32(-1075 - Sum.lowest<f64>());
    // the last 27 digits and the others: 2²¹ numbers of 42 are below 2⁶³
    Term.addTo(Term.limbOf(place, to), (digits & 0x7ffffff) << (place & 15));
    Term.addTo(Term.limbOf(place + 27, to), (digits >> 27) << ((place + 27) & 15));
  }
}

/** The sum of a block in two doubles at `to`; false where they have no room for it. */
function twoLevels<T extends number>(from: usize, end: usize, e: i32, to: usize): bool {
  const d1 = Term.divider(e);
  const d2 = Term.divider(e - LEVEL);
  let s1 = Lanes.zero();
  let s2 = Lanes.zero();
  let rest = Lanes.zero();
  for (let p = from; p < end; p += 2 * sizeof<T>()) {
    const x = Term.load2<T>(p);
    const h1 = Term.multiples(x, d1);
    const r = f64x2.sub(x, h1);
    const h2 = Term.last<T>(r, d2);
    s1 = f64x2.add(s1, h1);
    s2 = f64x2.add(s2, h2);
    if (sizeof<T>() == 8) rest = v128.or(rest, f64x2.ne(r, h2));
  }
  store<f64>(to, Term.both(s1));
  store<f64>(to, Term.both(s2), 8);
  return !v128.any_true(rest);
}

/** The same in three. */
function threeLevels<T extends number>(from: usize, end: usize, e: i32, to: usize): bool {
  const d1 = Term.divider(e);
  const d2 = Term.divider(e - LEVEL);
  const d3 = Term.divider(e - 2 * LEVEL);
  let s1 = Lanes.zero();
  let s2 = Lanes.zero();
  let s3 = Lanes.zero();
  let rest = Lanes.zero();
  for (let p = from; p < end; p += 2 * sizeof<T>()) {
    const x = Term.load2<T>(p);
    const h1 = Term.multiples(x, d1);
    const r1 = f64x2.sub(x, h1);
    const h2 = Term.multiples(r1, d2);
    const r2 = f64x2.sub(r1, h2);
    const h3 = Term.last<T>(r2, d3);
    s1 = f64x2.add(s1, h1);
    s2 = f64x2.add(s2, h2);
    s3 = f64x2.add(s3, h3);
    if (sizeof<T>() == 8) rest = v128.or(rest, f64x2.ne(r2, h3));
  }
  store<f64>(to, Term.both(s1));
  store<f64>(to, Term.both(s2), 8);
  store<f64>(to, Term.both(s3), 16);
  return !v128.any_true(rest);
}

/** The same as plain sums of doubles, which are exact. */
function plain(from: usize, end: usize): f64 {
  let s1 = Lanes.zero();
  let s2 = Lanes.zero();
  for (let p = from; p < end; p += 16) {
    s1 = f64x2.add(s1, Term.load2<f32>(p));
    s2 = f64x2.add(s2, Term.load2<f32>(p + 8));
  }
  return Term.both(f64x2.add(s1, s2));
}

/** Doubles at `to` whose sum is that of the block; −1 where there are none such. Elements up to a multiple of four are 0. */
function blockOfF32(from: usize, end: usize, to: usize): i32 {
  let most = Lanes.zero();
  // of what is less by one, so that 0 is no least magnitude
  let least = i32x4.splat(-1);
  const one = i32x4.splat(1);
  for (let p = from; p < end; p += 16) {
    const magnitude = Lanes.abs<f32>(v128.load(p));
    most = i32x4.max_u(most, magnitude);
    least = i32x4.min_u(least, i32x4.sub(magnitude, one));
  }
  const high = Term.greatest(most);
  if (high >= INFINITE) return -1;
  if (high == 0) return 0;
  const field = Term.fieldOf(high);
  const spread = field - Term.fieldOf(~Term.greatest(v128.not(least)) + 1);
  if (spread > PLAIN + 2 * LEVEL) return -1;
  if (spread > PLAIN + LEVEL) {
    threeLevels<f32>(from, end, field - 127, to);
    return 3;
  }
  if (spread > PLAIN) {
    twoLevels<f32>(from, end, field - 127, to);
    return 2;
  }
  store<f64>(to, plain(from, end));
  return 1;
}

/** The same of f64. */
function blockOfF64(from: usize, end: usize, to: usize): i32 {
  let most = Lanes.zero();
  for (let p = from; p < end; p += 16) most = f64x2.pmax(most, Lanes.abs<f64>(v128.load(p)));
  const high = max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1));
  if (high >= MOST) return -1;
  const e = max(i32(reinterpret<u64>(high) >>> 52), 1) - 1023;
  if (twoLevels<f64>(from, end, e, to)) return 2;
  return threeLevels<f64>(from, end, e, to) ? 3 : -1;
}

/**
 * Adds n numbers to the limbs of sums at `to`: each to that whose number is at `group`, which goes on by `step` bytes. At most 2²¹ numbers
 * before limbs are emptied.
 */
export function addToLimbs<T extends number>(
  from: usize,
  n: i32,
  group: usize,
  step: usize,
  to: usize,
): void {
  for (const end = from + (usize(n) << alignof<T>()); from < end; from += sizeof<T>(), group += step) {
    const at = to + usize(load<i32>(group) * Sum.limbBytes<T>());
    if (sizeof<T>() == 4) Term.addF32(load<u32>(from), at);
    else Term.addF64(load<u64>(from), at);
  }
}

function countSpecial(counts: usize, isNone: bool, isNegative: u32): void {
  Term.addTo(counts + (isNone ? 0 : isNegative ? 16 : 8), 1);
}

/**
 * The sum of n numbers, which zeros follow up to a multiple of four: what is returned is how many doubles at `to` it is the sum of, three
 * at most for each block; and what limbs at `rest` are left with.
 */
export function sumOf<T extends number>(from: usize, n: i32, to: usize, zero: usize, rest: usize): i32 {
  const first = to;
  for (; n > 0; n -= BLOCK, from += usize(BLOCK) * sizeof<T>()) {
    const length = min(n, BLOCK);
    const end = from + (usize((length + 3) & ~3) << alignof<T>());
    const doubles = sizeof<T>() == 4 ? blockOfF32(from, end, to) : blockOfF64(from, end, to);
    if (doubles < 0) addToLimbs<T>(from, length, zero, 0, rest);
    else to += usize(doubles << 3);
  }
  return i32((to - first) >>> 3);
}

/** Makes 0 of those of n numbers whose byte at `counted` is 0; up to a multiple of four may be looked at. */
export function hide<T extends number>(from: usize, n: i32, counted: usize): void {
  for (const end = from + (usize(n) << alignof<T>()); from < end; from += 16, counted += 16 / sizeof<T>()) {
    const bytes = sizeof<T>() == 4 ? v128.load32_zero(counted) : i16x8.splat(load<i16>(counted));
    const words = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes));
    const isOut =
      sizeof<T>() == 4
        ? i32x4.eq(words, Lanes.zero())
        : i64x2.eq(i64x2.extend_low_i32x4_u(words), Lanes.zero());
    v128.store(from, v128.andnot(v128.load(from), isOut));
  }
}
