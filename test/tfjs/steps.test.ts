// What a step of training costs: passes, kernels of tfjs, memory on both sides; and what is refused.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LossFunctions, load } from '../../src/index.ts';
import { lossFor } from '../../src/tfjs/index.ts';
import { anyLossFor, backends, isThere, tf, use } from './tfjs.ts';

let F: LossFunctions;
beforeEach(async () => {
  F = await load();
});
afterEach(() => F.dispose());

const ROWS = 8;
const CLASSES = 12;
const prediction = (rows = ROWS): any => tf.randomNormal([rows, CLASSES], 0, 1, 'float32', 1);
const labels = (rows = ROWS): any =>
  tf.tensor1d(
    Array.from({ length: rows }, (_, i) => (5 * i) % CLASSES),
    'int32',
  );

/** An instance that notes which steps of cross entropy run. */
function watched(): { G: LossFunctions; runs: string[] } {
  const runs: string[] = [];
  const prepare = (...given: any[]) => {
    const step = (F.crossEntropy.prepare as any)(...given);
    return Object.assign(
      () => {
        runs.push(given.at(-1).compute);
        return step();
      },
      { dispose: step.dispose },
    );
  };
  const { family, inputs, options } = F.crossEntropy;
  const crossEntropy = Object.assign(() => 0, { family, inputs, options, prepare });
  return { G: { zeros: F.zeros, crossEntropy } as unknown as LossFunctions, runs };
}

