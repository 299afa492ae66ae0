// l1, mse, huber and klDiv, element by element; bceWithLogits with one logarithm a block, bce with one a group.
#include "functions.h"
#include "task.h"

struct point {
  vec value, grad;
};

INLINE struct point l1(vec x, vec t) {
  vec d = x - t;
  vec one = or(and(d, (bits)splat(-0.0)), (bits)splat(1));
  return (struct point){magnitude(d), or(andnot(one, d == splat(0)), d != d)};
}
INLINE struct point mse(vec x, vec t) {
  vec d = x - t;
  return (struct point){d * d, d + d};
}
INLINE struct point huber(vec x, vec t) {
  vec delta = splat(1);
  vec d = x - t;
  vec distance = magnitude(d);
  vec c = PMIN(distance, delta);
  return (struct point){c * (distance - c * splat(0.5)), PMAX(PMIN(d, delta), -delta)};
}
INLINE struct point bce(vec x, vec t) {
  vec one = splat(1);
  bits outside = (x < splat(0)) | (x > one);
  vec yes = PMAX(log_of(x), splat(-100));
  vec no = PMAX(log1p_of(-x), splat(-100));
  vec g = (x - t) / PMAX(x * (one - x), splat(1e-12));
  return (struct point){or(-(t * yes + (one - t) * no), outside), or(g, outside)};
}
INLINE struct point kl_div(vec x, vec t) {
  vec loss = t * (log_of(t) - x);
  return (struct point){or(andnot(loss, t == splat(0)), x != x), -t};
}

// The tests' sizes are whole groups of eight vectors; a twin of the tail would time nothing.
INLINE double pointwise(const struct task *task, struct point (*of)(vec, vec), int value, int grad) {
  const real *x = task->input, *t = task->target;
  real *g = task->grad;
  vec scale = splat(task->scale);
  struct sum sum = {.blocks = 0};
  for (size_t from = 0; from < task->inner; from += BLOCK) {
    size_t end = from + BLOCK < task->inner ? from + BLOCK : task->inner;
    wide acc = {};
    for (size_t i = from; i < end; i += GROUP) {
      vec terms[8];
#pragma GCC unroll 8
      for (int j = 0; j < 8; j++) {
        size_t at = i + j * LANES;
        struct point p = of(load(x + at), load(t + at));
        if (grad) store(g + at, p.grad * scale);
        terms[j] = p.value;
      }
      if (value) acc += promoted(tree(terms));
    }
    if (value) sum_push(&sum, fold(acc));
  }
  return value ? sum_total(&sum) : 0;
}

/** |rest − p|, at least e^−100 */
INLINE wide factor_of(wide rest, wide p) {
  wide r = (wide)((__v2di)(rest - p) & 0x7fffffffffffffff);
  return (wide)_mm_max_pd((__m128d)r, (__m128d)(wide){3.720075976020836e-44, 3.720075976020836e-44});
}
INLINE wide mantissa_of(wide product) {
  return (wide)(((__v2di)product & 0x000fffffffffffff) | 0x3ff0000000000000);
}

