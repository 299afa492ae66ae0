// Full-batch gradient descent on one backend. Logits and gradient live in the instance's memory: the model writes the one
// and reads the other there, nothing is copied.
import { CLASSES } from './digits.js';
import { descend, forward, predictions } from './model.js';

const RATE = 0.5;

/**
 * @typedef {import('simdloss').LossFunctions} LossFunctions
 * @typedef {import('./digits.js').Split} Split
 * @typedef {import('./model.js').Model} Model
 */

export class Trainer {
  /** @param {LossFunctions} F @param {Split} training @param {Split} heldOut */
  constructor(F, training, heldOut) {
    this.F = F;
    this.training = training;
    this.heldOut = heldOut;
    this.logits = F.zeros([training.rows, CLASSES]);
    this.labels = F.tensor(training.labels, [training.rows]);
    this.gradient = F.zeros([training.rows, CLASSES]);
    this.heldOutLogits = F.zeros([heldOut.rows, CLASSES]);
    this.heldOutLabels = F.tensor(heldOut.labels, [heldOut.rows]);
    this.call = this.prepare(0);
  }

  /** @param {number} labelSmoothing */
  smooth(labelSmoothing) {
    this.call.dispose();
    this.call = this.prepare(labelSmoothing);
  }

  /** The training loss of the model as it is; the gradient is written. @param {Model} model @returns {number} */
  evaluate(model) {
    forward(model, this.training.pixels, this.logits.data);
    return this.call();
  }

  /** @param {Model} model @returns {number} the training loss before the step */
  step(model) {
    const loss = this.evaluate(model);
    descend(model, this.training.pixels, this.gradient.data, RATE);
    return loss;
  }

  /** @param {Model} model */
  test(model) {
    const { F, heldOut, heldOutLogits, heldOutLabels } = this;
    forward(model, heldOut.pixels, heldOutLogits.data);
    const read = predictions(heldOutLogits.data);
    const right = read.filter((label, row) => label === heldOut.labels[row]).length;
    return { loss: F.crossEntropy(heldOutLogits, heldOutLabels), accuracy: right / heldOut.rows, read };
  }

  /** Milliseconds for one call of the loss, the best of a few series. */
  time() {
    const CALLS = 40;
    let best = Number.POSITIVE_INFINITY;
    for (let series = 0; series < 5; series++) {
      const start = performance.now();
      for (let i = 0; i < CALLS; i++) this.call();
      best = Math.min(best, (performance.now() - start) / CALLS);
    }
    return best;
  }

  /** @param {number} labelSmoothing */
  prepare(labelSmoothing) {
    return this.F.crossEntropy.prepare(this.logits, this.labels, { out: this.gradient, labelSmoothing });
  }
}
