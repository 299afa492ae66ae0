// Results that make the memory grow in the middle of a call are as right as any.
import { describe, expect, it } from 'vitest';
import { loadSync } from '../../src/index.ts';

type Any = any;

describe.each(['softmax', 'logSoftmax', 'logSumExp', 'sigmoid'])('%s', (name) => {
  it.each(['value', 'grad'])('%s of a tensor whose result does not fit any more', (call) => {
    const [F, roomy] = [loadSync({ memory: { initial: 1 } }), loadSync()] as Any[];
    const shape = [110, 30];
    const numbers = Float32Array.from({ length: 3300 }, (_, i) => Math.sin(i));
    const run = (L: Any): Float32Array => {
      const x = L.tensor(numbers, shape);
      const g = name === 'logSumExp' ? L.tensor(numbers.subarray(0, 110)) : x;
      // nothing is left
      const room = L.memory.capacity - L.memory.bytesInUse - 128;
      if (L === F) L.zeros([room], 'u8');
      return (call === 'value' ? L[name](x) : L[name].grad(x, g)).data;
    };
    expect(run(F)).toEqual(run(roomy));
  });
});

it('a step on nothing at all, after the memory grew', () => {
  const F = loadSync({ memory: { initial: 1 } });
  const nothing = { data: new Float64Array(0), shape: [1, 0] };
  const step = F.huber.prepare(nothing, nothing, { reduction: 'sum' });
  const empty = F.zeros([0]);
  const held = empty.data;
  expect([step(), held.length]).toEqual([0, 0]);
  F.zeros([1 << 20]);
  expect(step()).toBe(0);
  expect(empty.data.buffer).toBe(F.memory.buffer);
});
