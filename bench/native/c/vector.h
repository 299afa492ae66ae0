// 128-bit vectors of the element type that this file is compiled for: f32, or f64 with -DDOUBLE.
#ifndef VECTOR_H
#define VECTOR_H
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef DOUBLE
typedef double real;
typedef double vec __attribute__((vector_size(16), aligned(8), may_alias));
typedef int64_t bits __attribute__((vector_size(16), may_alias));
#define LANES 2
#define PMIN(a, b) ((vec)_mm_min_pd((__m128d)(b), (__m128d)(a)))
#define PMAX(a, b) ((vec)_mm_max_pd((__m128d)(b), (__m128d)(a)))
#define SELECT(mask, yes, no) ((vec)_mm_blendv_pd((__m128d)(no), (__m128d)(yes), (__m128d)(mask)))
#else
typedef float real;
typedef float vec __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t bits __attribute__((vector_size(16), may_alias));
#define LANES 4
#define PMIN(a, b) ((vec)_mm_min_ps((__m128)(b), (__m128)(a)))
#define PMAX(a, b) ((vec)_mm_max_ps((__m128)(b), (__m128)(a)))
#define SELECT(mask, yes, no) ((vec)_mm_blendv_ps((__m128)(no), (__m128)(yes), (__m128)(mask)))
#endif
typedef double wide __attribute__((vector_size(16), may_alias));

#define INLINE static inline __attribute__((always_inline))

#ifdef DOUBLE
INLINE vec splat(double x) { return (vec){x, x}; }
#else
INLINE vec splat(float x) { return (vec){x, x, x, x}; }
#endif
INLINE vec load(const real *p) { return *(const vec *)p; }
INLINE void store(real *p, vec v) { *(vec *)p = v; }
INLINE vec and(vec a, bits mask) { return (vec)((bits)a & mask); }
INLINE vec andnot(vec a, bits mask) { return (vec)((bits)a & ~mask); }
INLINE vec or(vec a, bits b) { return (vec)((bits)a | b); }
INLINE vec magnitude(vec a) { return andnot(a, (bits)splat(-0.0)); }

/** e where it is at least `least`, else 0. */
INLINE vec flush_below(vec e, vec least) { return and(e, e >= least); }

/** The least magnitude whose product with k is a normal number. */
INLINE vec least_factor(vec k) {
  return splat(sizeof(real) == 4 ? 0x1p-126 : 0x1p-1022) / magnitude(k);
}

// Sums: eight vectors as a tree in T, then f64.
#define GROUP (8 * LANES)

#ifdef DOUBLE
INLINE wide low(vec v) { return v; }
INLINE wide high(vec v) { return (wide){}; }
INLINE wide promoted(vec v) { return v; }
INLINE vec narrow(wide a, wide b) { return a; }
INLINE vec from_bits(bits v) { return (vec){(double)v[0], (double)v[1]}; }
#else
INLINE wide low(vec v) { return (wide)_mm_cvtps_pd((__m128)v); }
INLINE wide high(vec v) { return (wide)_mm_cvtps_pd(_mm_movehl_ps((__m128)v, (__m128)v)); }
INLINE wide promoted(vec v) { return low(v) + high(v); }
INLINE vec narrow(wide a, wide b) {
  return (vec)_mm_movelh_ps(_mm_cvtpd_ps((__m128d)a), _mm_cvtpd_ps((__m128d)b));
}
INLINE vec from_bits(bits v) { return (vec)_mm_cvtepi32_ps((__m128i)v); }
#endif
INLINE double fold(wide v) { return v[0] + v[1]; }
INLINE vec tree(const vec v[8]) {
  return ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
}

/** The greatest of the lanes, in every lane; NaN loses. */
INLINE vec fold_max(vec v) {
  real m = v[0];
  for (int i = 1; i < LANES; i++) m = m < v[i] ? v[i] : m;
  return splat(m);
}

#endif
