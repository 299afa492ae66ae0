// The greatest logit at every place of rows of every length: far above the others, it must be the one that is subtracted.
import { describe, expect, it } from 'vitest';
import { arrayOf, loaded, matrix } from '../instances.ts';

type Any = any;
const LONGEST = 150;
const HIGH = 2000;

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;

  it('one row', () => {
    const bad: string[] = [];
    for (let length = 2; length < LONGEST; length++) {
      const data = new arrayOf[dtype](length);
      const logits = { data, shape: [1, length] };
      // long rows: a few places, which differ from length to length
      for (let at = 0; at < length; at += length < 80 ? 1 : 7) {
        data.fill(0)[at] = HIGH;
        const right = F.crossEntropy.valueAndGrad(logits, Int32Array.of(at));
        const isZero = right.grad.data.every((g: number) => g === 0);
        const wrong = F.crossEntropy(logits, Int32Array.of((at + 1) % length));
        if (right.value !== 0 || !isZero || wrong !== HIGH) bad.push(`${at} of ${length}`);
      }
    }
    expect(bad).toEqual([]);
  });

  it('beside other rows, which are greater still', () => {
    const bad: string[] = [];
    for (let length = 2; length < LONGEST; length++) {
      const data = new arrayOf[dtype](3 * length).fill(2 * HIGH);
      const at = (5 * length) % (length - 1);
      data.fill(0, length, 2 * length)[length + at] = HIGH;
      const labels = Int32Array.of(0, at, 0);
      const { data: value } = F.crossEntropy({ data, shape: [3, length] }, labels, { reduction: 'none' });
      if (value[1] !== 0 || !(Math.abs(value[0] - Math.log(length)) < 1e-5)) bad.push(`${at} of ${length}`);
    }
    expect(bad).toEqual([]);
  });

  it('with smoothing, and as probabilities', () => {
    const bad: string[] = [];
    for (let length = 2; length < LONGEST; length++) {
      const data = new arrayOf[dtype](length);
      const target = new arrayOf[dtype](length);
      for (const at of [0, length >> 1, length - 1]) {
        data.fill(0)[at] = HIGH;
        target.fill(0)[at] = 1;
        const logits = { data, shape: [1, length] };
        const value = F.crossEntropy(logits, { data: target, shape: [1, length] });
        const smoothed = F.crossEntropy(logits, Int32Array.of(at), { labelSmoothing: 0.5 });
        const expected = (0.5 * HIGH * (length - 1)) / length;
        if (value !== 0 || !(Math.abs(smoothed / expected - 1) < 1e-5)) bad.push(`${at} of ${length}`);
      }
    }
    expect(bad).toEqual([]);
  });
});
