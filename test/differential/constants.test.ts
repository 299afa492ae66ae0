// Sums of equal terms, where plain f32 accumulation fails first.
import { describe, expect, it } from 'vitest';
import { arrayOf, loaded, matrix } from '../instances.ts';

type Any = any;
/** Of Σ|terms|; f64 is held to what a loss of it is held to. */
const bound = { f32: 2e-7, f64: 1e-13 };

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const near = (what: string, got: number, want: number, least: number) => {
    const error = Math.abs(got - want) / Math.abs(want);
    expect(error, `${what}: ${got}, not ${want}`).toBeLessThanOrEqual(least);
  };
  const n = 1_000_000;
  const filled = (length: number, value: number) => new arrayOf[dtype](length).fill(value);

  it.each([
    ['mse', 0.1],
    ['l1', 0.1],
    ['huber', 0.3],
    ['smoothL1', 1.7],
    ['bce', 0.3],
    ['bceWithLogits', 0.3],
    ['bceWithLogits', -12.5],
    ['klDiv', -0.3],
  ] as const)('a million equal terms: %s at %d', (name, x) => {
    const input = filled(n, x);
    const target = filled(n, name === 'klDiv' ? 0.25 : 0);
    const one = F[name](input.slice(0, 1), target.slice(0, 1), { reduction: 'none' }).data[0];
    // the reduction may keep digits of the term that 'none' rounds away
    const term = dtype === 'f32' ? 2 ** -24 : 2 ** -53;
    const tails = name.startsWith('bce') || name === 'klDiv' ? 2 * term : term;
    for (const length of [n, n - 1, 1023, 1025, 33]) {
      const sum = F[name](input.subarray(0, length), target.subarray(0, length), { reduction: 'sum' });
      near(`sum of ${length}`, sum, length * one, bound[dtype] + 2 * tails);
      const weighted = F[name](input.subarray(0, length), target.subarray(0, length), {
        reduction: 'sum',
        sampleWeight: filled(length, 1),
      });
      near(`weighted sum of ${length}`, weighted, length * one, bound[dtype] + tails);
    }
  });

  it.each([2, 10, 64, 65, 1000, 32_000, 128_000])('a row of %d equal logits: log C', (classes) => {
    for (const x of [0, 3.7, -100]) {
      const input = { data: filled(2 * classes, x), shape: [2, classes] };
      const { value, grad } = F.crossEntropy.valueAndGrad(input, Int32Array.of(1, classes - 1), {
        reduction: 'sum',
      });
      near('value', value, 2 * Math.log(classes), bound[dtype]);
      near('gradient', grad.data[0], 1 / classes, bound[dtype]);
      near('gradient at the label', grad.data[1], 1 / classes - 1, bound[dtype]);
      near(
        'smoothed',
        F.crossEntropy(input, Int32Array.of(1, 0), { labelSmoothing: 0.25 }),
        Math.log(classes),
        bound[dtype],
      );
      near('logSumExp', F.logSumExp(input).data[0], x + Math.log(classes), bound[dtype]);
    }
  });

  it.each([32_000, 128_000])('a row of %d equal logits below the greatest', (classes) => {
    for (const gap of [0.1, 3, 9]) {
      const data = filled(classes, -gap);
      data[7] = 0;
      const rest = (classes - 1) * Math.exp(-Math.abs(data[0]));
      const { value, grad } = F.crossEntropy.valueAndGrad({ data, shape: [1, classes] }, Int32Array.of(7));
      // e^x is within an ULP, the sum within its bound
      const least = bound[dtype] + (dtype === 'f32' ? 2 ** -23 : 2 ** -51);
      near('value', value, Math.log1p(rest), least);
      near('gradient', grad.data[7], -rest / (1 + rest), least);
    }
  });

  it('rows of weight: a million equal rows', () => {
    const data = filled(2 * 250_000, 0.3);
    for (let i = 0; i < data.length; i += 2) data[i] = 1.4;
    const labels = new Int32Array(data.length / 2);
    const weight = filled(2, 0.1);
    const input = { data, shape: [labels.length, 2] };
    const want = Math.log1p(Math.exp(data[1] - data[0]));
    const least = bound[dtype] + (dtype === 'f32' ? 2 ** -22 : 2 ** -50);
    near('mean', F.crossEntropy(input, labels), want, least);
    near('weighted mean', F.crossEntropy(input, labels, { weight }), want, least);
    near(
      'weighted sum',
      F.crossEntropy(input, labels, { weight, reduction: 'sum' }),
      labels.length * weight[0] * want,
      least,
    );
  });
});
