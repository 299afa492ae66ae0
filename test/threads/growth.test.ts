// Calls whose working space is where a shared memory has grown to after the views of its first size were made.
import { expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { random } from '../random.ts';

type Any = any;

const r = random(31);
const floats = (...shape: number[]) => ({
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => r() - 0.5),
  shape,
});
const labels = (n: number, classes: number) =>
  Int32Array.from({ length: n }, () => Math.floor(classes * r()));
const probabilities = floats(2, 65536, 4);
const calls: Record<string, { readonly inputs: readonly Any[]; readonly options?: object }> = {
  linearCrossEntropy: { inputs: [floats(256, 64), floats(4000, 64), labels(256, 4000)] },
  infoNce: { inputs: [floats(256, 512), floats(256, 512)] },
  ntxent: { inputs: [floats(256, 512), labels(256, 20)] },
  dice: { inputs: [probabilities, probabilities], options: { fromLogits: 'softmax' } },
  crossEntropy: { inputs: [floats(1024, 500), labels(1024, 500)] },
  polyCrossEntropy: { inputs: [floats(1024, 500), labels(1024, 500)] },
};

it.each(Object.entries(calls))('%s', async (name, { inputs, options = {} }) => {
  const one = (await load()) as Any;
  const F = (await load({ threads: 2 })) as Any;
  try {
    // its workers are there from the second call on
    F.l1.valueAndGrad(new Float32Array(2 ** 20), new Float32Array(2 ** 20));
    await new Promise((done) => setTimeout(done, 500));
    const tensors = inputs.map((x) => (x.shape ? F.tensor(x.data, x.shape) : F.tensor(x)));
    const value = F[name](...tensors, options);
    const { grad } = F[name].valueAndGrad(...tensors, options);
    const want = one[name].valueAndGrad(...inputs, options);
    expect(value).toBe(want.value);
    expect(grad.data).toEqual(want.grad.data);
  } finally {
    F.dispose();
    one.dispose();
  }
});
