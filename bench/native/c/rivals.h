// Multi-class margin: a row of classes against its label's, one after another. The label is taken for a rival and then away again.
#ifndef RIVALS_H
#define RIVALS_H
#include "task.h"
#include "vector.h"

INLINE double multi_margin(const struct task *task, int value, int grad) {
  const real *x = task->input;
  const int32_t *labels = task->target;
  real *g = task->grad;
  size_t n = task->classes;
  real factor = task->scale / n;
  vec one = splat(1), none = splat(0), k = splat(factor);
  struct sum sum = {.blocks = 0};
  for (size_t from = 0; from < task->outer; from += BLOCK) {
    size_t rows = task->outer - from < BLOCK ? task->outer - from : BLOCK;
    double total = 0;
    for (size_t row = 0; row < rows; row++, x += n, g += n) {
      int32_t label = labels[from + row];
      vec own = splat(x[label]);
      wide costs = {}, slopes = {};
      for (size_t i = 0; i < n; i += 4 * LANES) {
        vec m[4], s[4];
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) {
          m[j] = PMAX(one + (load(x + i + j * LANES) - own), none);
          s[j] = and(one, m[j] > none);
          if (grad) store(g + i + j * LANES, s[j] * k);
        }
        costs += promoted((m[0] + m[1]) + (m[2] + m[3]));
        if (grad) slopes += promoted((s[0] + s[1]) + (s[2] + s[3]));
      }
      total += (fold(costs) - 1) / n;
      if (grad) g[label] = -factor * (fold(slopes) - 1);
    }
    if (value) sum_push(&sum, total);
  }
  return value ? sum_total(&sum) : 0;
}

#endif
