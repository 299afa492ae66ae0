// What the page says of a formula's letters, and of a run: a sentence, and whether others used the machine.
import { describe, expect, it } from 'vitest';
import type { LossName } from '../../bench/cases.ts';
import { shareOf } from '../../site/src/bench/busy.ts';
import type { PageResult, Variant } from '../../site/src/bench/plan.ts';
import { summaryOf } from '../../site/src/bench/summary.ts';
import { lettersOf } from '../../site/src/formulas.ts';

const result = (loss: LossName, n: number, ratio: number, variant: Variant = 'wasm'): PageResult => ({
  ...{ loss, target: 'elements', operation: 'value', variant, shape: [n], ratio },
  ...{ wasm: 1, js: ratio, p10: ratio, p90: ratio, rounds: 5 },
});

it.each([
  ['|x − t|', 'sign(x − t), 0 at the kink', 'x the input; t the target'],
  ['½(log v + (x − t)²/v), v = max(var, eps)', 'd/v', 'x the input; t the target; d = x − t'],
  ['eᵗ', '0', 't the target'],
  ['1 − log c, c = x clipped to [eps, 1 − eps]', 'where x = c', 'x the input'],
  ['αₜ uᵞ c, c = bceWithLogits', 'γ c', 't the target; αₜ alpha where t = 1, 1 − alpha where t = 0; γ gamma'],
  [
    'max(0, margin + ‖a − p‖ − ‖a − n‖)',
    'sgn d (|d|/‖d‖)^(p − 1) in place of d/‖d‖, half of each at a tie',
    'a the anchor, p the positive, n the negative, ‖d‖ the p-norm of d + eps',
  ],
  ['1 − x·t', '−t', 'x the input; t the target'],
  ['1 − x·t/(|x| |t|)', '−t c', 'x the input; t the target; c the cosine'],
])('%s: its letters, and no others', (value, gradient, wanted) => {
  expect(lettersOf({ when: '', value, gradient })).toBe(wanted);
});

describe('the sentence', () => {
  it('has worst and best at the reference size, and what JS wins', () => {
    const results = [
      result('mse', 16, 0.7),
      result('mse', 65536, 8.5),
      result('huber', 65536, 23),
      result('l1', 65536, 99, 'threads'),
    ];
    expect(summaryOf(results)).toBe(
      'At 64 Ki elements WASM is 8.5× (mse) to 23× (huber) as fast as JS; JS is the faster one in 1 of 3 (mse 16).',
    );
    expect(summaryOf(results.slice(1))).toMatch(/; it is the faster one at every size\.$/);
  });

  it('is of what there is', () => {
    expect(summaryOf([])).toBe('');
    expect(summaryOf([result('mse', 16, 2)])).toBe(
      'WASM is 2.0× as fast as JS (mse); it is the faster one at every size.',
    );
  });
});

it('the same work takes as long each time where nobody else is at work', () => {
  expect(shareOf([4, 4.1, 4, 4.05, 4.1])).toBeLessThan(0.03);
  expect(shareOf([4, 8, 8, 8, 4.1])).toBeCloseTo(0.5, 10);
  expect(shareOf([0, 0])).toBe(0);
});