const codeOf = (call: () => unknown): string => {
  try {
    call();
    return 'none';
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as Error).message}`;
  }
};

describe.skipIf(!isThere).each(backends)('%s', (backend) => {
  beforeAll(() => use(backend));

  it('is one pass where the upstream gradient can be told beforehand, and right where it cannot', () => {
    const { G, runs } = watched();
    const loss = lossFor(tf, G, 'crossEntropy');
    const [x, t] = [prediction(), labels()];
    const run = (reduce: (values: any) => any): string => {
      runs.length = 0;
      tf.tidy(() => tf.grad((input: any) => reduce(loss(t, input)))(x));
      return runs.join(' ');
    };
    expect(run(tf.mean)).toBe('valueAndGrad'); // the first time, too
    expect(run(tf.mean)).toBe('valueAndGrad');
    expect(run(tf.sum)).toBe('valueAndGrad grad');
    expect(run(tf.sum)).toBe('value grad'); // and now it is expected
    expect(run(tf.sum)).toBe('valueAndGrad');
    expect(run((values) => tf.mean(tf.mul(values, 3)))).toBe('valueAndGrad grad');
    const weighted = (weight: number) => (values: any) => tf.mean(tf.mul(values, weight));
    for (const weight of [4, 5, 6]) expect(run(weighted(weight))).toBe('value grad');
    runs.length = 0;
    loss(t, x); // nobody takes gradients
    expect(runs).toEqual(['value']);
  });

  it('multiplies no gradient', async () => {
    const loss = lossFor(tf, F, 'crossEntropy');
    const [x, t] = [prediction(), labels()];
    const { kernels } = await tf.profile(() => tf.grad((input: any) => tf.mean(loss(t, input)))(x));
    expect(kernels.length).toBeGreaterThan(2);
    const large = kernels.filter(({ outputShapes }: any) =>
      outputShapes.some((shape: any) => shape?.length === 2),
    );
    expect(large.map(({ name }: any) => name).filter((name: string) => name !== 'Identity')).toEqual([]);
  });

  it('takes no more memory from step to step, here and there', () => {
    const loss = lossFor(tf, F, 'crossEntropy');
    const oneHot = (rows: number): any => tf.cast(tf.oneHot(labels(rows), CLASSES), 'float32');
    const weight = tf.variable(prediction(CLASSES));
    const x = [ROWS, 5].map(prediction);
    const t = [ROWS, 5].flatMap((rows) => [labels(rows), oneHot(rows)]);
    const step = (): void => {
      for (const [i, target] of t.entries())
        for (const reduce of [tf.mean, tf.sum]) {
          const { value, grads } = tf.variableGrads(() => reduce(loss(target, tf.matMul(x[i >> 1], weight))));
          tf.dispose([value, grads, loss(target, x[i >> 1])]);
        }
    };
    const memory = () => {
      const { numTensors, numBytes, numDataBuffers } = tf.memory();
      const { bytesInUse, liveTensors } = F.memory;
      return { numTensors, numBytes, numDataBuffers, bytesInUse, liveTensors };
    };
    step();
    const before = memory();
    for (let i = 0; i < 20; i++) step();
    expect(memory()).toEqual(before);
    expect(before.liveTensors).toBeGreaterThan(0);
    loss.dispose();
    expect(F.memory.liveTensors).toBe(0);
    step(); // prepares anew
    expect(memory()).toEqual(before);
    tf.dispose([weight, ...x, ...t]);
  });

  it('prepares eight sets of shapes at most', () => {
    const { liveTensors } = F.memory;
    const loss = lossFor(tf, F, 'crossEntropy');
    const one = (rows: number) => tf.tidy(() => tf.grad((x: any) => loss(labels(rows), x))(prediction(rows)));
    one(1);
    const each = F.memory.liveTensors - liveTensors;
    for (let rows = 2; rows <= 30; rows++) one(rows);
    expect(F.memory.liveTensors - liveTensors).toBe(8 * each);
  });

  it('goes on after a scope of F, and ends with F', () => {
    const loss = lossFor(tf, F, 'crossEntropy');
    const [x, t] = [prediction(), labels()];
    const run = (): number[] => [
      ...tf
        .grad((input: any) => loss(t, input))(x)
        .dataSync(),
    ];
    const wanted = F.scope(run);
    expect(F.memory.liveTensors).toBe(0);
    expect(run()).toEqual(wanted);
    expect(F.scope(run)).toEqual(wanted);
    expect(run()).toEqual(wanted);
    F.dispose();
    expect(codeOf(run)).toMatch(/^ERR_DISPOSED/);
  });

  it('further axes: a sample’s value is the mean of its terms', () => {
    const x = tf.randomNormal([3, 4, CLASSES], 0, 1, 'float32', 2);
    const t = tf.tensor2d(
      Array.from({ length: 12 }, (_, i) => i),
      [3, 4],
      'int32',
    );
    const loss = lossFor(tf, F, 'crossEntropy');
    const own = (input: any) =>
      tf.mean(tf.neg(tf.sum(tf.mul(tf.cast(tf.oneHot(t, CLASSES), 'float32'), tf.logSoftmax(input)), -1)), 1);
    const dy = tf.tensor1d([1, -2, 0.5]);
    const [ours, theirs]: any[] = [(input: any) => loss(t, input), own].map((f) => tf.valueAndGrad(f)(x, dy));
    expect(ours.value.shape).toEqual([3]);
    const difference = (key: string): number => tf.max(tf.abs(tf.sub(ours[key], theirs[key]))).dataSync()[0];
    expect(difference('value')).toBeLessThan(2e-6);
    expect(difference('grad')).toBeLessThan(2e-6);
  });

  it('one-hot labels of any dtype are probabilities', () => {
    const x = prediction();
    const loss = anyLossFor(tf, F, 'crossEntropy');
    const wanted = [...loss(labels(), x).dataSync()];
    const oneHot = tf.oneHot(labels(), CLASSES);
    for (const dtype of ['int32', 'float32', 'bool']) {
      const values = loss(tf.cast(oneHot, dtype), x).dataSync();
      expect([...values].map((v, i) => Math.abs(v - wanted[i]) < 1e-6)).toEqual(Array(ROWS).fill(true));
    }
  });

  it('works with a part of the losses, and without WebAssembly', async () => {
    const G = await load({ backend: 'js' });
    const [x, t] = [prediction(), labels()];
    const of = (instance: LossFunctions): number[] => {
      const loss = lossFor(
        tf,
        { zeros: instance.zeros, crossEntropy: instance.crossEntropy },
        'crossEntropy',
      );
      return [
        ...tf
          .grad((input: any) => loss(t, input))(x)
          .dataSync(),
      ];
    };
    const [wasm, js] = [of(F), of(G)];
    expect(Math.max(...wasm.map((g, i) => Math.abs(g - js[i])))).toBeLessThan(1e-6);
    G.dispose();
  });

  it.each<[string, () => unknown, RegExp]>([
    ['no tf', () => lossFor({} as any, F, 'mse'), /^ERR_TYPE "tf" expected the namespace/],
    ['no instance', () => lossFor(tf, {} as any, 'mse'), /^ERR_TYPE "F" expected an instance/],
    ['no loss', () => lossFor(tf, F, 'softmax' as any), /^ERR_OPTION "name" expected a loss that F has/],
    [
      'a loss of frames',
      () => lossFor(tf, F, 'ctc' as any),
      /^ERR_OPTION "name" expected a loss with samples/,
    ],
    [
      'a loss of weights',
      () => lossFor(tf, F, 'linearCrossEntropy' as any),
      /^ERR_OPTION "name" expected a loss of samples: "linearCrossEntropy" has weights/,
    ],
    [
      'a loss of pairs',
      () => lossFor(tf, F, 'infoNce' as any),
      /^ERR_OPTION "name" expected a loss of samples: "infoNce" is of all pairs of a batch/,
    ],
    ['no loss of the part', () => lossFor(tf, { zeros: F.zeros } as any, 'mse'), /^ERR_OPTION "name"/],
    [
      'a scalar loss',
      () => lossFor(tf, F, 'mse', { reduction: 'mean' } as any),
      /^ERR_OPTION known options are weight, not "reduction"/,
    ],
    [
      'an option of another',
      () => lossFor(tf, F, 'mse', { delta: 1 } as any),
      /^ERR_OPTION known options are weight/,
    ],
    [
      'the axis of samples',
      () => lossFor(tf, F, 'crossEntropy', { axis: 0 })(labels(), prediction()),
      /^ERR_OPTION "axis"/,
    ],
    [
      'one sample without its axis',
      () => lossFor(tf, F, 'crossEntropy')(tf.scalar(1, 'int32'), tf.tensor1d([1, 2])),
      /^ERR_SHAPE "input" expected samples on the first axis, got shape \[2\]/,
    ],
    [
      'integers',
      () => lossFor(tf, F, 'mse')(prediction(), tf.zeros([ROWS, CLASSES], 'int32')),
      /^ERR_DTYPE "input" expected a float32 tensor, got int32/,
    ],
    [
      'texts',
      () => lossFor(tf, F, 'mse')(tf.tensor1d(['a']), tf.tensor1d([1])),
      /^ERR_DTYPE "target" expected a tensor of numbers, got string/,
    ],
    ['other shapes', () => lossFor(tf, F, 'mse')(tf.zeros([ROWS]), tf.zeros([ROWS, 1])), /^ERR_SHAPE/],
    [
      'no class',
      () => lossFor(tf, F, 'crossEntropy')(tf.fill([ROWS, 1], 0.5), prediction()),
      /^ERR_LABEL "target" expected class indices, got 0.5 at 0/,
    ],
    [
      'a class too many',
      () => lossFor(tf, F, 'crossEntropy')(tf.fill([ROWS], CLASSES, 'int32'), prediction()),
      /^ERR_LABEL/,
    ],
    [
      'two inputs of three',
      () => (lossFor(tf, F, 'tripletMargin') as any)(prediction(), prediction()),
      /^ERR_TYPE "tripletMargin" expected 3 tensors \(anchor, positive, negative\), got 2/,
    ],
    [
      'a gradient with respect to labels',
      () => tf.grad((t: any) => lossFor(tf, F, 'nll')(t, prediction()))(tf.zeros([ROWS])),
      /^ERR_OPTION/,
    ],
  ])('refuses %s', (_, call, message) => {
    expect(codeOf(() => tf.tidy(call))).toMatch(message);
  });

  it('says so where a backend does not give its data at once', () => {
    const x = prediction();
    const cause = new Error('not here');
    const far = Object.create(x, {
      dataId: { value: {} },
      dataSync: {
        value: () => {
          throw cause;
        },
      },
    });
    const loss = lossFor(tf, F, 'crossEntropy');
    expect(codeOf(() => loss(labels(), far))).toMatch(/^ERR_UNSUPPORTED the backend that has "input"/);
  });
});
