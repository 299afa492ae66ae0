// What C makes of the formulas as a textbook has them: plain loops that the compiler vectorises (-O3 -ffast-math, 128 bits, exp, log
// and log1p of the C library's vector functions). f32 alone. Nothing is promised of the tails.
#include <math.h>
#include <string.h>
#include "task.h"

#define INLINE static inline __attribute__((always_inline))

struct point {
  float value, grad;
};
typedef struct point formula(float x, float t);

/** Blocks whose sums are f32, added up in f64. */
INLINE double pointwise(const struct task *task, formula *of, int value, int grad) {
  const float *restrict x = task->input, *restrict t = task->target;
  float *restrict g = task->grad;
  float scale = task->scale;
  double total = 0;
  for (size_t from = 0; from < task->inner; from += BLOCK) {
    size_t end = from + BLOCK < task->inner ? from + BLOCK : task->inner;
    float sum = 0;
    for (size_t i = from; i < end; i++) {
      struct point p = of(x[i], t[i]);
      if (value) sum += p.value;
      if (grad) g[i] = p.grad * scale;
    }
    total += sum;
  }
  return total;
}

INLINE float sign(float d) { return (d > 0) - (d < 0); }
INLINE struct point l1(float x, float t) { return (struct point){fabsf(x - t), sign(x - t)}; }
INLINE struct point mse(float x, float t) { return (struct point){(x - t) * (x - t), 2 * (x - t)}; }
INLINE struct point huber(float x, float t) {
  float d = x - t, a = fabsf(d), c = a < 1 ? a : 1;
  return (struct point){c * (a - 0.5f * c), d > 1 ? 1 : d < -1 ? -1 : d};
}
INLINE struct point bce(float x, float t) {
  float yes = logf(x), no = log1pf(-x);
  yes = yes < -100 ? -100 : yes;
  no = no < -100 ? -100 : no;
  float variance = x * (1 - x);
  return (struct point){-(t * yes + (1 - t) * no), (x - t) / (variance < 1e-12f ? 1e-12f : variance)};
}
INLINE struct point bce_with_logits(float x, float t) {
  float e = expf(-fabsf(x));
  return (struct point){(x > 0 ? x : 0) - x * t + log1pf(e), (x < 0 ? e : 1) / (1 + e) - t};
}
INLINE struct point kl_div(float x, float t) { return (struct point){t * (logf(t > 0 ? t : 1) - x), -t}; }
INLINE struct point poisson_nll(float x, float t) { return (struct point){expf(x) - t * x, expf(x) - t}; }
INLINE struct point soft_margin(float x, float t) {
  float z = -t * x, e = expf(-fabsf(z));
  return (struct point){(z > 0 ? z : 0) + log1pf(e), -t * (z < 0 ? e : 1) / (1 + e)};
}
INLINE struct point hinge(float x, float t) {
  float m = 1 - t * x;
  return (struct point){m > 0 ? m : 0, m > 0 ? -t : 0};
}
INLINE struct point squared_hinge(float x, float t) {
  float m = 1 - t * x;
  m = m > 0 ? m : 0;
  return (struct point){m * m, -2 * t * m};
}
INLINE struct point pinball(float x, float t) {
  float d = t - x;
  return (struct point){0.5f * fabsf(d), -0.5f * sign(d)};
}
INLINE struct point log_cosh(float x, float t) {
  float d = x - t, a = fabsf(d), e = expf(-2 * a), tanh = (1 - e) / (1 + e);
  return (struct point){a + log1pf(e) - 0.693147181f, d < 0 ? -tanh : tanh};
}
INLINE struct point pseudo_huber(float x, float t) {
  float d = x - t, r = sqrtf(1 + d * d);
  return (struct point){r - 1, d / r};
}
INLINE struct point sigmoid_focal(float x, float t) {
  float e = expf(-fabsf(x)), p = (x < 0 ? e : 1) / (1 + e);
  float cost = (x > 0 ? x : 0) - x * t + log1pf(e), u = 1 - (p * t + (1 - p) * (1 - t));
  return (struct point){u * u * cost, 2 * u * (1 - 2 * t) * p * (1 - p) * cost + u * u * (p - t)};
}

OPERATIONS(l1, pointwise, l1)
OPERATIONS(mse, pointwise, mse)
OPERATIONS(huber, pointwise, huber)
OPERATIONS(bce, pointwise, bce)
OPERATIONS(bce_with_logits, pointwise, bce_with_logits)
OPERATIONS(kl_div, pointwise, kl_div)
OPERATIONS(poisson_nll, pointwise, poisson_nll)
OPERATIONS(soft_margin, pointwise, soft_margin)
OPERATIONS(hinge, pointwise, hinge)
OPERATIONS(squared_hinge, pointwise, squared_hinge)
OPERATIONS(pinball, pointwise, pinball)
OPERATIONS(log_cosh, pointwise, log_cosh)
OPERATIONS(pseudo_huber, pointwise, pseudo_huber)
OPERATIONS(sigmoid_focal, pointwise, sigmoid_focal)

