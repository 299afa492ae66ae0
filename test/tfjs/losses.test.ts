// Every loss of the registry under TensorFlow.js: values, gradients, and its own losses where it has the same.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { registry } from '../../src/losses/registry.ts';
import { type Case, cases, type Given, SAMPLES, WIDTH } from './cases.ts';
import { anyLossFor, backends, isThere, tf, use } from './tfjs.ts';

const F = await load();
afterAll(() => F.dispose());

/** As tfjs calls it. */
const inOrder = <T>(inputs: readonly T[]): T[] =>
  inputs.length === 2 ? [inputs[1], inputs[0]] : [...inputs];
const tensorOf = ({ data, shape, dtype }: Given): any => tf.tensor([...data], [...shape], dtype);

/** A value for each sample, by the loss itself in f64. */
function valuesOf({ name, inputs }: Case, data: readonly (readonly number[])[]): number[] {
  const given = inputs.map(({ shape, dtype }, i) => ({
    data: dtype === 'int32' ? Int32Array.from(data[i]) : Float64Array.from(data[i]),
    shape,
  }));
  const axis = Object.hasOwn(registry[name].options, 'axis') ? { axis: -1 } : {};
  const loss = F[name] as unknown as (...inputs: unknown[]) => { data: Float64Array };
  const terms = loss(...given, { ...axis, reduction: 'none' }).data;
  const each = terms.length / SAMPLES;
  return Array.from({ length: SAMPLES }, (_, i) =>
    terms.subarray(i * each, (i + 1) * each).reduce((sum, term) => sum + term / each, 0),
  );
}

/** Central differences of Σ cᵢ valueᵢ with respect to one input. */
function slopes(which: Case, input: number, upstream: readonly number[]): number[] {
  const data = which.inputs.map((given) => [...given.data]);
  const total = (): number => valuesOf(which, data).reduce((sum, value, i) => sum + upstream[i] * value, 0);
  const h = 1e-5;
  return data[input].map((x, i) => {
    data[input][i] = x + h;
    const above = total();
    data[input][i] = x - h;
    const below = total();
    data[input][i] = x;
    return (above - below) / (2 * h);
  });
}

function expectClose(actual: ArrayLike<number>, wanted: readonly number[], bound: number): void {
  expect(actual).toHaveLength(wanted.length);
  const largest = Math.max(1, ...wanted.map(Math.abs));
  for (let i = 0; i < wanted.length; i++)
    expect(Math.abs(actual[i] - wanted[i]), `${i}: ${actual[i]} for ${wanted[i]}`).toBeLessThan(
      bound * largest,
    );
}

describe.skipIf(!isThere).each(backends)('%s', (backend) => {
  beforeAll(() => use(backend));

  describe.each(cases)('$name', (which) => {
    const { name, inputs, hasGradient } = which;
    const data = inputs.map((given) => given.data);
    const loss = isThere ? anyLossFor(tf, F, name) : undefined!;
    afterAll(() => loss?.dispose());

    it('has a value for each sample', () => {
      const value = loss(...inOrder(inputs.map(tensorOf)));
      expect(value.shape).toEqual([SAMPLES]);
      expectClose(value.dataSync(), valuesOf(which, data), 4e-6);
    });

    // what comes from upstream is never the same, then always
    it.each([
      ['once', [0.5, -1, 2, 0, 1, 0.25]],
      ['another', [1, 1, 0.5, -2, 0, 3]],
      ['again', [1, 1, 0.5, -2, 0, 3]],
      ['once more', [1, 1, 0.5, -2, 0, 3]],
      ['as of a sum', Array(SAMPLES).fill(1)],
    ])('has the gradients that differences have: %s', (_, upstream) => {
      const of = inputs.flatMap((_, i) => (hasGradient[i] ? [i] : []));
      expect(of.length).toBeGreaterThan(0);
      const all = inputs.map(tensorOf);
      const gradients = tf.grads((...given: any[]) => {
        const now = all.map((tensor, i) => (hasGradient[i] ? given[of.indexOf(i)] : tensor));
        return loss(...inOrder(now));
      })(
        of.map((i) => all[i]),
        tf.tensor1d(upstream),
      );
      for (const [k, i] of of.entries()) {
        expect(gradients[k].shape).toEqual(inputs[i].shape);
        expectClose(gradients[k].dataSync(), slopes(which, i, upstream), 2e-5);
      }
    });
  });

  const PROBABILITIES = cases.find(({ name }) => name === 'bce')!.inputs;
  const LOGITS = cases.find(({ name }) => name === 'bceWithLogits')!.inputs;
  const NUMBERS = cases.find(({ name }) => name === 'mse')!.inputs;
  const binary = (given: Given): Given => ({ ...given, data: given.data.map((x) => Number(x > 0.5)) });
  const ONE_HOT: Given = {
    ...LOGITS[1],
    data: LOGITS[1].data.map((_, i) => Number(i % WIDTH === (2 * Math.floor(i / WIDTH)) % WIDTH)),
  };

  it.each<[string, string, object, Given, Given, unknown[]]>([
    ['absoluteDifference', 'l1', {}, ...(NUMBERS as [Given, Given]), []],
    ['meanSquaredError', 'mse', {}, ...(NUMBERS as [Given, Given]), []],
    ['huberLoss', 'huber', {}, ...(NUMBERS as [Given, Given]), []],
    ['hingeLoss', 'hinge', { labels: 'binary' }, LOGITS[0], binary(LOGITS[1]), []],
    ['logLoss', 'bce', { eps: 1e-7, epsMode: 'add' }, PROBABILITIES[0], PROBABILITIES[1], []],
    ['sigmoidCrossEntropy', 'bceWithLogits', {}, ...(LOGITS as [Given, Given]), []],
    ['softmaxCrossEntropy', 'crossEntropy', {}, LOGITS[0], ONE_HOT, []],
    ['cosineDistance', 'cosineDistance', { normalize: false }, ...(NUMBERS as [Given, Given]), [1]],
  ])('tf.losses.%s is the mean of %s', (there, here, options, x, y, more) => {
    const loss = anyLossFor(tf, F, here, options);
    const target = tensorOf(y);
    const own = tf.valueAndGrad((input: any) => tf.losses[there](target, input, ...more))(tensorOf(x));
    const ours = tf.valueAndGrad((input: any) => tf.mean(loss(target, input)))(tensorOf(x));
    expectClose(ours.value.dataSync(), [...own.value.dataSync()], 2e-6);
    expectClose(ours.grad.dataSync(), [...own.grad.dataSync()], 2e-6);
  });
});
