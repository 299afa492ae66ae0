// What the rowwise and the lanewise loop share: the formulas of a loss over softmax(x) along the class axis.
import { SCRATCH_A, SCRATCH_B, SCRATCH_C } from '../generated/abi';

/**
 * With m = max x, rest = Σ_{x_j ≠ m} e^(x_j − m) + (ties − 1) and Z = 1 + rest:
 *   −log softmax(x)_j = log1p(rest) + (m − x_j)
 * which keeps its relative accuracy where the usual log Σ e^x − x_j cancels to 0 (a confident sample).
 * a_j is class j's target coefficient: its probability (after smoothing) times its class weight.
 */
export abstract class SoftmaxOp<T extends number> {
  /** Loss of a row: total = Σ a_j, weighted = Σ a_j (m − x_j). */
  abstract loss(total: v128, weighted: v128, rest: v128): v128;
  /** The same within what a loss promises. */
  abstract rowLoss(total: v128, weighted: v128, rest: v128): v128;
  /** Gradient at x_j < m: e = e^(x_j − m), k = s·total/Z, s the row's upstream gradient. */
  abstract grad(e: v128, a: v128, k: v128, s: v128): v128;
  /** Gradient at x_j = m: others = Σ_{k≠j} a_k, sz = s/Z. */
  abstract gradAtMax(a: v128, others: v128, rest: v128, sz: v128): v128;
  /** Gradient with respect to target j: c = s · d a_j / d target_j. */
  abstract gradTarget(logZ: v128, m: v128, x: v128, c: v128): v128;
}

/**
 * The losses of a block's rows at p, from their rest (SCRATCH_A further), total (SCRATCH_B) and weighted (SCRATCH_C). Vectors of
 * rows at a time, in a loop of its own: a logarithm per row would cost as much as 15 classes, and one right after the
 * exponentials waits for them.
 */
export function ROW_LOSSES<T extends number, L extends SoftmaxOp<T>>(p: usize, n: usize): void {
  const end = p + n * sizeof<T>();
  for (; p < end; p += 16) {
    const loss = changetype<L>(0).rowLoss(
      v128.load(p, SCRATCH_B),
      v128.load(p, SCRATCH_C),
      v128.load(p, SCRATCH_A),
    );
    v128.store(p, loss);
  }
}
