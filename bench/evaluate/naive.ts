// What figures take that are written by hand, over rows of logits that lie one after the other.

export interface RowSums {
  loss: number;
  correct: number;
  reciprocalRanks: number;
  entropy: number;
}

/** A good loop: two passes over each row, one exponential a logit, nothing allocated. */
export function loop(logits: Float32Array, labels: Int32Array, classes: number): RowSums {
  const sums = { loss: 0, correct: 0, reciprocalRanks: 0, entropy: 0 };
  for (let row = 0; row < labels.length; row++) {
    const from = row * classes;
    const label = labels[row];
    const own = logits[from + label];
    let max = Number.NEGATIVE_INFINITY;
    let before = 0;
    for (let c = 0; c < classes; c++) {
      const x = logits[from + c];
      if (x > max) max = x;
      if (x > own || (x === own && c < label)) before++;
    }
    let sum = 0;
    let weighted = 0;
    for (let c = 0; c < classes; c++) {
      const d = logits[from + c] - max;
      const e = Math.exp(d);
      sum += e;
      weighted += d * e;
    }
    const logSum = Math.log(sum);
    sums.loss += logSum + max - own;
    sums.correct += before === 0 ? 1 : 0;
    sums.reciprocalRanks += 1 / (before + 1);
    sums.entropy += logSum - weighted / sum;
  }
  return sums;
}

/** Row by row through a library's log_softmax: the loss alone. */
export function byRows(
  logSoftmax: (row: Float32Array) => Float32Array,
  logits: Float32Array,
  labels: Int32Array,
  classes: number,
): number {
  let loss = 0;
  for (let row = 0; row < labels.length; row++)
    loss -= logSoftmax(logits.subarray(row * classes, (row + 1) * classes))[labels[row]];
  return loss;
}
