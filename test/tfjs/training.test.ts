// Models of tfjs-layers trained with our losses, beside its own: the same weights in the beginning, the same loss in the end.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { lossFor } from '../../src/tfjs/index.ts';
import { between, random } from '../random.ts';
import { anyLossFor, backends, data, isThere, layers, tf, use } from './tfjs.ts';

const F = await load();
afterAll(() => F.dispose());

const ROWS = 200;
const FEATURES = 6;
const CLASSES = 4;
const EPOCHS = 3;
/** The last batch is a smaller one. */
const BATCH = 32;

const r = random(3);
const numbers = (count: number, low: number, high: number) =>
  Float32Array.from({ length: count }, () => between(low, high)(r));
const X = numbers(ROWS * FEATURES, -1, 1);
const LABELS = Int32Array.from({ length: ROWS }, (_, i) => (X[i * FEATURES] > 0 ? 2 : 0) + Number(r() < 0.3));
const TARGETS = {
  numbers: numbers(ROWS * CLASSES, -1, 1),
  binary: Float32Array.from({ length: ROWS * CLASSES }, () => Number(r() < 0.4)),
  oneHot: Float32Array.from({ length: ROWS * CLASSES }, (_, i) =>
    Number(LABELS[Math.floor(i / CLASSES)] === i % CLASSES),
  ),
};
const CLASS_WEIGHT = { 0: 0.5, 1: 3, 2: 1.5, 3: 0.25 };

type Activation = 'linear' | 'sigmoid' | 'softmax';
const compiled = (loss: unknown, activation: Activation, metrics: unknown[] = []): any => {
  const model = layers.sequential();
  const kernel = (seed: number) => layers.initializers.glorotUniform({ seed });
  const layer = (units: number, seed: number, kind: string, more = {}) =>
    layers.layers.dense({ units, activation: kind, kernelInitializer: kernel(seed), ...more });
  model.add(layer(8, 1, 'tanh', { inputShape: [FEATURES] }));
  model.add(layer(CLASSES, 2, activation));
  model.compile({ optimizer: tf.train.sgd(0.2), loss, metrics });
  return model;
};

async function trained(model: any, target: Float32Array, options = {}): Promise<number[]> {
  const x = tf.tensor2d(X, [ROWS, FEATURES]);
  const y = tf.tensor2d(target, [ROWS, CLASSES]);
  const settings = { epochs: EPOCHS, batchSize: BATCH, shuffle: false, verbose: 0, ...options };
  const { history } = await model.fit(x, y, settings);
  tf.dispose([x, y]);
  return history.loss;
}

/** Four digits. */
function expectSame(actual: readonly number[], wanted: readonly number[]): void {
  expect(actual).toHaveLength(EPOCHS);
  expect(wanted[0]).not.toBe(wanted[EPOCHS - 1]);
  for (let i = 0; i < EPOCHS; i++) expect(actual[i] / wanted[i]).toBeCloseTo(1, 4);
}

/** One of tf.losses, or of tfjs-layers by its name. */
const theirs = (name: string): unknown =>
  name.startsWith('tf.losses.')
    ? (yTrue: any, yPred: any) => tf.losses[name.slice('tf.losses.'.length)](yTrue, yPred)
    : name;

const PAIRS: readonly [string, string, object, Activation, keyof typeof TARGETS][] = [
  ['meanSquaredError', 'mse', {}, 'linear', 'numbers'],
  ['meanAbsoluteError', 'l1', {}, 'linear', 'numbers'],
  ['tf.losses.huberLoss', 'huber', {}, 'linear', 'numbers'],
  ['hinge', 'hinge', {}, 'linear', 'numbers'],
  ['squaredHinge', 'squaredHinge', {}, 'linear', 'numbers'],
  ['logcosh', 'logCosh', {}, 'linear', 'numbers'],
  ['binaryCrossentropy', 'bce', { eps: 1e-7 }, 'sigmoid', 'binary'],
  ['tf.losses.sigmoidCrossEntropy', 'bceWithLogits', {}, 'linear', 'binary'],
  ['tf.losses.softmaxCrossEntropy', 'crossEntropy', {}, 'linear', 'oneHot'],
  ['categoricalCrossentropy', 'crossEntropy', { fromLogits: false, eps: 1e-7 }, 'softmax', 'oneHot'],
];

