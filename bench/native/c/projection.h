// Cross entropy of logits that are a product, input · weightᵀ, for a chunk of rows at a time: tiles of four rows by two vectors, blocks of
// 128 terms in the element type, joined in f64. Numbers of rows and classes are multiples of a tile's.
#ifndef PROJECTION_H
#define PROJECTION_H
#include <stdlib.h>
#include "rowwise.h"
#include "task.h"
#include "vector.h"

#define TERMS 128
#define TILE_WIDTH (2 * LANES)
#define LINE (64 / (size_t)sizeof(real))
#define MOST_BYTES (1 << 23)

/** Adds four rows' products with a panel, of at most TERMS terms, to the sums of a tile. */
static void add_terms(const real *p, const real *q, const real *r, const real *s, const real *b, size_t k,
                      double *sums) {
  vec p0 = {}, p1 = {}, q0 = {}, q1 = {}, r0 = {}, r1 = {}, s0 = {}, s1 = {};
  for (size_t i = 0; i < k; i++, b += TILE_WIDTH) {
    vec low = load(b), high = load(b + LANES);
    vec x = splat(p[i]);
    p0 += x * low;
    p1 += x * high;
    x = splat(q[i]);
    q0 += x * low;
    q1 += x * high;
    x = splat(r[i]);
    r0 += x * low;
    r1 += x * high;
    x = splat(s[i]);
    s0 += x * low;
    s1 += x * high;
  }
  vec all[8] = {p0, p1, q0, q1, r0, r1, s0, s1};
  wide *to = (wide *)sums;
#pragma GCC unroll 8
  for (int i = 0; i < 8; i++) {
    *to++ += low(all[i]);
    if (LANES == 4) *to++ += high(all[i]);
  }
}

/** The same for n rows of four, `stride` apart, over k terms. */
INLINE void add_product(const real *a, size_t n, size_t stride, const real *b, size_t k, double *sums) {
  const real *q = a + (n > 1) * stride, *r = n > 2 ? a + 2 * stride : q, *s = n > 3 ? a + 3 * stride : r;
  for (size_t i = 0; i < k; i += TERMS, b += TERMS * TILE_WIDTH)
    add_terms(a + i, q + i, r + i, s + i, b, k - i < TERMS ? k - i : TERMS, sums);
}

INLINE void store_sums(const double *sums, real *to) {
  const wide *from = (const wide *)sums;
  for (int i = 0; i < 2; i++) {
    store(to + i * LANES, narrow(from[0], LANES == 4 ? from[1] : from[0]));
    from += LANES / 2;
  }
}

INLINE void load_sums(double *sums, const real *from) {
  wide *to = (wide *)sums;
  for (int i = 0; i < 2; i++) {
    vec v = load(from + i * LANES);
    *to++ = low(v);
    if (LANES == 4) *to++ = high(v);
  }
}

/** A square of lanes, turned. */
INLINE void turn_square(const real *from, size_t stride, real *to, size_t by) {
#ifdef DOUBLE
  vec a = load(from), b = load(from + stride);
  store(to, (vec)_mm_unpacklo_pd((__m128d)a, (__m128d)b));
  store(to + by, (vec)_mm_unpackhi_pd((__m128d)a, (__m128d)b));
#else
  __m128 a = (__m128)load(from), b = (__m128)load(from + stride), c = (__m128)load(from + 2 * stride),
         d = (__m128)load(from + 3 * stride);
  _MM_TRANSPOSE4_PS(a, b, c, d);
  store(to, (vec)a);
  store(to + by, (vec)b);
  store(to + 2 * by, (vec)c);
  store(to + 3 * by, (vec)d);
#endif
}

