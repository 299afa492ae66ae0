// The greatest logit at every place of rows of every length: far above the others, it must be the one that is subtracted.
import { describe, expect, it } from 'vitest';
import { registry } from '../../src/losses/registry.ts';
import { arrayOf, loaded, matrix } from '../instances.ts';
import { domainsOf } from '../intervals.ts';
import { isClassLoss, takesNumbers } from '../losses/inputs.ts';
import { isProjection, lossOf } from '../losses/roles.ts';
import { reference } from '../reference/index.ts';
import { allRows } from '../rows/index.ts';

const LONGEST = 150;
const HIGH = 2000;

/** Those of a softmax of each row, of the logits themselves or of a product, which the identity makes of them here. */
const losses = allRows.filter(
  (row) => isProjection(row.loss) || (isClassLoss(row) && domainsOf(row.loss)[0].what === 'logits'),
);

describe.each(losses)('$loss', (row) => {
  describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
    const loss = lossOf(loaded[backend], row.loss);
    // the identity of many classes is large
    const step = (length: number) => (isProjection(row.loss) && length > 40 ? 11 : 1);
    const lengths: number[] = [];
    for (let length = 2; length < LONGEST; length += step(length)) lengths.push(length);
    /** What the loss is at these logits by the reference. */
    const due = (data: ArrayLike<number>, target: number, options = {}): number => {
      const { length } = data;
      const third = isProjection(row.loss) && {
        third: {
          data: Float64Array.from({ length: length ** 2 }, (_, i) => Number(i % (length + 1) === 0)),
          shape: [length, length],
        },
      };
      const inputs = { input: { data, shape: [1, length] }, target: { data: [target], shape: [1] } };
      return reference(row.loss, inputs, { ...options, ...third, dtype }).value as number;
    };
    const isNear = (a: number, b: number) => Math.abs(a / b - 1) < 1e-5;

    it('one row', () => {
      const bad: string[] = [];
      // wherever the greatest is, the others cost the same
      const least = due([HIGH, 0], 1);
      expect(least).toBeGreaterThanOrEqual(HIGH);
      for (const length of lengths) {
        const data = new arrayOf[dtype](length);
        const logits = { data, shape: [1, length] };
        // long rows: a few places, which differ from length to length
        for (let at = 0; at < length; at += length < 80 ? 1 : 7) {
          data.fill(0)[at] = HIGH;
          const right = loss.valueAndGrad(logits, Int32Array.of(at));
          const isZero = right.grad.data.every((g: number) => g === 0);
          const wrong = loss(logits, Int32Array.of((at + 1) % length));
          if (right.value !== 0 || !isZero || wrong !== least) bad.push(`${at} of ${length}`);
        }
      }
      expect(bad).toEqual([]);
    });

    it('beside other rows, which are greater still', () => {
      const bad: string[] = [];
      for (const length of lengths) {
        const data = new arrayOf[dtype](3 * length).fill(2 * HIGH);
        const at = (5 * length) % (length - 1);
        data.fill(0, length, 2 * length)[length + at] = HIGH;
        const labels = Int32Array.of(0, at, 0);
        const { data: value } = loss({ data, shape: [3, length] }, labels, { reduction: 'none' });
        const even = due(data.subarray(0, length), 0);
        if (value[1] !== 0 || !isNear(value[0], even) || value[2] !== value[0])
          bad.push(`${at} of ${length}`);
      }
      expect(bad).toEqual([]);
    });

    it.runIf(takesNumbers(row) && 'labelSmoothing' in registry[row.loss].options)(
      'with smoothing, and as probabilities',
      () => {
        const bad: string[] = [];
        const labelSmoothing = 0.5;
        for (const length of lengths) {
          const data = new arrayOf[dtype](length);
          const target = new arrayOf[dtype](length);
          for (const at of [0, length >> 1, length - 1]) {
            data.fill(0)[at] = HIGH;
            target.fill(0)[at] = 1;
            const logits = { data, shape: [1, length] };
            const value = loss(logits, { data: target, shape: [1, length] });
            const smoothed = loss(logits, Int32Array.of(at), { labelSmoothing });
            if (value !== 0 || !isNear(smoothed, due(data, at, { labelSmoothing })))
              bad.push(`${at} of ${length}`);
          }
        }
        expect(bad).toEqual([]);
      },
    );
  });
});
