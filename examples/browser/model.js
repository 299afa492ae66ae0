// A linear model: logits = pixels · weights + bias. The loss is the library's; these are the two products around it.
import { CLASSES, PIXELS } from './digits.js';

/** @typedef {{ weights: Float32Array, bias: Float32Array }} Model weights: [64, 10] */

/** @returns {Model} */
export const createModel = () => ({
  weights: new Float32Array(PIXELS * CLASSES),
  bias: new Float32Array(CLASSES),
});

/** Writes the logits of all rows. @param {Model} model @param {Float32Array} pixels @param {Float32Array} logits */
export function forward({ weights, bias }, pixels, logits) {
  for (let row = 0; row * CLASSES < logits.length; row++) {
    const to = row * CLASSES;
    for (let c = 0; c < CLASSES; c++) logits[to + c] = bias[c];
    for (let p = 0; p < PIXELS; p++) {
      const ink = pixels[row * PIXELS + p];
      if (ink === 0) continue;
      for (let c = 0; c < CLASSES; c++) logits[to + c] += ink * weights[p * CLASSES + c];
    }
  }
}

/**
 * Steps against the gradient of the logits.
 * @param {Model} model @param {Float32Array} pixels @param {Float32Array} gradient @param {number} rate
 */
export function descend({ weights, bias }, pixels, gradient, rate) {
  const step = new Float64Array(weights.length);
  const biasStep = new Float64Array(CLASSES);
  for (let row = 0; row * CLASSES < gradient.length; row++) {
    const from = row * CLASSES;
    for (let c = 0; c < CLASSES; c++) biasStep[c] += gradient[from + c];
    for (let p = 0; p < PIXELS; p++) {
      const ink = pixels[row * PIXELS + p];
      if (ink === 0) continue;
      for (let c = 0; c < CLASSES; c++) step[p * CLASSES + c] += ink * gradient[from + c];
    }
  }
  for (let i = 0; i < step.length; i++) weights[i] -= rate * step[i];
  for (let c = 0; c < CLASSES; c++) bias[c] -= rate * biasStep[c];
}

/** The class with the greatest logit of each row. @param {Float32Array} logits */
export const predictions = (logits) =>
  Int32Array.from({ length: logits.length / CLASSES }, (_, row) => {
    const own = logits.subarray(row * CLASSES, (row + 1) * CLASSES);
    return own.indexOf(Math.max(...own));
  });
