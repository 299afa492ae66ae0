// A network of two layers trained for an epoch, with losses of several makes.
import type { LossFunctions } from 'simdloss';
import { anyLossFor, tf } from '../../test/tfjs/tfjs.ts';

export const makes = ['none', 'simdloss', 'simdloss, indices', 'tfjs'] as const;
export type Make = (typeof makes)[number];

export const ROWS = 2048;
export const BATCH = 128;
const FEATURES = 64;
const HIDDEN = 64;
const RATE = 0.1;

export interface Epoch {
  /** Trains for one epoch; the loss of the last batch. */
  run(): number;
  dispose(): void;
}

/** A scalar of nothing, with a gradient at hand: what all else of an epoch takes. */
function noLoss(classes: number): (target: unknown, x: any) => any {
  const gradient = tf.keep(tf.randomNormal([BATCH, classes], 0, 1 / BATCH, 'float32', 5));
  return (_, x) => tf.customGrad(() => ({ value: tf.scalar(0), gradFunc: () => tf.clone(gradient) }))(x);
}

/** An epoch for each make, with the same data and the same weights in the beginning. */
export function epochs(F: LossFunctions, classes: number): Record<Make, Epoch> {
  const batches = (tensor: any): any[] => tf.split(tensor, ROWS / BATCH);
  const xs = batches(tf.randomNormal([ROWS, FEATURES], 0, 1, 'float32', 1));
  const all = tf.cast(tf.randomUniform([ROWS], 0, classes, 'float32', 2), 'int32');
  const labels = batches(all);
  const oneHot = batches(tf.cast(tf.oneHot(all, classes), 'float32'));
  const ours = anyLossFor(tf, F, 'crossEntropy');
  const mean = (target: any, x: any): any => tf.mean(ours(target, x));
  return {
    none: epoch(xs, oneHot, classes, noLoss(classes)),
    simdloss: epoch(xs, oneHot, classes, mean),
    'simdloss, indices': epoch(xs, labels, classes, mean),
    tfjs: epoch(xs, oneHot, classes, (target, x) => tf.losses.softmaxCrossEntropy(target, x)),
  };
}

function epoch(
  xs: readonly any[],
  targets: readonly any[],
  classes: number,
  loss: (target: any, x: any) => any,
): Epoch {
  const layer = (from: number, to: number, seed: number): any[] => [
    tf.variable(tf.randomNormal([from, to], 0, 0.1, 'float32', seed)),
    tf.variable(tf.zeros([to])),
  ];
  const [first, second] = [layer(FEATURES, HIDDEN, 3), layer(HIDDEN, classes, 4)];
  const dense = (x: any, [kernel, bias]: any[]): any => tf.add(tf.matMul(x, kernel), bias);
  const variables = [...first, ...second];
  const optimizer = tf.train.sgd(RATE);
  return {
    run() {
      let last = 0;
      for (const [i, x] of xs.entries()) {
        const cost = optimizer.minimize(
          () => loss(targets[i], dense(tf.relu(dense(x, first)), second)),
          true,
          variables,
        );
        [last] = cost.dataSync();
        cost.dispose();
      }
      return last;
    },
    dispose: () => tf.dispose(variables),
  };
}
