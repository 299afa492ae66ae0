// The textbook formulas in float32: Math.fround after each operation, as a processor rounds.
const f = Math.fround;
const exp = (x: number): number => f(Math.exp(x));
const log = (x: number): number => f(Math.log(x));

export interface Result {
  readonly value: number;
  /** At the label's logit. */
  readonly grad: number;
}

/**
 * What PyTorch's log_softmax and nll_loss do on a CPU: x − max − log Σ e^(x − max), and backwards e^(log p) − 1 at the
 * label.
 */
export function crossEntropy(logits: readonly number[], label: number): Result {
  const x = logits.map(f);
  const max = Math.max(...x);
  const sum = x.reduce((total, logit) => f(total + exp(f(logit - max))), 0);
  const logProbability = f(f(x[label] - max) - log(sum));
  return { value: f(0 - logProbability), grad: f(exp(logProbability) - 1) };
}

/**
 * What binary_cross_entropy_with_logits does in PyTorch 1.13: (1 − t) x + m + log(e^−m + e^(−x − m)) with m = max(−x, 0),
 * and backwards σ(x) − t. Later versions take the value from log_sigmoid, which keeps it; the gradient is the same.
 */
export function bceWithLogits(logit: number, target: number): Result {
  const [x, t] = [f(logit), f(target)];
  const m = Math.max(f(-x), 0);
  const terms = log(f(exp(-m) + exp(f(f(-x) - m))));
  const sigmoid = f(1 / f(1 + exp(-x)));
  return { value: f(f(f(f(1 - t) * x) + m) + terms), grad: f(sigmoid - t) };
}
