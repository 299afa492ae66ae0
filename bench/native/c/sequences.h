// Connectionist temporal classification of log-probabilities: scaled numbers m·2^e, two of them a vector along the labels, as in
// assembly/kernels/ctc.ts.
#ifndef SEQUENCES_H
#define SEQUENCES_H
#include <math.h>
#include <stdlib.h>
#include "task.h"
#include "vector.h"

typedef double any_wide __attribute__((vector_size(16), aligned(8), may_alias));
typedef int64_t longs __attribute__((vector_size(16), may_alias));
#define NONE (-0x1p1000)
#define OFTEN 32
#define MAX_OF(a, b) ((wide)_mm_max_pd((__m128d)(b), (__m128d)(a)))
#define OFFSET(n) ((n) + 2)

INLINE wide both(double x) { return (wide){x, x}; }
INLINE wide at(const double *p) { return *(const any_wide *)p; }
INLINE void put(double *p, wide v) { *(any_wide *)p = v; }

/** 2^d, 0 for those below −1022. */
INLINE wide power_of(wide d) { return (wide)((longs)(MAX_OF(d, both(-1023)) + both(0x1p52 + 1023)) << 52); }
INLINE wide aligned_to(wide m, wide e, wide top) { return m * power_of(e - top); }

/** e^x as m and e. */
INLINE void put_exp(double *m, double *e, wide x) {
  wide shifted = x * both(1.4426950408889634) + both(0x1.8p52), n = shifted - both(0x1.8p52);
  wide h = x - n * both(0.6931471803691238), l = n * both(1.9082149292705877e-10), r = h - l, r2 = r * r, r4 = r2 * r2;
  wide q1 = (both(0.008333333333383377) * r + both(0.04166666666653916)) * r2 + both(0.16666666666666594) * r;
  wide q6 = (both(0.0000027557384768115486) * r + both(0.000024801496314474787)) * r2;
  wide q4 = q6 + (both(0.00019841269738948462) * r + both(0.0013888888940778996));
  wide q8 = (both(2.5062299949709086e-8) * r + both(2.762905417217492e-7)) * r4;
  wide q = both(0.500000000000001) + ((q8 + q4) * r4 + q1);
  put(m, both(1) + (h - (l - r2 * q)));
  put(e, n);
}

/** Brings n pairs to 1 ≤ m < 2. */
INLINE void normalise(double *p, double *q, size_t n) {
  for (; n; n -= 2, p += 2, q += 2) {
    wide m = at(p), e = at(q);
    longs usual = (m > both(0)) & (m < both(INFINITY));
    wide k = (wide)((longs)((__v2du)m >> 52) | (longs)both(0x1p52)) - both(0x1p52 + 1023);
    wide mantissa = (wide)(((longs)m & 0x000fffffffffffff) | (longs)both(1));
    put(p, (wide)_mm_blendv_pd((__m128d)m, (__m128d)mantissa, (__m128d)usual));
    put(q, e + (wide)((longs)k & usual));
  }
}

struct paths {
  size_t frames, count, width, row, first, end;
  double *room, *ahead, *repeats, *cells, *shares;
  const int32_t *labels;
  int all;
};

INLINE double *row_at(const struct paths *s, size_t t) { return s->room + (s->all ? t + 1 : (t + 1) & 1) * s->row; }

INLINE void clear_pair(const struct paths *s, double *row, size_t o) {
  put(row + o, both(0));
  put(row + s->width + o, both(NONE));
  put(row + 2 * s->width + o, both(0));
  put(row + 3 * s->width + o, both(NONE));
}

INLINE void start_row(const struct paths *s, double *row, size_t n) {
  for (size_t o = 0; o < s->width; o += 2) clear_pair(s, row, o);
  row[OFFSET(n)] = 1;
  row[s->width + OFFSET(n)] = 0;
}

INLINE void set_band(struct paths *s, size_t t) {
  size_t left = s->frames - t;
  s->first = OFFSET((s->count > left ? s->count - left : 0) & ~1ul);
  s->end = OFFSET(((s->count < t ? s->count : t) | 1) + 1);
}

INLINE void close_row(const struct paths *s, double *row, size_t t) {
  clear_pair(s, row, s->first - 2);
  clear_pair(s, row, s->end);
  if (t % OFTEN) return;
  size_t n = s->end - s->first;
  normalise(row + s->first, row + s->width + s->first, n);
  normalise(row + 2 * s->width + s->first, row + 3 * s->width + s->first, n);
}

static void factors(const struct paths *s, const real *x, size_t t, size_t blank) {
  double *row = row_at(s, t), *m = row + 4 * s->width, *e = m + s->width;
  size_t last = OFFSET(s->count);
  for (size_t n = 0; n < s->count; n++) m[OFFSET(n)] = x[s->labels[n]];
  m[last] = x[blank];
  m[last + 1] = 0;
  for (size_t o = OFFSET(0); o <= last; o += 2) put_exp(m + o, e + o, at(m + o));
  row[6 * s->width] = m[last];
  row[6 * s->width + 1] = e[last];
  m[last] = m[last + 1] = 0;
  e[last] = e[last + 1] = NONE;
}

