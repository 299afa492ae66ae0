// Multi-label margin: a row's labels, each listed once here, against the classes that are none; one sweep for four labels.
#ifndef LABEL_SETS_H
#define LABEL_SETS_H
#include <stdlib.h>
#include "task.h"
#include "vector.h"

/** What the classes at i are too near to a label, 0 where they are no rivals. */
INLINE vec missing_of(const real *x, const real *rivals, vec own) {
  return and(PMAX(splat(1) + (load(x) - own), splat(0)), (bits)load(rivals));
}

INLINE double sum_of(vec v) { return fold(promoted(v)); }

INLINE double multilabel_margin(const struct task *task, int value, int grad) {
  const real *x = task->input;
  const int32_t *target = task->target;
  real *g = task->grad;
  size_t n = task->classes;
  vec factor = splat(task->scale / n), one = splat(1), none = splat(0);
  real *space = malloc(3 * n * sizeof(real) + 8 * n), *copy = space, *rivals = copy + n, *slopes = rivals + n;
  uint32_t *counts = (uint32_t *)(slopes + n), *list = counts + n;
  memset(rivals, 0xff, n * sizeof(real));
  memset(counts, 0, 4 * n);
  struct sum sum = {.blocks = 0};
  for (size_t from = 0; from < task->outer; from += BLOCK) {
    size_t rows = task->outer - from < BLOCK ? task->outer - from : BLOCK;
    double total = 0;
    for (size_t row = 0; row < rows; row++, x += n, g += n, target += n) {
      size_t count = 0;
      wide cost = {};
      if (grad) memset(slopes, 0, n * sizeof(real));
      memcpy(copy, x, n * sizeof(real));
      for (size_t i = 0; i < n && target[i] >= 0; i++) {
        if (counts[target[i]]++) continue;
        list[count++] = target[i];
        rivals[target[i]] = 0;
      }
      size_t at = 0;
      for (; at + 4 <= count; at += 4) {
        const uint32_t *k = list + at;
        if ((counts[k[0]] | counts[k[1]] | counts[k[2]] | counts[k[3]]) != 1) break;
        vec own[4] = {splat(copy[k[0]]), splat(copy[k[1]]), splat(copy[k[2]]), splat(copy[k[3]])};
        vec pull[4] = {none, none, none, none};
        for (size_t i = 0; i < n; i += LANES) {
          vec m[4], s[4];
#pragma GCC unroll 4
          for (int j = 0; j < 4; j++) {
            m[j] = missing_of(copy + i, rivals + i, own[j]);
            s[j] = and(one, m[j] > none);
            if (grad) pull[j] += s[j];
          }
          cost += promoted((m[0] + m[1]) + (m[2] + m[3]));
          if (grad) store(slopes + i, load(slopes + i) + ((s[0] + s[1]) + (s[2] + s[3])));
        }
        for (int j = 0; grad && j < 4; j++) slopes[k[j]] -= sum_of(pull[j]);
      }
      for (; at < count; at++) {
        uint32_t label = list[at];
        vec own = splat(copy[label]), times = splat(counts[label]), pull = none;
        wide often = {counts[label], counts[label]};
        for (size_t i = 0; i < n; i += LANES) {
          vec m = missing_of(copy + i, rivals + i, own);
          cost += promoted(m) * often;
          if (!grad) continue;
          vec s = and(one, m > none) * times;
          pull += s;
          store(slopes + i, load(slopes + i) + s);
        }
        if (grad) slopes[label] -= sum_of(pull);
      }
      for (size_t i = 0; i < count; i++) {
        counts[list[i]] = 0;
        memset(rivals + list[i], 0xff, sizeof(real));
      }
      total += fold(cost) / n;
      if (grad)
        for (size_t i = 0; i < n; i += LANES) store(g + i, load(slopes + i) * factor);
    }
    if (value) sum_push(&sum, total);
  }
  free(space);
  return value ? sum_total(&sum) : 0;
}

#endif
