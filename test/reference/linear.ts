import type { Inputs, Options, Terms } from './options.ts';
import { isTensor, rowsOf } from './tensor.ts';

/** The terms of a loss of logits that are the product of the input's rows and of weights, the third input, and a bias. */
export function linearTerms(
  ofLogits: (inputs: Inputs, options: Options) => Terms,
  { input, target }: Inputs,
  { third, linearBias, ...options }: Options,
  size = (x: number): number => x,
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
  return {
    ...terms,
    targetHasGradient: false,
    addGradient: (row, up, grads) => {
      const ofRow = new Float64Array(count * classes);
      terms.addGradient(row, up, { input: ofRow });
      for (let c = 0; c < classes; c++) {
        const g = ofRow[row * classes + c];
        for (let k = 0; k < features; k++) {
          grads.input[row * features + k] += g * size(third.data[c * features + k]);
          grads.third![c * features + k] += g * size(input.data[row * features + k]);
        }
      }
    },
  };
}