INLINE double linear_cross_entropy(const struct task *task, int value, int grad) {
  const real *x = task->input, *w = task->more;
  const int32_t *labels = task->target;
  real *gx = task->grad, *gw = task->grad_more;
  size_t rows = task->outer, features = task->classes, classes = task->more_length / features;
  size_t panels = features / TILE_WIDTH;
  /** An odd number of lines, so that rows do not share the places of a cache. */
  size_t stride = ((classes + LINE - 1) / LINE | 1) * LINE;
  size_t row_bytes = stride * sizeof(real) + (2 * sizeof(real) + 8) * features + 4;
  size_t chunk = (MOST_BYTES + 4 * row_bytes) / (8 * row_bytes) * 8;
  if (chunk < 48) chunk = 48;
  if (chunk > rows) chunk = rows;
  real *logits = aligned_alloc(64, (chunk * (stride + 2 * features) * sizeof(real) + 63) & ~63ul);
  real *by_rows = logits + chunk * stride, *by_features = by_rows + chunk * features;
  double *sums = aligned_alloc(64, chunk * features * sizeof(double));
  real panel[TERMS * TILE_WIDTH], columns[LINE * TERMS], rounded[4 * TILE_WIDTH], rests[BLOCK], distances[BLOCK];
  double tile[4 * TILE_WIDTH] __attribute__((aligned(16)));
  struct sum sum = {.blocks = 0};
  real s = task->scale;
  for (size_t first = 0; first < rows; first += chunk, x += chunk * features, gx += chunk * features) {
    size_t count = rows - first < chunk ? rows - first : chunk;
    for (size_t i = 0; i < count; i++)
      for (size_t k = 0; k < features; k++) {
        real v = x[i * features + k];
        by_rows[(i / TILE_WIDTH) * features * TILE_WIDTH + k * TILE_WIDTH + i % TILE_WIDTH] = v;
        if (grad) by_features[(k / TILE_WIDTH) * chunk * TILE_WIDTH + i * TILE_WIDTH + k % TILE_WIDTH] = v;
      }
    for (size_t c = 0; c < classes; c += 4)
      for (size_t r = 0; r < count; r += TILE_WIDTH) {
        memset(tile, 0, sizeof tile);
        add_product(w + c * features, 4, features, by_rows + r * features, features, tile);
        for (int i = 0; i < 4; i++) store_sums(tile + i * TILE_WIDTH, rounded + i * TILE_WIDTH);
        for (int i = 0; i < TILE_WIDTH; i += LANES)
          for (int j = 0; j < 4; j += LANES)
            turn_square(rounded + j * TILE_WIDTH + i, TILE_WIDTH, logits + (r + i) * stride + c + j, stride);
      }
    for (size_t i = 0; i < count; i++) {
      real *z = logits + i * stride;
      int32_t label = labels[first + i];
      vec m = row_max(z, classes);
      real distance = m[0] - z[label];
      real rest = exp_sum(z, grad ? z : 0, classes, m);
      rests[i] = rest;
      distances[i] = distance;
      if (!grad) continue;
      real k = s / (1 + rest);
      vec kv = splat(k), least = least_factor(kv);
      real own = distance == 0 ? -rest * k : z[label] * k - s;
      for (size_t j = 0; j < classes; j += LANES) store(z + j, flush_below(load(z + j), least) * kv);
      z[label] = own;
    }
    if (value) sum_push(&sum, row_losses(rests, distances, count));
    if (!grad) continue;
    size_t tiles = count / 4;
    memset(sums, 0, count * features * sizeof(double));
    for (size_t c = 0; c < classes; c += TERMS) {
      size_t terms = classes - c < TERMS ? classes - c : TERMS;
      for (size_t p = 0; p < panels; p++) {
        for (size_t i = 0; i < terms; i++) {
          const real *from = w + (c + i) * features + p * TILE_WIDTH;
          store(panel + i * TILE_WIDTH, load(from));
          store(panel + i * TILE_WIDTH + LANES, load(from + LANES));
        }
        for (size_t t = 0; t < tiles; t++)
          add_product(logits + 4 * t * stride + c, 4, stride, panel, terms, sums + (p * tiles + t) * 4 * TILE_WIDTH);
      }
    }
    for (size_t p = 0; p < panels; p++)
      for (size_t r = 0; r < count; r++) store_sums(sums + (p * count + r) * TILE_WIDTH, gx + r * features + p * TILE_WIDTH);
    for (size_t c = 0; c < classes; c += LINE)
      for (size_t r = 0; r < count; r += TERMS) {
        size_t terms = count - r < TERMS ? count - r : TERMS;
        for (size_t i = 0; i < terms; i += LANES)
          for (size_t j = 0; j < LINE; j += LANES)
            turn_square(logits + (r + i) * stride + c + j, stride, columns + j * TERMS + i, TERMS);
        for (size_t j = 0; j < LINE; j += 4)
          for (size_t p = 0; p < panels; p++) {
            real *to = gw + (c + j) * features + p * TILE_WIDTH;
            if (first == 0 && r == 0) memset(tile, 0, sizeof tile);
            else for (int i = 0; i < 4; i++) load_sums(tile + i * TILE_WIDTH, to + i * features);
            add_product(columns + j * TERMS, 4, TERMS, by_features + (p * chunk + r) * TILE_WIDTH, terms, tile);
            for (int i = 0; i < 4; i++) store_sums(tile + i * TILE_WIDTH, to + i * features);
          }
      }
  }
  free(logits);
  free(sums);
  return value ? sum_total(&sum) : 0;
}

#endif
