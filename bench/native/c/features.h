// Rows of features: cosine embedding and the triplet margin of the 2-norm, with sums in f64.
#ifndef FEATURES_H
#define FEATURES_H
#include <math.h>
#include "task.h"
#include "vector.h"

/** sum + Σ a b of a vector. */
INLINE wide dot(wide sum, vec a, vec b) {
  sum += low(a) * low(b);
  return sum + high(a) * high(b);
}

INLINE double cosine_embedding(const struct task *task, int value, int grad) {
  const real *x = task->input, *y = task->target, *labels = task->more;
  real *g = task->grad;
  size_t n = task->classes;
  struct sum sum = {.blocks = 0};
  for (size_t from = 0; from < task->outer; from += BLOCK) {
    size_t rows = task->outer - from < BLOCK ? task->outer - from : BLOCK;
    double total = 0;
    for (size_t row = 0; row < rows; row++, x += n, y += n, g += n) {
      wide xy = {}, xx = {}, yy = {};
      for (size_t i = 0; i < n; i += LANES) {
        vec a = load(x + i), b = load(y + i);
        xy = dot(xy, a, b);
        xx = dot(xx, a, a);
        yy = dot(yy, b, b);
      }
      double square = fold(xx) + 1e-12, over = 1 / sqrt(square * (fold(yy) + 1e-12)), c = fold(xy) * over;
      int same = labels[from + row] == 1;
      total += same ? 1 - c : c > 0 ? c : 0;
      if (!grad) continue;
      double slope = task->scale * (same ? -1 : c > 0);
      vec of_y = splat(slope * over), of_x = splat(slope * c / square);
      for (size_t i = 0; i < n; i += LANES) store(g + i, of_y * load(y + i) - of_x * load(x + i));
    }
    if (value) sum_push(&sum, total);
  }
  return value ? sum_total(&sum) : 0;
}

INLINE double triplet_margin(const struct task *task, int value, int grad) {
  const real *a = task->input, *p = task->target, *q = task->more;
  real *g = task->grad;
  size_t n = task->classes;
  vec eps = splat(1e-6);
  struct sum sum = {.blocks = 0};
  for (size_t from = 0; from < task->outer; from += BLOCK) {
    size_t rows = task->outer - from < BLOCK ? task->outer - from : BLOCK;
    double total = 0;
    for (size_t row = 0; row < rows; row++, a += n, p += n, q += n, g += n) {
      wide near = {}, far = {};
      for (size_t i = 0; i < n; i += LANES) {
        vec d = load(a + i) - load(p + i) + eps, e = load(a + i) - load(q + i) + eps;
        near = dot(near, d, d);
        far = dot(far, e, e);
      }
      double to_near = sqrt(fold(near)), to_far = sqrt(fold(far)), missing = 1 + to_near - to_far;
      total += missing > 0 ? missing : 0;
      if (!grad) continue;
      double slope = missing > 0 ? task->scale : 0;
      vec by_near = splat(slope / to_near), by_far = splat(slope / to_far);
      for (size_t i = 0; i < n; i += LANES) {
        vec d = load(a + i) - load(p + i) + eps, e = load(a + i) - load(q + i) + eps;
        store(g + i, d * by_near - e * by_far);
      }
    }
    if (value) sum_push(&sum, total);
  }
  return value ? sum_total(&sum) : 0;
}

#endif
