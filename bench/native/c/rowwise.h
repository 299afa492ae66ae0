// Cross entropy of long rows with index targets: maximum; exponentials and their sum; gradient.
#ifndef ROWWISE_H
#define ROWWISE_H
#include "functions.h"
#include "task.h"

INLINE vec row_max(const real *x, size_t n) {
  vec m[4] = {splat(-__builtin_inf()), splat(-__builtin_inf()), splat(-__builtin_inf()), splat(-__builtin_inf())};
  for (size_t i = 0; i < n; i += 4 * LANES) {
    for (int j = 0; j < 4; j++) m[j] = PMAX(m[j], load(x + i + j * LANES));
  }
  return fold_max(PMAX(PMAX(m[0], m[1]), PMAX(m[2], m[3])));
}

/** Σ e^(x − m) without the maximum, plus ties − 1; e^(x − m) is kept in e where it is wanted. */
INLINE double exp_sum(const real *x, real *e, size_t n, vec m) {
  bits ties = {};
  double total = 0;
  for (size_t from = 0; from < n; from += BLOCK) {
    size_t end = from + BLOCK < n ? from + BLOCK : n;
    wide acc = {};
    for (size_t i = from; i < end; i += GROUP) {
      vec terms[8];
#pragma GCC unroll 8
      for (int j = 0; j < 8; j++) {
        vec xv = load(x + i + j * LANES);
        vec ev = exp_flush(xv - m);
        bits tie = xv == m;
        ties -= tie;
        if (e) store(e + i + j * LANES, ev);
        terms[j] = andnot(ev, tie);
      }
      acc += promoted(tree(terms));
    }
    total += fold(acc);
  }
  int64_t count = 0;
  for (int i = 0; i < LANES; i++) count += ties[i];
  return total + (double)(count - 1) + (m[0] - m[0]);
}

INLINE double rowwise(const struct task *task, int value, int grad) {
  const real *x = task->input;
  const int32_t *labels = task->target;
  real *g = task->grad;
  size_t n = task->classes;
  real s = task->scale;
  real rests[BLOCK], distances[BLOCK];
  struct sum sum = {.blocks = 0};
  for (size_t from = 0; from < task->outer; from += BLOCK) {
    size_t rows = task->outer - from < BLOCK ? task->outer - from : BLOCK;
    for (size_t i = 0; i < rows; i++, x += n, g += grad ? n : 0) {
      int32_t label = labels[from + i];
      vec m = row_max(x, n);
      real distance = m[0] - x[label];
      real rest = exp_sum(x, grad ? g : 0, n, m);
      rests[i] = rest;
      distances[i] = distance;
      if (!grad) continue;
      real k = s / (1 + rest);
      vec kv = splat(k), least = least_factor(kv);
      real own = distance == 0 ? -rest * k : g[label] * k - s;
      for (size_t j = 0; j < n; j += LANES) store(g + j, flush_below(load(g + j), least) * kv);
      g[label] = own;
    }
    if (value) sum_push(&sum, row_losses(rests, distances, rows));
  }
  return value ? sum_total(&sum) : 0;
}

#endif
