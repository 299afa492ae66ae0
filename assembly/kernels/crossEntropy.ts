// Cross entropy of logits x: −Σ_j a_j log softmax(x)_j (PyTorch: nn.functional.cross_entropy).
//
//   index targets        a_j = w_t at the target t, 0 elsewhere
//   probability targets  a_j = w_j ((1 − ε) t_j + ε/C)
//   gradient             softmax(x)_j Σa − a_j
//
// Computed from rest (see SoftmaxOp): at a logit gap of 17 the textbook form has a loss and a target gradient of
// exactly 0 in f32 where 4.1e-8 is right.
import { SoftmaxOp } from '../loops/softmax';
import { Log1pTail } from '../math/log1pTail';

export class CrossEntropy<T extends number> extends SoftmaxOp<T> {
  @inline loss(total: v128, weighted: v128, rest: v128): v128 {
    return v128.add<T>(v128.mul<T>(total, Log1pTail.of<T>(rest)), weighted);
  }

  @inline rowLoss(total: v128, weighted: v128, rest: v128): v128 {
    return v128.add<T>(v128.mul<T>(total, Log1pTail.coarse<T>(rest)), weighted);
  }

  @inline grad(e: v128, a: v128, k: v128, s: v128): v128 {
    return v128.sub<T>(v128.mul<T>(e, k), v128.mul<T>(a, s));
  }

  // softmax·Σa − a with softmax = 1/Z: (Σa − a(1 + rest))/Z, the difference Σa − a never taken
  @inline gradAtMax(a: v128, others: v128, rest: v128, sz: v128): v128 {
    return v128.mul<T>(v128.sub<T>(others, v128.mul<T>(a, rest)), sz);
  }

  // −log softmax(x)_j = logZ + (m − x_j), with the rounding error of the difference added to logZ: the result may be
  // exponentiated again (the backward of logSoftmax), which turns half an ULP at −66 into 4e-6
  @inline gradTarget(logZ: v128, m: v128, x: v128, c: v128): v128 {
    const distance = v128.sub<T>(m, x);
    const back = v128.sub<T>(m, distance);
    const error = v128.add<T>(v128.sub<T>(m, v128.add<T>(distance, back)), v128.sub<T>(back, x));
    const exact = v128.and(error, v128.eq<T>(error, error));
    return v128.mul<T>(v128.add<T>(v128.add<T>(logZ, exact), distance), c);
  }
}
