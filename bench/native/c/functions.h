// exp, log and log1p as in assembly/math: the same polynomials, reductions and bounds.
#ifndef FUNCTIONS_H
#define FUNCTIONS_H
#include "vector.h"

#ifdef DOUBLE
#define MANTISSA 52
#define PICK(f32, f64) splat(f64)
#else
#define MANTISSA 23
#define PICK(f32, f64) splat(f32)
#endif
#define LN2_HIGH PICK(0.69314575f, 0.6931471803691238)
#define LN2_LOW PICK(0.0000014286068f, 1.9082149292705877e-10)

/** e^r − 1 for r = x − n ln2. */
INLINE vec exp_reduced(vec x, vec n) {
  vec h = x - n * LN2_HIGH;
  vec l = n * LN2_LOW;
  vec r = h - l;
  vec r2 = r * r;
#ifdef DOUBLE
  vec r4 = r2 * r2;
  vec q1 = (splat(0.008333333333383377) * r + splat(0.04166666666653916)) * r2 + splat(0.16666666666666594) * r;
  vec q6 = (splat(0.0000027557384768115486) * r + splat(0.000024801496314474787)) * r2;
  vec q4 = q6 + (splat(0.00019841269738948462) * r + splat(0.0013888888940778996));
  vec q8 = (splat(2.5062299949709086e-8) * r + splat(2.762905417217492e-7)) * r4;
  vec q = splat(0.500000000000001) + ((q8 + q4) * r4 + q1);
#else
  vec q2 = splat(0.0013821304f) * r2 + (splat(0.008368668f) * r + splat(0.04166826f));
  vec q = splat(0.49999994f) + (q2 * r2 + splat(0.16666521f) * r);
#endif
  return h - (l - r2 * q);
}

/** e^x for x ≤ 0; +0 where it would be subnormal. The nudge keeps r² from being subnormal. */
INLINE vec exp_flush(vec x) {
  vec near = x + PICK(0x1p-34, 0x1p-187);
  vec shifter = PICK(12583039, 6755399441056767);
  vec shifted = near * PICK(1.442695f, 1.4426950408889634) + shifter;
  vec p = exp_reduced(near, shifted - shifter);
  vec y = (splat(1) + p) * (vec)((bits)shifted << MANTISSA);
  return andnot(y, x < PICK(-87.33654f, -708.3964185322641));
}

/** log(1 + f) − h − l for f in [−1/3, 1/2]. */
INLINE vec log_series(vec f, vec h, vec l) {
#ifdef DOUBLE
  vec s = f / (f + splat(2));
  vec z = s * s;
  vec z2 = z * z;
  vec l2 = (splat(0.2222222428514903) * z + splat(0.2857142855590739)) * z2;
  vec l0 = l2 + (splat(0.4000000000005648) * z + splat(0.666666666666666));
  vec l6 = (splat(0.1383955068664063) * z + splat(0.1317409296370556)) * z2;
  vec l4 = l6 + (splat(0.15391084283063722) * z + splat(0.18181666652270564));
  vec series = l4 * (z2 * z2) + l0;
  vec half = f * f * splat(0.5);
  vec tail = s * (half + z * series) - l;
  return (f - (half - tail)) - h;
#else
  vec f2 = f * f;
  vec f4 = f2 * f2;
  vec p1 = (splat(-0.16655315f) * f + splat(0.19999579f)) * f2 + splat(-0.25000164f) * f;
  vec p6 = (splat(-0.091063954f) * f + splat(0.11697028f)) * f2;
  vec p4 = p6 + (splat(-0.12728423f) * f + splat(0.14276801f));
  vec p = splat(0.3333334f) + ((splat(0.037603933f) * f4 + p4) * f4 + p1);
  vec tail = f2 * f * p - l;
  return (f - (f2 * splat(0.5) - tail)) - h;
#endif
}

/** The special values of log u: −inf, NaN, or x itself where that is +inf or NaN. */
INLINE vec log_specials(vec y, vec u, vec x) {
  vec infinite = splat(__builtin_inf());
  vec top = SELECT(u < infinite, y, x);
  vec bottom = top - and(infinite, u == splat(0));
  return or(bottom, u < splat(0));
}

INLINE vec log_of(vec x) {
  bits small = x < PICK(0x1p-126, 0x1p-1022);
#ifdef DOUBLE
  vec two52 = splat(0x1p52);
  vec normal = SELECT(small, or(x, (bits)two52) - two52, x);
  bits b = (bits)normal - 0x0005a80000000000;
  vec k = or((vec)(bits)((__v2du)b >> 52), (bits)two52) - splat(0x1p52 + 1022) + and(splat(-1074), small);
  vec f = (vec)((b & 0x000fffffffffffff) + 0x3fe5a80000000000) - splat(1);
#else
  vec normal = SELECT(small, from_bits((bits)x), x);
  bits b = (bits)normal - (bits)splat(0.75);
  vec k = from_bits(b >> 23) + and(splat(-149), small);
  vec f = (vec)((b & 0x007fffff) + (bits)splat(0.75)) - splat(1);
#endif
  return log_specials(log_series(f, k * -LN2_HIGH, k * -LN2_LOW), x, x);
}

/** log(1 + x) for −1 < x < inf. */
INLINE vec log1p_positive(vec x) {
#ifdef DOUBLE
  bits b = 0x7ff8000000000000 - 1 - (bits)(x + splat(1));
  vec minus_k = or((vec)(bits)((__v2du)b >> 52), (bits)splat(0x1p52)) - splat(0x1p52 + 1024);
  vec scale = (vec)(0x0010000000000000 + (b & (bits)splat(__builtin_inf())));
#else
  bits b = 0x3fbfffff - (bits)(x + splat(1));
  vec minus_k = from_bits(b >> 23);
  vec scale = (vec)((bits)splat(4) + (b & (bits)splat(-__builtin_inf())));
#endif
  vec f = (x * scale - (splat(4) - scale)) * splat(0.25);
  return log_series(f, minus_k * LN2_HIGH, minus_k * LN2_LOW);
}

INLINE vec log1p_of(vec x) { return log_specials(log1p_positive(x), x + splat(1), x); }

/** log(1 + x) for x ≥ 0 or NaN; x itself where it is tiny. */
INLINE vec log1p_tail(vec x) {
  vec small = splat(0x1p-50);
  return or(SELECT(x < small, x, log1p_positive(PMAX(x, small))), x != x);
}

/** Σ of a block's row losses log1p(rest) + distance. */
INLINE double row_losses(const real *rests, const real *distances, size_t n) {
  wide total = {};
  for (size_t i = 0; i < n; i += LANES) total += promoted(log1p_tail(load(rests + i)) + load(distances + i));
  return fold(total);
}

/** log1p_tail for x in [0, 1]. */
INLINE vec log1p_tail_unit(vec x) {
  vec small = splat(0x1p-50);
  vec inside = PMAX(x, small);
  bits large = inside >= splat(0.5);
  vec f = SELECT(large, inside * splat(0.5) - splat(0.5), inside);
  return SELECT(x < small, x, log_series(f, and(-LN2_HIGH, large), and(-LN2_LOW, large)));
}

#endif
