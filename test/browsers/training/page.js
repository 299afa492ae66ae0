// Runs in a page: trains with our cross entropy and with TensorFlow.js's own on every backend, and leaves the losses in the title.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgl';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as layers from '@tensorflow/tfjs-layers';
import { load } from 'simdloss';
import { lossFor } from 'simdloss/tfjs';

const [ROWS, FEATURES, CLASSES] = [96, 6, 5];

async function trained(/** @type {any} */ loss) {
  const model = layers.sequential();
  const kernelInitializer = layers.initializers.glorotUniform({ seed: 1 });
  model.add(layers.layers.dense({ inputShape: [FEATURES], units: CLASSES, kernelInitializer }));
  model.compile({ optimizer: tf.train.sgd(0.5), loss });
  const x = tf.randomNormal([ROWS, FEATURES], 0, 1, 'float32', 2);
  const y = tf.oneHot(tf.argMax(tf.slice(x, [0, 0], [ROWS, CLASSES]), 1), CLASSES);
  const classWeight = { 0: 1, 1: 2, 2: 3, 3: 1, 4: 1 };
  const settings = { epochs: 3, batchSize: 20, shuffle: false, verbose: 0, classWeight };
  const { history } = await model.fit(x, y, settings);
  return history.loss;
}

async function see() {
  setWasmPaths('/wasm/');
  const F = await load();
  /** @type {Record<string, unknown>} */
  const saw = {};
  for (const backend of ['cpu', 'wasm', 'webgl']) {
    if (!(await tf.setBackend(backend).catch(() => false))) continue;
    const loss = lossFor(tf, F, 'crossEntropy');
    const own = (/** @type {any} */ t, /** @type {any} */ x) =>
      tf.neg(tf.sum(tf.mul(tf.cast(t, 'float32'), tf.logSoftmax(x)), -1));
    await trained(loss);
    const before = F.memory.bytesInUse;
    saw[backend] = {
      ours: await trained(loss),
      theirs: await trained(own),
      more: F.memory.bytesInUse - before,
    };
    loss.dispose();
  }
  return saw;
}

see().then(
  (saw) => {
    document.title = JSON.stringify(saw);
  },
  (error) => {
    document.title = JSON.stringify({ error: `${error?.message} ${error?.stack}` });
  },
);
