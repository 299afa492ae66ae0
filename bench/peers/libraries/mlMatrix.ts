// ml-matrix has no losses: its own matrix operations (f64) as a user would put them together.
import { Matrix } from 'ml-matrix';
import { inProcess, type Peer, type Problem, type Result } from '../peer.ts';

export function mlMatrix({ shape: [rows, classes], input, target }: Problem): Peer {
  const logits = Matrix.from1DArray(rows, classes, input);
  const step = (): { value: number; grad: Matrix } => {
    const grad = logits.clone().subColumnVector(logits.max('row'));
    let value = 0;
    for (let row = 0; row < rows; row++) value -= grad.get(row, target[row]);
    const sums = grad.exp().sum('row');
    for (const sum of sums) value += Math.log(sum);
    grad.divColumnVector(sums);
    for (let row = 0; row < rows; row++) {
      const label = target[row];
      grad.set(row, label, grad.get(row, label) - 1);
    }
    return { value: value / rows, grad: grad.div(rows) };
  };
  return inProcess(step, (): Result => {
    const { value, grad } = step();
    return { value, grad: Float32Array.from(grad.to1DArray()) };
  });
}
