// Cross entropy of two classes with index targets: one exponential, e^−|x₀ − x₁|.
#include "lanewise.h"

INLINE double pairs(const struct task *task, int value, int grad) {
  const real *x = task->input;
  const int32_t *labels = task->target;
  real *g = task->grad;
  vec s = splat(task->scale), one = splat(1);
  struct sum sum = {.blocks = 0};
  real rests[BLOCK], distances[BLOCK];
  for (size_t from = 0; from < task->outer; from += BLOCK) {
    size_t end = from + BLOCK < task->outer ? from + BLOCK : task->outer;
    for (size_t row = from; row < end; row += LANES) {
#ifdef DOUBLE
      __m128d a = load(x + 2 * row), b = load(x + 2 * row + 2);
      vec x0 = (vec)_mm_unpacklo_pd(a, b), x1 = (vec)_mm_unpackhi_pd(a, b);
#else
      __m128 a = (__m128)load(x + 2 * row), b = (__m128)load(x + 2 * row + 4);
      vec x0 = (vec)_mm_shuffle_ps(a, b, 0x88), x1 = (vec)_mm_shuffle_ps(a, b, 0xdd);
#endif
      bits label = load_labels(labels + row);
      vec m = PMAX(x0, x1);
      vec e = exp_flush(-magnitude(x0 - x1));
      vec rest = e + (m - m);
      bits second = label == 1, first = label == 0;
      vec distance = m - SELECT(second, x1, x0);
      if (grad) {
        vec k = s / (one + rest), least = least_factor(k), top = -rest * k;
        bits tie0 = x0 == m, tie1 = x1 == m;
        vec g0 = flush_below(SELECT(tie0, one, e), least) * k - and(s, first);
        vec g1 = flush_below(SELECT(tie1, one, e), least) * k - and(s, second);
        g0 = SELECT(tie0 & first, top, g0);
        g1 = SELECT(tie1 & second, top, g1);
#ifdef DOUBLE
        store(g + 2 * row, (vec)_mm_unpacklo_pd(g0, g1));
        store(g + 2 * row + 2, (vec)_mm_unpackhi_pd(g0, g1));
#else
        store(g + 2 * row, (vec)_mm_unpacklo_ps((__m128)g0, (__m128)g1));
        store(g + 2 * row + 4, (vec)_mm_unpackhi_ps((__m128)g0, (__m128)g1));
#endif
      }
      store(rests + row - from, rest);
      store(distances + row - from, distance);
    }
    if (value) sum_push(&sum, row_losses(rests, distances, end - from));
  }
  return value ? sum_total(&sum) : 0;
}
