// The library's gradient against central differences of the library's value, in f64, on real rows.
import type { LossFunctions } from 'simdloss';
import type { Dataset } from './data.ts';
import { type LossName, prepareLoss } from './loss.ts';
import { createLinear, forward } from './model.ts';
import { outputShape } from './train.ts';

// A central difference is off by about H² of an element, as the formula is bent, and by 1e-16/H, as values near 1 are
// rounded. The smallest elements here are some 1e-5: both parts then stay near 1e-7 of them, and most far below.
const H = 2e-4;
const ROWS = 64;

/**
 * The worst |gradient − quotient| / |gradient| over the outputs of a fresh model for the first training rows. (A fresh
 * model: no residual is within H of l1's kink, where a quotient means nothing.)
 */
export function checkGradient(F: LossFunctions, name: LossName, data: Dataset): number {
  return F.scope(() => {
    const start = new Float32Array(ROWS * data.outputs);
    forward(createLinear(data.features, data.outputs, 1), data.train.x, start);
    const outputs = F.tensor(start, outputShape(ROWS, data.outputs), 'f64');
    const { y } = data.train;
    const firstTargets = y.subarray(0, ROWS);
    const target = y instanceof Int32Array ? F.tensor(firstTargets) : F.tensor(firstTargets, [ROWS], 'f64');
    const loss = prepareLoss(F, name, outputs, target);
    loss.run();
    // a copy, as the runs below write the gradient anew
    const gradient = Float64Array.from(loss.grad.data);
    let worst = 0;
    gradient.forEach((exact, i) => {
      const at = outputs.data[i];
      const high = at + H;
      const low = at - H;
      outputs.data[i] = high;
      const above = loss.run();
      outputs.data[i] = low;
      const below = loss.run();
      outputs.data[i] = at;
      // high − low is what was really stepped, 2H is not
      const error = Math.abs(exact - (above - below) / (high - low)) / Math.abs(exact);
      // NaN compares as false: it must not pass for small
      if (!(error <= worst)) worst = error;
    });
    return worst;
  });
}