/** A long row: maximum, exponentials and their sum, gradient. */
INLINE double rowwise(const struct task *task, int value, int grad) {
  const float *restrict x = task->input;
  const int32_t *labels = task->target;
  float *restrict g = task->grad;
  size_t n = task->classes;
  float s = task->scale;
  double total = 0;
  for (size_t row = 0; row < task->outer; row++, x += n, g += grad ? n : 0) {
    float most = -INFINITY, sum = 0;
    for (size_t j = 0; j < n; j++) most = x[j] > most ? x[j] : most;
    for (size_t j = 0; j < n; j++) {
      float e = expf(x[j] - most);
      sum += e;
      if (grad) g[j] = e;
    }
    if (value) total += logf(sum) + most - x[labels[row]];
    if (!grad) continue;
    float k = s / sum;
    for (size_t j = 0; j < n; j++) g[j] *= k;
    g[labels[row]] -= s;
  }
  return total;
}

/** So many rows, or positions of an inner axis, go side by side. */
#define LANES 128

/** Few classes, or an inner axis: the compiler vectorises over rows in a tile [classes][LANES]. */
INLINE double lanewise(const struct task *task, const size_t classes, int value, int grad) {
  const int32_t *labels = task->target;
  size_t inner = task->inner, lines = inner == 1 ? 1 : task->outer, length = inner == 1 ? task->outer : inner;
  float tile[classes][LANES], most[LANES], sum[LANES];
  float s = task->scale;
  double total = 0;
  for (size_t line = 0; line < lines; line++) {
    const float *x = (const float *)task->input + line * classes * inner;
    float *g = (float *)task->grad + line * classes * inner;
    const int32_t *t = labels + line * inner;
    for (size_t from = 0; from < length; from += LANES) {
      size_t n = length - from < LANES ? length - from : LANES;
      if (inner == 1) {
        for (size_t i = 0; i < n; i++) {
          for (size_t c = 0; c < classes; c++) tile[c][i] = x[(from + i) * classes + c];
        }
      } else {
        for (size_t c = 0; c < classes; c++) memcpy(tile[c], x + c * inner + from, n * sizeof(float));
      }
      for (size_t i = 0; i < LANES; i++) most[i] = tile[0][i], sum[i] = 0;
      for (size_t c = 1; c < classes; c++) {
        for (size_t i = 0; i < LANES; i++) most[i] = tile[c][i] > most[i] ? tile[c][i] : most[i];
      }
      float own[LANES];
      for (size_t i = 0; i < n; i++) own[i] = tile[t[from + i]][i];
      for (size_t c = 0; c < classes; c++) {
        for (size_t i = 0; i < LANES; i++) {
          float e = expf(tile[c][i] - most[i]);
          sum[i] += e;
          if (grad) tile[c][i] = e;
        }
      }
      if (value) {
        float all = 0;
        for (size_t i = 0; i < n; i++) all += logf(sum[i]) + most[i] - own[i];
        total += all;
      }
      if (!grad) continue;
      for (size_t i = 0; i < LANES; i++) sum[i] = s / sum[i];
      for (size_t c = 0; c < classes; c++) {
        for (size_t i = 0; i < LANES; i++) tile[c][i] *= sum[i];
      }
      for (size_t i = 0; i < n; i++) tile[t[from + i]][i] -= s;
      if (inner == 1) {
        for (size_t i = 0; i < n; i++) {
          for (size_t c = 0; c < classes; c++) g[(from + i) * classes + c] = tile[c][i];
        }
      } else {
        for (size_t c = 0; c < classes; c++) memcpy(g + c * inner + from, tile[c], n * sizeof(float));
      }
    }
  }
  return total;
}

INLINE double cross_entropy(const struct task *task, int value, int grad) {
  // the class counts that are worth code of their own
  if (task->inner == 1 && task->classes == 2) return lanewise(task, 2, value, grad);
  if (task->inner == 1 && task->classes == 3) return lanewise(task, 3, value, grad);
  if (task->inner == 1 && task->classes == 10) return lanewise(task, 10, value, grad);
  if (task->inner == 1 && task->classes > 32) return rowwise(task, value, grad);
  return lanewise(task, task->classes, value, grad);
}
OPERATIONS(cross_entropy, cross_entropy)

const struct entry kernels_f32[] = {
    ENTRIES("l1", l1),
    ENTRIES("mse", mse),
    ENTRIES("huber", huber),
    ENTRIES("bce", bce),
    ENTRIES("bceWithLogits", bce_with_logits),
    ENTRIES("klDiv", kl_div),
    ENTRIES("crossEntropy", cross_entropy),
    ENTRIES("poissonNll", poisson_nll),
    ENTRIES("softMargin", soft_margin),
    ENTRIES("hinge", hinge),
    ENTRIES("squaredHinge", squared_hinge),
    ENTRIES("pinball", pinball),
    ENTRIES("logCosh", log_cosh),
    ENTRIES("pseudoHuber", pseudo_huber),
    ENTRIES("sigmoidFocal", sigmoid_focal),
    {0},
};
const struct entry kernels_f64[] = {{0}};
