// What a call leaves to the garbage collector: a number may be boxed, a step of a training loop allocates nothing else.
import { describe, expect, it } from 'vitest';
import { type LossFunctions, load } from '../../src/index.ts';
import { backends } from '../instances.ts';
import { inputsOf } from '../losses/inputs.ts';
import { rows } from '../rows/index.ts';
import { bytesPerCall } from './gauge.ts';

type Any = any;
const STEP = { calls: 20_000, most: { wasm: 24, js: 64 } };
const PLAIN = { calls: 400, most: { wasm: 1e9, js: 1e9 } };

describe.each(backends)('%s', async (backend) => {
  const F: LossFunctions = await load({ backend });
  const any = F as Any;

  it.each(Object.values(rows))('a prepared step of $loss', (row) => {
    for (const variant of row.variants.slice(0, 1)) {
      const { input, target, options } = inputsOf(row, variant, 'f32');
      const x = any.tensor(input.data, input.shape);
      const t = any.tensor(target.data, target.shape);
      const step = any[row.loss].prepare(x, t, options);
      const bytes = bytesPerCall(step, STEP.calls);
      if (process.env.SHOW) console.log(backend, row.loss, 'step', bytes);
      expect(bytes).toBeLessThanOrEqual(STEP.most[backend]);
      step.dispose();
    }
  });

  it.each(Object.values(rows))('a plain call of $loss on tensors', (row) => {
    const { input, target } = inputsOf(row, row.variants[0], 'f32');
    const x = any.tensor(input.data, input.shape);
    const t = any.tensor(target.data, target.shape);
    const out = any.tensor(input.shape);
    const loss = any[row.loss];
    const options = { out };
    const bytes = bytesPerCall(() => loss(x, t), PLAIN.calls);
    const writing = bytesPerCall(() => loss.grad(x, t, options), PLAIN.calls);
    if (process.env.SHOW) console.log(backend, row.loss, 'plain', bytes, 'grad', writing);
    expect(bytes).toBeLessThanOrEqual(PLAIN.most[backend]);
    expect(writing).toBeLessThanOrEqual(PLAIN.most[backend]);
  });
});
