// Predictions of 16 bits: the state of their f32s.
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/evaluate/index.ts';
import { bitsOf, numberOf } from '../../src/half.ts';
import { backends, loaded } from '../instances.ts';
import { random } from '../random.ts';

type Any = any;
const kinds = ['f16', 'bf16'] as const;

describe.each(backends)('%s', (backend) => {
  const F = loaded[backend] as Any;
  const r = random(8);
  const shape = [3, 5, 40];
  const drawn = (of: () => number, sizes = shape) => ({
    data: Float32Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, of),
    shape: sizes,
  });
  const logits = drawn(() => 8 * r() - 4);
  const labels = { data: Int32Array.from({ length: 120 }, () => Math.floor(5 * r())), shape: [3, 40] };
  const rows = drawn(() => 8 * r() - 4, [3, 40, 5]);
  const bits = drawn(() => Number(r() < 0.4));
  const setups: [Any, Any, Any][] = [
    [
      { loss: 'crossEntropy', figures: ['accuracy', 'perplexity', 'entropy', 'brier', 'ece'] },
      logits,
      labels,
    ],
    [{ loss: 'crossEntropy', figures: ['perplexity', 'ece'], temperature: 1.5, softcap: 9 }, logits, labels],
    [{ loss: 'crossEntropy', figures: ['perplexity'], axis: -1, shift: 1 }, rows, labels],
    [{ loss: 'bceWithLogits', figures: ['accuracy', 'auc', 'brier', 'ece'] }, logits, bits],
    [{ loss: 'bce', figures: ['accuracy', 'auc', 'brier'] }, drawn(r), bits],
    [{ loss: 'mse', figures: ['mae', 'rmse', 'r2'] }, logits, drawn(() => 2 * r())],
    [{ loss: 'nll', figures: ['accuracy'] }, drawn(() => -3 * r()), labels],
  ];
  it.each(setups)('%o', (setup, input, target) => {
    for (const kind of kinds) {
      const data = Uint16Array.from(input.data as Float32Array, (x) => bitsOf(kind, x));
      const half = { data, shape: input.shape, dtype: kind };
      const wide = { data: Float32Array.from(data, (b) => numberOf(kind, b)), shape: input.shape };
      const sampleWeight = setup.figures.includes('auc')
        ? undefined
        : { data: labels.data.map((l) => l + 1), shape: [3, 40] };
      const options = target === labels ? { sampleWeight } : {};
      const states = [half, wide, F.tensor(half)].map((x) => evaluate(F, setup).add(x, target, options));
      const [a, b, c] = states.map((e) => e.state());
      expect(a).toEqual(b);
      expect(c).toEqual(b);
      expect(states[0].result()).toEqual(states[1].result());
      expect(a.dtype).toBe('f32');
    }
  });
});
