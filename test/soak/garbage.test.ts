// What a call leaves to the garbage collector: a number may be boxed, a step of a training loop allocates nothing else.
import { describe, expect, it } from 'vitest';
import { type LossFunctions, load } from '../../src/index.ts';
import { backends } from '../instances.ts';
import { inputsOf } from '../losses/inputs.ts';
import { rows } from '../rows/index.ts';
import { bytesPerCall } from './gauge.ts';

type Any = any;
// measured: 16 bytes on wasm, 32 on js
const STEP = { calls: 20_000, rounds: 5, most: { wasm: 24, js: 64 } };
// measured: values 665–940 (elementwise) and 910–1370 (classes), gradients 910–1230 and 1260–1790
const PLAIN = { calls: 200, rounds: 31, most: { value: 1500, grad: 2000 } };

describe.each(backends)('%s', async (backend) => {
  const F: LossFunctions = await load({ backend });
  const any = F as Any;

  it.each(Object.values(rows))('a prepared step of $loss', (row) => {
    const { input, target, options } = inputsOf(row, row.variants[0], 'f32');
    const x = any.tensor(input.data, input.shape);
    const t = any.tensor(target.data, target.shape);
    const step = any[row.loss].prepare(x, t, options);
    expect(bytesPerCall(step, STEP.calls, STEP.rounds)).toBeLessThanOrEqual(STEP.most[backend]);
    step.dispose();
  });

  it.each(Object.values(rows))('a plain call of $loss on tensors', (row) => {
    const { input, target } = inputsOf(row, row.variants[0], 'f32');
    const x = any.tensor(input.data, input.shape);
    const t = any.tensor(target.data, target.shape);
    const out = any.tensor(input.shape);
    const loss = any[row.loss];
    const options = { out };
    const bytes = bytesPerCall(() => loss(x, t), PLAIN.calls, PLAIN.rounds);
    const writing = bytesPerCall(() => loss.grad(x, t, options), PLAIN.calls, PLAIN.rounds);
    expect(bytes).toBeLessThanOrEqual(PLAIN.most.value);
    expect(writing).toBeLessThanOrEqual(PLAIN.most.grad);
  });
});
