import type { Inputs, Options, Terms } from './options.ts';
import { isTensor, rowsOf } from './tensor.ts';

/**
 * How large the error of a result is beside its size: a relative one of e^z is the error of z, which is relative to the products that
 * add up to it; a loss whose label is behind is at least log 2.
 */
const OF_LOGITS = 3;

/** The terms of a loss of logits that are the product of the input's rows and of weights, the third input, and a bias. */
export function linearTerms(
  ofLogits: (inputs: Inputs, options: Options) => Terms,
  { input, target }: Inputs,
  { third, linearBias, ...options }: Options,
  isSize = false,
): Terms {
  if (!isTensor(third)) throw new RangeError('no weights');
  const { shape, classes: features } = rowsOf(input.shape, -1);
  const [classes] = third.shape;
  const count = shape.reduce((n, d) => n * d, 1);
  const logits = Float64Array.from({ length: count * classes }, (_, i) => {
    const [row, c] = [Math.floor(i / classes), i % classes];
    let sum = linearBias?.data[c] ?? 0;
    for (let k = 0; k < features; k++) sum += input.data[row * features + k] * third.data[c * features + k];
    return sum;
  });
  const terms = ofLogits(
    { input: { data: logits, shape: [...shape, classes] }, target },
    { ...options, axis: -1 },
  );
  const size = (x: number): number => (isSize ? Math.abs(x) : x);
  /** 1, or by how much more a row's results may be off than those of given logits. */
  const factor = (row: number): number => {
    if (!isSize) return 1;
    let most = 0;
    for (let c = 0; c < classes; c++) {
      let sum = size(linearBias?.data[c] ?? 0);
      for (let k = 0; k < features; k++)
        sum += size(input.data[row * features + k] * third.data[c * features + k]);
      most = Math.max(most, sum);
    }
    return 1 + OF_LOGITS * most;
  };
  return {
    ...terms,
    targetHasGradient: false,
    value: (row) => terms.value(row) * factor(row),
    addGradient: (row, up, grads) => {
      const ofRow = new Float64Array(count * classes);
      terms.addGradient(row, up * factor(row), { input: ofRow });
      for (let c = 0; c < classes; c++) {
        const g = ofRow[row * classes + c];
        if (grads.linearBias) grads.linearBias[c] += g;
        for (let k = 0; k < features; k++) {
          grads.input[row * features + k] += g * size(third.data[c * features + k]);
          grads.third![c * features + k] += g * size(input.data[row * features + k]);
        }
      }
    },
  };
}