describe.skipIf(!isThere).each(backends)('%s', (backend) => {
  beforeAll(() => use(backend));

  it.each(PAIRS)('%s', async (there, here, options, activation, target) => {
    const loss = anyLossFor(tf, F, here, options);
    const wanted = await trained(compiled(theirs(there), activation), TARGETS[target]);
    expectSame(await trained(compiled(loss, activation), TARGETS[target]), wanted);
    loss.dispose();
  });

  // a scalar would be weighted as a whole
  it.each([
    ['meanSquaredError', 'mse', {}, 'linear'],
    ['categoricalCrossentropy', 'crossEntropy', { fromLogits: false, eps: 1e-7 }, 'softmax'],
  ] as const)('class weights: %s', async (there, here, options, activation) => {
    const more = { classWeight: CLASS_WEIGHT };
    const loss = anyLossFor(tf, F, here, options);
    const wanted = await trained(compiled(there, activation), TARGETS.oneHot, more);
    expectSame(await trained(compiled(loss, activation), TARGETS.oneHot, more), wanted);
    const without = await trained(compiled(loss, activation), TARGETS.oneHot);
    expect(Math.abs(without[EPOCHS - 1] / wanted[EPOCHS - 1] - 1)).toBeGreaterThan(0.01);
    loss.dispose();
  });

  it.each([
    ['int32', [BATCH]],
    ['int32', [BATCH, 1]],
    ['float32', [BATCH, 1]],
  ])('index labels in fitDataset: %s %j', async (dtype, shape) => {
    const batches = (labels: boolean) =>
      data.generator(function* () {
        for (let at = 0; at + BATCH <= ROWS; at += BATCH)
          yield {
            xs: tf.tensor2d(X.slice(at * FEATURES, (at + BATCH) * FEATURES), [BATCH, FEATURES]),
            ys: labels
              ? tf.tensor([...LABELS.slice(at, at + BATCH)], shape, dtype)
              : tf.tensor2d(TARGETS.oneHot.slice(at * CLASSES, (at + BATCH) * CLASSES), [BATCH, CLASSES]),
          };
      });
    const loss = lossFor(tf, F, 'crossEntropy');
    const settings = { epochs: EPOCHS, verbose: 0 };
    const wanted = await compiled(theirs('tf.losses.softmaxCrossEntropy'), 'linear').fitDataset(
      batches(false),
      settings,
    );
    const ours = await compiled(loss, 'linear').fitDataset(batches(true), settings);
    expectSame(ours.history.loss, wanted.history.loss);
    loss.dispose();
  });

  it('is a metric, and what evaluate() returns', async () => {
    const loss = lossFor(tf, F, 'mse');
    const model = compiled(loss, 'linear', [loss]);
    expect(model.metricsNames).toEqual(['loss', 'mse']);
    await trained(model, TARGETS.numbers);
    const wanted = compiled('meanSquaredError', 'linear');
    await trained(wanted, TARGETS.numbers);
    const [x, y] = [tf.tensor2d(X, [ROWS, FEATURES]), tf.tensor2d(TARGETS.numbers, [ROWS, CLASSES])];
    const [value, metric] = model.evaluate(x, y);
    expect(value.dataSync()[0]).toBeCloseTo(wanted.evaluate(x, y).dataSync()[0], 5);
    expect(metric.dataSync()[0]).toBeCloseTo(value.dataSync()[0], 6);
    loss.dispose();
  });

  it('two outputs with one loss have gradients of their own', async () => {
    const twice = (loss: unknown) => {
      const input = layers.input({ shape: [FEATURES] });
      const output = (seed: number) =>
        layers.layers
          .dense({ units: CLASSES, kernelInitializer: layers.initializers.glorotUniform({ seed }) })
          .apply(input);
      const model = layers.model({ inputs: input, outputs: [output(1), output(2)] });
      model.compile({ optimizer: tf.train.sgd(0.2), loss });
      return model;
    };
    const run = async (loss: unknown): Promise<number[]> => {
      const x = tf.tensor2d(X, [ROWS, FEATURES]);
      const y = [TARGETS.numbers, TARGETS.binary].map((target) => tf.tensor2d(target, [ROWS, CLASSES]));
      const settings = { epochs: EPOCHS, batchSize: BATCH, shuffle: false, verbose: 0 };
      return (await twice(loss).fit(x, y, settings)).history.loss;
    };
    const loss = lossFor(tf, F, 'mse');
    expectSame(await run(loss), await run('meanSquaredError'));
    loss.dispose();
  });
});