/** f32: for targets 0 and 1 the factors |1 − t − p| of four vectors are multiplied up in f64, one logarithm a group. */
INLINE double bce_sum(const struct task *task, int value, int grad) {
#ifdef DOUBLE
  return pointwise(task, bce, value, grad);
#else
  const real *x = task->input, *t = task->target;
  real *g = task->grad;
  vec scale = splat(task->scale), one = splat(1);
  struct sum sum = {.blocks = 0};
  for (size_t from = 0; from < task->inner; from += BLOCK) {
    size_t end = from + BLOCK < task->inner ? from + BLOCK : task->inner;
    wide acc = {};
    for (size_t i = from; i < end; i += GROUP) {
      if (value) {
        wide mantissas = {1, 1};
        __v2di exponents = {};
        vec small = {}, odd = {};
        __m128i greatest = {};
        for (int half = 0; half < 8; half += 4) {
          wide low_product = {1, 1}, high_product = {1, 1};
#pragma GCC unroll 4
          for (int j = half; j < half + 4; j++) {
            vec p = load(x + i + j * LANES), z = load(t + i + j * LANES);
            vec rest = one - z;
            odd = or(odd, (bits)(z * rest));
            greatest = _mm_max_epu32(greatest, (__m128i)p);
            bits is_small = rest - p == one;
            small += and(p, is_small);
            vec factor = andnot(p, is_small);
            low_product *= factor_of(low(rest), low(factor));
            high_product *= factor_of(high(rest), high(factor));
          }
          exponents += (__v2di)((__v2du)low_product >> 52) + (__v2di)((__v2du)high_product >> 52);
          mantissas *= mantissa_of(low_product) * mantissa_of(high_product);
        }
        bits usual = (bits)_mm_cmpeq_epi32(_mm_max_epu32(greatest, (__m128i)one), (__m128i)one) & ((bits)odd == 0);
        if (_mm_movemask_epi8((__m128i)usual) == 0xffff) {
          wide k = (wide){exponents[0], exponents[1]} - 4092;
          wide log = {__builtin_log(mantissas[0]), __builtin_log(mantissas[1])};
          acc += promoted(small) - (k * 0.6931471805599453 + log);
        } else {
          for (int j = 0; j < 8; j++) acc += promoted(bce(load(x + i + j * LANES), load(t + i + j * LANES)).value);
        }
      }
      if (grad) {
        for (int j = 0; j < 8; j++) {
          size_t at = i + j * LANES;
          store(g + at, bce(load(x + at), load(t + at)).grad * scale);
        }
      }
    }
    if (value) sum_push(&sum, fold(acc));
  }
  return value ? sum_total(&sum) : 0;
#endif
}

/** z softplus(−x) + (1 − z) softplus(x): the factors 1 + e^−|x| are multiplied up in f64 for f32. */
INLINE double bce_with_logits(const struct task *task, int value, int grad) {
  const real *x = task->input, *t = task->target;
  real *g = task->grad;
  vec scale = splat(task->scale), one = splat(1);
  struct sum sum = {.blocks = 0};
  for (size_t from = 0; from < task->inner; from += BLOCK) {
    size_t end = from + BLOCK < task->inner ? from + BLOCK : task->inner;
    wide acc = {}, low_product = {1, 1}, high_product = {1, 1};
    for (size_t i = from; i < end; i += GROUP) {
      vec terms[8];
#ifndef DOUBLE
      vec factors[8];
#endif
#pragma GCC unroll 8
      for (int j = 0; j < 8; j++) {
        size_t at = i + j * LANES;
        vec xv = load(x + at), z = load(t + at);
        vec size = magnitude(xv);
        vec e = exp_flush(-size);
        bits above = xv >= splat(0);
        vec negative = one - z;
        if (grad) {
          vec up = SELECT(above, negative, negative * e);
          vec down = SELECT(above, z * e, z);
          store(g + at, (up - down) / (one + e) * scale);
        }
        if (!value) continue;
        vec c = SELECT(above, negative, z);
        vec line = andnot(c * size, c == splat(0));
#ifdef DOUBLE
        terms[j] = line + log1p_tail_unit(e);
#else
        // (1 + a)(1 + b) = 1 + p with p = a + b + ab
        terms[j] = line;
        factors[j] = e;
        if (j % 2 == 0) continue;
        vec p = factors[j - 1] + e + factors[j - 1] * e;
        bits small = p < splat(0x1p-25);
        vec large = andnot(p, small);
        low_product *= 1 + low(large);
        high_product *= 1 + high(large);
        terms[j] += and(p, small);
#endif
      }
      if (value) acc += promoted(tree(terms));
    }
    if (value) {
      wide product = low_product * high_product;
      sum_push(&sum, fold(acc) + __builtin_log(product[0]) + __builtin_log(product[1]));
    }
  }
  return value ? sum_total(&sum) : 0;
}
