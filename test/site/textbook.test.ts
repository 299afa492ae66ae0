// The page's textbook formulas are PyTorch's: against what PyTorch 1.13 returned for the same inputs.
import { describe, expect, it } from 'vitest';
import { gaps, torch } from '../../scripts/accuracy/gaps.ts';
import { bceWithLogits, crossEntropy, type Result } from '../../site/src/precision/textbook.ts';

/** gaps.ts and torch.py have the same. */
const OFFSET = 0.7123457;

const ours: Record<'crossEntropy' | 'bceWithLogits', (gap: number) => Result> = {
  crossEntropy: (gap) => crossEntropy([OFFSET + gap, OFFSET], 0),
  bceWithLogits: (gap) => bceWithLogits(gap, 1),
};

describe.each(['crossEntropy', 'bceWithLogits'] as const)('%s', (name) => {
  it.each(['value', 'grad'] as const)(
    'the %s is 0 for the same gaps, and the same within roundings of 1',
    (part) => {
      const ulp = 2 ** -23;
      let zeros = 0;
      for (const [i, gap] of gaps.entries()) {
        const [got, want] = [ours[name](gap)[part], torch[name][i][part]];
        expect(got === 0, `gap ${gap}`).toBe(want === 0);
        expect(Math.abs(got - want), `gap ${gap}`).toBeLessThanOrEqual(2 * ulp);
        if (got === 0) zeros++;
      }
      expect(zeros).toBe(44);
    },
  );
});

it('is exact where nothing cancels', () => {
  expect(crossEntropy([0, 0], 0)).toEqual({ value: Math.fround(Math.log(2)), grad: -0.5 });
  expect(bceWithLogits(-3, 1).value).toBeCloseTo(Math.log1p(Math.exp(3)), 6);
  expect(bceWithLogits(2, 0).grad).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
});
