// What a kernel is given: the input seen as [outer, classes, inner], as in assembly/abi.ts.
#ifndef TASK_H
#define TASK_H
#include <stddef.h>
#include <stdint.h>

struct task {
  size_t outer, classes, inner;
  const void *input;
  const void *target; // of the input's type, or int32_t class indices
  const void *more;   // a third input, where there is one: of the input's type, or int32_t lengths
  const void *last;   // a fourth one
  size_t more_length;
  void *grad;
  void *grad_more;    // the third input's, where it has one
  double scale; // of the gradient; the mean's 1/N
};

typedef double kernel(const struct task *task); // the sum of the losses

struct entry {
  const char *loss, *operation;
  kernel *run;
};
// The three functions of a loop and what it is given before value and grad, and their entries.
#define OPERATIONS(stem, loop, ...)                                                                               \
  static double stem##_value(const struct task *task) { return loop(task, ##__VA_ARGS__, 1, 0); }         \
  static double stem##_grad(const struct task *task) { return loop(task, ##__VA_ARGS__, 0, 1); }          \
  static double stem##_value_and_grad(const struct task *task) { return loop(task, ##__VA_ARGS__, 1, 1); }
#define ENTRIES(name, stem) \
  {name, "value", stem##_value}, {name, "grad", stem##_grad}, {name, "valueAndGrad", stem##_value_and_grad}

extern const struct entry kernels_f32[], kernels_f64[];

// Blocks of 1024 terms, one f64 partial each, joined by a pairwise tree.
#define BLOCK 1024
struct sum {
  double stack[64];
  size_t blocks;
};
static inline void sum_push(struct sum *s, double value) {
  size_t index = s->blocks++;
  int depth = __builtin_popcountl(index);
  for (; index & 1; index >>= 1) value = s->stack[--depth] + value;
  s->stack[depth] = value;
}
static inline double sum_total(struct sum *s) {
  int depth = __builtin_popcountl(s->blocks);
  double value = depth ? s->stack[--depth] : 0;
  while (depth) value = s->stack[--depth] + value;
  return value;
}

#endif
