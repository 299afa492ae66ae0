// Sums without an error: numbers are added as doubles that are made of few enough digits that nothing is rounded, those that lie near each
// other in blocks, all others in bins of their exponents.
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
/** Of the high word of f64s: what is not finite, or could not be told from it in a sum. */
const GREAT: u32 = 0x7e000000;
/** Of the low word: digits of a term that are added apart from the others. */
const APART: i64 = 0x7ffffff;

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

/** The same of f64 in three. */
function threeLevels(from: usize, end: usize, e: i32, to: usize): bool {
  const d1 = Term.divider(e);
  const d2 = Term.divider(e - LEVEL);
  const d3 = Term.divider(e - 2 * LEVEL);
  let s1 = Lanes.zero();
  let s2 = Lanes.zero();
  let s3 = Lanes.zero();
  let rest = Lanes.zero();
  for (let p = from; p < end; p += 16) {
    const x = v128.load(p);
    const h1 = Term.multiples(x, d1);
    const r1 = f64x2.sub(x, h1);
    const h2 = Term.multiples(r1, d2);
    const r2 = f64x2.sub(r1, h2);
    const h3 = Term.multiples(r2, d3);
    s1 = f64x2.add(s1, h1);
    s2 = f64x2.add(s2, h2);
    s3 = f64x2.add(s3, h3);
    rest = v128.or(rest, f64x2.ne(r2, h3));
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
  if (spread > PLAIN + LEVEL) return -1;
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
  return threeLevels(from, end, e, to) ? 3 : -1;
}

/**
 * How numbers are added apart from each other: by the first digits of their exponents, eight of which are a bin, for all groups one beside
 * the other. There are 32 bins, and of f64 256.
 */
export class Bin {
  /** Doubles: of f64 one for a number's first 26 digits, and one for the others, of which 2¹⁹ are below 2⁵³ times the last digit of all. */
  @inline static doubles<T extends number>(): i32 {
    return sizeof<T>() == 4 ? 1 : 2;
  }

  /** The words of four numbers that have the exponent, without the sign. */
  @inline static heads<T extends number>(p: usize): v128 {
    if (sizeof<T>() == 4) return Lanes.abs<f32>(v128.load(p));
    return Lanes.abs<f32>(v128.shuffle<i32>(v128.load(p), v128.load(p, 16), 1, 3, 5, 7));
  }

  @inline static great<T extends number>(): u32 {
    return sizeof<T>() == 4 ? INFINITE : GREAT;
  }

  @inline static of<T extends number>(heads: v128): v128 {
    return i32x4.shr_u(heads, sizeof<T>() == 4 ? 26 : 23);
  }

  /** Adds two numbers, the first of them at p, to the bins that are so far from `to`. */
  @inline static addTwo<T extends number>(p: usize, to: usize, both: u64, first: v128): void {
    const one = to + usize(u32(both));
    const other = to + usize(both >>> 32);
    if (sizeof<T>() == 4) {
      const x = f64x2.promote_low_f32x4(v128.load64_zero(p));
      store<f64>(one, load<f64>(one) + f64x2.extract_lane(x, 0));
      store<f64>(other, load<f64>(other) + f64x2.extract_lane(x, 1));
      return;
    }
    const x = v128.load(p);
    const high = v128.and(x, first);
    const low = f64x2.sub(x, high);
    v128.store(one, f64x2.add(v128.load(one), v128.shuffle<i64>(high, low, 0, 2)));
    v128.store(other, f64x2.add(v128.load(other), v128.shuffle<i64>(high, low, 1, 3)));
  }
}

/**
 * Adds n numbers to bins at `to`, where zeros follow up to a multiple of four. A number's group is what its key is more than `low`; four keys
 * are at `keys`, which goes on by `step` bytes. At `span` are the least bin but the first that was used, less one, and the greatest. What has
 * no bin, as it is not finite, or its key none of `groups`, is left: the places of four, from `place` on, of which one is so, are written to
 * `left`, which may be where the keys are. Returns the end of that list.
 */
export function addToBins<T extends number>(
  from: usize,
  n: i32,
  keys: usize,
  step: usize,
  low: i32,
  groups: i32,
  to: usize,
  span: usize,
  place: i32,
  left: usize,
): usize {
  const first = i64x2.splat(~APART);
  const lows = i32x4.splat(low);
  const counts = i32x4.splat(groups);
  const great = i32x4.splat(Bin.great<T>());
  const one = i32x4.splat(1);
  let least = v128.load32_splat(span);
  let most = v128.load32_splat(span, 4);
  for (const end = place + n; place < end; place += 4, from += 4 * sizeof<T>(), keys += step) {
    const heads = Bin.heads<T>(from);
    const group = i32x4.sub(v128.load(keys), lows);
    if (v128.any_true(v128.or(i32x4.ge_u(heads, great), i32x4.ge_u(group, counts)))) {
      store<i32>(left, place);
      left += 4;
      continue;
    }
    const bin = Bin.of<T>(heads);
    least = i32x4.min_u(least, i32x4.sub(bin, one));
    most = i32x4.max_u(most, bin);
    const at = i32x4.shl(i32x4.add(i32x4.mul(bin, counts), group), sizeof<T>() == 4 ? 3 : 4);
    Bin.addTwo<T>(from, to, i64x2.extract_lane(at, 0), first);
    Bin.addTwo<T>(from + 2 * sizeof<T>(), to, i64x2.extract_lane(at, 1), first);
  }
  store<i32>(span, ~Term.greatest(v128.not(least)));
  store<i32>(span, Term.greatest(most), 4);
  return left;
}

/** Writes the least and the greatest of n keys to `to`; the last key, or another, follows up to a multiple of four. */
export function spanOf(keys: usize, n: i32, to: usize): void {
  const sign = i32x4.splat(i32.MIN_VALUE);
  // by unsigned numbers that are ordered as the keys
  let low = Lanes.zero();
  let high = Lanes.zero();
  for (const end = keys + (usize(n) << 2); keys < end; keys += 16) {
    const four = v128.xor(v128.load(keys), sign);
    low = i32x4.max_u(low, v128.not(four));
    high = i32x4.max_u(high, four);
  }
  store<i32>(to, ~Term.greatest(low) ^ i32.MIN_VALUE);
  store<i32>(to, Term.greatest(high) ^ i32.MIN_VALUE, 4);
}

/** How often there is each of `range` keys from `low` on, among n that count, is added at `to`; others are left out. */
export function countKeys(keys: usize, n: i32, counted: usize, low: i32, range: i32, to: usize): void {
  for (const end = keys + (usize(n) << 2); keys < end; keys += 4, counted++) {
    const place = load<i32>(keys) - low;
    if (u32(place) >= u32(range)) continue;
    const at = to + (usize(place) << 2);
    store<i32>(at, load<i32>(at) + load<u8>(counted));
  }
}

/**
 * The sum of n numbers, which zeros follow up to a multiple of four: the end of a list of doubles at `to` whose sum it is, three at most for
 * each block; with what is in bins of four groups, whose keys are at `keys`, and what those left, whose end is written to `end`.
 */
export function sumOf<T extends number>(
  from: usize,
  n: i32,
  to: usize,
  keys: usize,
  bins: usize,
  span: usize,
  left: usize,
  end: usize,
): usize {
  for (let place = 0; place < n; place += BLOCK, from += usize(BLOCK) * sizeof<T>()) {
    const length = min(n - place, BLOCK);
    const last = from + (usize((length + 3) & ~3) << alignof<T>());
    const doubles = sizeof<T>() == 4 ? blockOfF32(from, last, to) : blockOfF64(from, last, to);
    if (doubles < 0) {
      // the next blocks are like this one
      left = addToBins<T>(from, n - place, keys, 0, 0, 4, bins, span, place, left);
      break;
    }
    to += usize(doubles << 3);
  }
  store<usize>(end, left);
  return to;
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