static void forward(struct paths *s, size_t t) {
  set_band(s, t);
  size_t w = s->width;
  double *from = row_at(s, t - 1), *to = row_at(s, t);
  wide m = both(to[6 * w]), e = both(to[6 * w + 1]);
  for (size_t o = s->first; o != s->end; o += 2) {
    double *p = from + o, *q = p + 2 * w, *r = to + o;
    wide phi = at(p), phi_e = at(p + w), eps = at(q), eps_e = at(q + w), old = at(q - 1), old_e = at(q + w - 1);
    wide top = MAX_OF(phi_e, old_e);
    put(r, (aligned_to(phi, phi_e, top) + aligned_to(old, old_e, top)) * m);
    put(r + w, top + e);
    wide skip_e = old_e + at(s->repeats + o), most = MAX_OF(MAX_OF(phi_e, eps_e), skip_e);
    wide all = aligned_to(phi, phi_e, most) + aligned_to(eps, eps_e, most) + aligned_to(old, skip_e, most);
    put(r + 2 * w, all * at(r + 4 * w));
    put(r + 3 * w, most + at(r + 5 * w));
  }
  close_row(s, to, t);
}

static double backward(struct paths *s, size_t t, double mantissa, double exponent) {
  set_band(s, t);
  size_t w = s->width;
  double *row = row_at(s, t), *from = s->ahead + ((t + 1) & 1) * s->row, *to = s->ahead + (t & 1) * s->row;
  wide m = both(row[6 * w]), e = both(row[6 * w + 1]), inverse = both(1 / mantissa), less = both(exponent), blanks = {};
  for (size_t o = s->first; o != s->end; o += 2) {
    double *p = from + o, *q = p + 2 * w, *r = row + o, *u = to + o;
    wide phi = at(p), phi_e = at(p + w), eps = at(q), eps_e = at(q + w), next = at(p + 1), next_e = at(p + w + 1);
    wide skip = at(q + 1), skip_e = at(q + w + 1) + at(s->repeats + o + 1);
    wide top = MAX_OF(phi_e, eps_e), sum = aligned_to(phi, phi_e, top) + aligned_to(eps, eps_e, top);
    wide most = MAX_OF(MAX_OF(eps_e, next_e), skip_e);
    wide all = aligned_to(eps, eps_e, most) + aligned_to(next, next_e, most) + aligned_to(skip, skip_e, most);
    blanks += aligned_to(at(r) * (sum * inverse), at(r + w) + top, less);
    put(s->cells + o, aligned_to(at(r + 2 * w) * (all * inverse), at(r + 3 * w) + most, less));
    put(u, sum * m);
    put(u + w, top + e);
    put(u + 2 * w, all * at(r + 4 * w));
    put(u + 3 * w, most + at(r + 5 * w));
  }
  close_row(s, to, t);
  return fold(blanks);
}

INLINE double ctc(const struct task *task, int value, int grad) {
  size_t frames = task->outer, sequences = task->classes, classes = task->inner, step = sequences * classes;
  const real *input = task->input;
  const int32_t *targets = task->target, *frame_counts = task->more, *label_counts = task->last;
  size_t most = label_counts[0], width = (most + 6) & ~1ul, row = 6 * width + 2;
  double *room = aligned_alloc(64, (((frames + 3) * row + 2 * width + classes + 7) & ~7ul) * 8);
  double total = 0;
  for (size_t i = 0; i < sequences; i++) {
    struct paths s = {.frames = frame_counts[i], .count = label_counts[i], .width = width, .row = row, .all = grad};
    s.labels = targets + i * most;
    s.room = room;
    s.ahead = room + (grad ? s.frames + 1 : 2) * row;
    s.repeats = s.ahead + 2 * row;
    s.cells = s.repeats + width;
    s.shares = s.cells + width;
    for (size_t n = 0; n < width; n++) s.repeats[n] = NONE;
    for (size_t n = 1; n < s.count; n++)
      if (s.labels[n] != s.labels[n - 1]) s.repeats[OFFSET(n)] = 0;
    const real *x = input + i * classes;
    start_row(&s, row_at(&s, -1), 0);
    for (size_t t = 0; t < s.frames; t++, x += step) {
      factors(&s, x, t, 0);
      forward(&s, t);
    }
    double *last = row_at(&s, s.frames - 1), *a = last + OFFSET(s.count), *b = last + 2 * width + OFFSET(s.count - 1);
    double exponent = a[width] > b[width] ? a[width] : b[width];
    double mantissa = ldexp(a[0], a[width] - exponent < -1100 ? -1100 : (int)(a[width] - exponent)) +
                      ldexp(b[0], b[width] - exponent < -1100 ? -1100 : (int)(b[width] - exponent));
    total -= log(mantissa) + exponent * 0.6931471805599453;
    if (!grad) continue;
    double k = task->scale;
    start_row(&s, s.ahead + (s.frames & 1) * row, s.count);
    memset(s.shares, 0, classes * 8);
    for (size_t t = s.frames; t-- > 0;) {
      real *g = (real *)task->grad + t * step + i * classes;
      s.shares[0] = backward(&s, t, mantissa, exponent);
      size_t end = s.end < OFFSET(s.count) ? s.end : OFFSET(s.count);
      for (size_t n = s.first; n < end; n++) s.shares[s.labels[n - 2]] += s.cells[n];
      memset(g, 0, classes * sizeof(real));
      g[0] = -k * s.shares[0];
      for (size_t n = s.first; n < end; n++) g[s.labels[n - 2]] = -k * s.shares[s.labels[n - 2]];
      for (size_t n = s.first; n < end; n++) s.shares[s.labels[n - 2]] = 0;
    }
  }
  free(room);
  return value ? total : 0;
}

#endif
