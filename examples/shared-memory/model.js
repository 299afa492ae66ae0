// A worker: a linear model whose products are another module's. It writes logits where the loss reads them, and reads the
// gradient where the loss wrote it. (JavaScript, as Node 20's workers take no TypeScript.)
import { parentPort, workerData } from 'node:worker_threads';
import { DONE, LOSS, pass, wait } from './turn.js';

/**
 * @typedef {object} ModelData
 * @property {WebAssembly.Memory} memory
 * @property {BufferSource} module
 * @property {number} rows
 * @property {number} features
 * @property {number} classes
 * @property {number} rate
 * @property {{ turn: number, x: number, weights: number, logits: number, gradient: number }} at addresses in the memory
 */

/** @type {ModelData} */
const { memory, module, rows, features, classes, rate, at } = workerData;
const { instance } = await WebAssembly.instantiate(module, { env: { memory } });
const axpy = /** @type {(to: number, from: number, scale: number, n: number) => void} */ (
  instance.exports.axpy
);

const x = new Float32Array(memory.buffer, at.x, rows * features);
const logits = new Float32Array(memory.buffer, at.logits, rows * classes);
const turn = new Int32Array(memory.buffer, at.turn, 1);

/**
 * For every row and feature: where the row's classes begin, where the feature's weights, and the value.
 * @param {(row: number, weights: number, value: number) => void} visit
 */
function each(visit) {
  for (let row = 0; row < rows; row++) {
    for (let f = 0; f < features; f++) {
      visit(4 * classes * row, at.weights + 4 * classes * f, x[row * features + f]);
    }
  }
}

/** logits = x · weights */
function predict() {
  logits.fill(0);
  each((row, weights, value) => axpy(at.logits + row, weights, value, classes));
}

/** weights −= rate · xᵀ · gradient */
function learn() {
  each((row, weights, value) => axpy(weights, at.gradient + row, -rate * value, classes));
}

parentPort?.postMessage('ready');
predict();
pass(turn, LOSS);
while (wait(turn, LOSS) !== DONE) {
  learn();
  predict();
  pass(turn, LOSS);
}
