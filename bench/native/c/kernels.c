// The kernels of one dtype, each of the three operations a function of its own.
#include "elementwise.h"
#include "features.h"
#include "label_sets.h"
#include "pairs.h"
#include "projection.h"
#include "rivals.h"
#include "rowwise.h"
#include "sequences.h"

INLINE double cross_entropy(const struct task *task, int value, int grad) {
  // the class counts that are worth code of their own
  if (task->inner == 1 && task->classes == 2) return pairs(task, value, grad);
  if (task->inner == 1 && task->classes == 10) return lanewise(task, 10, value, grad);
  if (task->inner == 1 && task->classes > MOST_CLASSES) return rowwise(task, value, grad);
  return lanewise(task, task->classes, value, grad);
}

OPERATIONS(l1, pointwise, l1)
OPERATIONS(mse, pointwise, mse)
OPERATIONS(huber, pointwise, huber)
OPERATIONS(kl_div, pointwise, kl_div)
OPERATIONS(bce, bce_sum)
OPERATIONS(bce_with_logits, bce_with_logits)
OPERATIONS(cross_entropy, cross_entropy)
OPERATIONS(multi_margin, multi_margin)
OPERATIONS(cosine_embedding, cosine_embedding)
OPERATIONS(triplet_margin, triplet_margin)
OPERATIONS(multilabel_margin, multilabel_margin)
OPERATIONS(linear_cross_entropy, linear_cross_entropy)
OPERATIONS(ctc, ctc)

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
    ENTRIES("multiMargin", multi_margin),
    ENTRIES("cosineEmbedding", cosine_embedding),
    ENTRIES("tripletMargin", triplet_margin),
    ENTRIES("multilabelMargin", multilabel_margin),
    ENTRIES("linearCrossEntropy", linear_cross_entropy),
    ENTRIES("ctc", ctc),
    {0},
};
