// Cross entropy with a row (or a position of a strided class axis) in each lane, in tiles of 64 bytes of lanes.
#include "functions.h"
#include "task.h"
#define WIDTH (64 / (int)sizeof(real))
#define MOST_CLASSES 64

typedef real tile[MOST_CLASSES][WIDTH];

#ifdef DOUBLE
INLINE void transpose(vec v[LANES]) {
  vec a = v[0], b = v[1];
  v[0] = (vec)_mm_unpacklo_pd(a, b);
  v[1] = (vec)_mm_unpackhi_pd(a, b);
}
#else
INLINE void transpose(vec v[LANES]) {
  __m128 a = (__m128)v[0], b = (__m128)v[1], c = (__m128)v[2], d = (__m128)v[3];
  _MM_TRANSPOSE4_PS(a, b, c, d);
  v[0] = (vec)a, v[1] = (vec)b, v[2] = (vec)c, v[3] = (vec)d;
}
#endif

/** Rows of `classes` elements, side by side, to a tile. */
INLINE void rows_in(tile to, const real *from, size_t classes) {
  for (int lane = 0; lane < WIDTH; lane += LANES, from += LANES * classes) {
    size_t c = 0;
    for (; c + LANES <= classes; c += LANES) {
      vec v[LANES];
      for (int i = 0; i < LANES; i++) v[i] = load(from + i * classes + c);
      transpose(v);
      for (int i = 0; i < LANES; i++) store(&to[c + i][lane], v[i]);
    }
    for (; c < classes; c++) {
      for (int i = 0; i < LANES; i++) to[c][lane + i] = from[i * classes + c];
    }
  }
}

INLINE void rows_out(real *to, tile from, size_t classes) {
  for (int lane = 0; lane < WIDTH; lane += LANES, to += LANES * classes) {
    size_t c = 0;
    for (; c + LANES <= classes; c += LANES) {
      vec v[LANES];
      for (int i = 0; i < LANES; i++) v[i] = load(&from[c + i][lane]);
      transpose(v);
      for (int i = 0; i < LANES; i++) store(to + i * classes + c, v[i]);
    }
    for (; c < classes; c++) {
      for (int i = 0; i < LANES; i++) to[i * classes + c] = from[c][lane + i];
    }
  }
}

INLINE bits load_labels(const int32_t *p) {
#ifdef DOUBLE
  return (bits){p[0], p[1]};
#else
  return (bits)_mm_loadu_si128((const __m128i *)p);
#endif
}

/** One vector of rows: what their losses are made of is stored, logits at x are replaced by gradients. */
INLINE void column(real *x, size_t classes, bits label, vec s, int grad, real *rests, real *distances) {
  vec e[MOST_CLASSES];
  vec one = splat(1), m = splat(-__builtin_inf()), distance = splat(0);
  bits ties = {}, index = {};
  for (size_t c = 0; c < classes; c++) m = PMAX(m, load(x + c * WIDTH));
  for (size_t c = 0; c < classes; c++) {
    vec xv = load(x + c * WIDTH), d = xv - m;
    bits tie = xv == m;
    e[c] = andnot(exp_flush(d), tie);
    ties -= tie;
    distance = or(distance, (bits)and(d, index == label));
    index += 1;
  }
  wide a = {}, b = {};
  for (size_t c = 0; c < classes; c += 8) {
    vec terms[8];
    for (int j = 0; j < 8; j++) terms[j] = c + j < classes ? e[c + j] : splat(0);
    vec t = tree(terms);
    a += low(t);
    b += high(t);
  }
  vec rest = narrow(a, b) + from_bits(ties - 1) + (m - m);
  if (grad) {
    vec k = s / (one + rest), least = least_factor(k), top = -rest * k;
    index = (bits){};
    for (size_t c = 0; c < classes; c++) {
      bits tie = load(x + c * WIDTH) == m, is_label = index == label;
      vec ev = or(e[c], (bits)and(one, tie));
      vec g = flush_below(ev, least) * k - and(s, is_label);
      store(x + c * WIDTH, SELECT(tie & is_label, top, g));
      index += 1;
    }
  }
  store(rests, rest);
  store(distances, -distance);
}

/** A strided class axis whose tiles lie side by side (inner a multiple of WIDTH), or rows of `classes` (inner = 1). */
INLINE double lanewise(const struct task *task, size_t classes, int value, int grad) {
  const real *x = task->input;
  const int32_t *labels = task->target;
  real *g = task->grad;
  size_t inner = task->inner, rows = task->outer * inner;
  vec s = splat(task->scale);
  struct sum sum = {.blocks = 0};
  tile work;
  real rests[BLOCK], distances[BLOCK];
  for (size_t from = 0; from < rows; from += BLOCK) {
    size_t end = from + BLOCK < rows ? from + BLOCK : rows;
    for (size_t row = from; row < end; row += WIDTH) {
      size_t at = inner == 1 ? row * classes : row / inner * classes * inner + row % inner;
      if (inner == 1) rows_in(work, x + at, classes);
      else for (size_t c = 0; c < classes; c++) memcpy(work[c], x + at + c * inner, 64);
      for (int lane = 0; lane < WIDTH; lane += LANES) {
        size_t i = row - from + lane;
        column(&work[0][lane], classes, load_labels(labels + row + lane), s, grad, rests + i, distances + i);
      }
      if (!grad) continue;
      if (inner == 1) rows_out(g + at, work, classes);
      else for (size_t c = 0; c < classes; c++) memcpy(g + at + c * inner, work[c], 64);
    }
    if (value) sum_push(&sum, row_losses(rests, distances, end - from));
  }
  return value ? sum_total(&sum) : 0;
}
