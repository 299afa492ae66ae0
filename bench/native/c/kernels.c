// The kernels of one dtype, each of the three operations a function of its own.
#include "elementwise.h"
#include "pairs.h"
#include "rowwise.h"

INLINE double cross_entropy(const struct task *task, int value, int grad) {
  // the class counts that are worth code of their own
  if (task->inner == 1 && task->classes == 2) return pairs(task, value, grad);
  if (task->inner == 1 && task->classes == 10) return lanewise(task, 10, value, grad);
  if (task->inner == 1 && task->classes > MOST_CLASSES) return rowwise(task, value, grad);
  return lanewise(task, task->classes, value, grad);
}

#define OPERATIONS(name, call)                                                       \
  static double name##_value(const struct task *task) { return call(1, 0); }         \
  static double name##_grad(const struct task *task) { return call(0, 1); }          \
  static double name##_value_and_grad(const struct task *task) { return call(1, 1); }
#define POINTWISE(value, grad) pointwise(task, POINT, value, grad)
#define POINT l1
OPERATIONS(l1, POINTWISE)
#undef POINT
#define POINT mse
OPERATIONS(mse, POINTWISE)
#undef POINT
#define POINT huber
OPERATIONS(huber, POINTWISE)
#undef POINT
#define POINT kl_div
OPERATIONS(kl_div, POINTWISE)
#undef POINT
#define PROBABILITIES(value, grad) bce_sum(task, value, grad)
OPERATIONS(bce, PROBABILITIES)
#define LOGITS(value, grad) bce_with_logits(task, value, grad)
OPERATIONS(bce_with_logits, LOGITS)
#define CLASSES(value, grad) cross_entropy(task, value, grad)
OPERATIONS(cross_entropy, CLASSES)

#define ENTRIES(name, stem) \
  {name, "value", stem##_value}, {name, "grad", stem##_grad}, {name, "valueAndGrad", stem##_value_and_grad}
#ifdef DOUBLE
const struct entry kernels_f64[] = {
#else
const struct entry kernels_f32[] = {
#endif
    ENTRIES("l1", l1),
    ENTRIES("mse", mse),
    ENTRIES("huber", huber),
    ENTRIES("bce", bce),
    ENTRIES("bceWithLogits", bce_with_logits),
    ENTRIES("klDiv", kl_div),
    ENTRIES("crossEntropy", cross_entropy),
    {0},
};
