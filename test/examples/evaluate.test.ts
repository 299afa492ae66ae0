// examples/evaluate: shards in worker threads are, merged, one evaluation of all; and the classifier has learned something.
import type { LossFunctions } from 'simdloss';
import { expect, test } from 'vitest';
import { predictions } from '../../examples/evaluate/digits.ts';
import { cut, evaluateAtOnce, evaluateShards } from '../../examples/evaluate/shards.ts';
import { load } from '../../src/index.ts';

test('any number of shards', async () => {
  const F = (await load()) as unknown as LossFunctions;
  const rows = predictions(F);
  const once = evaluateAtOnce(F, rows);
  for (const count of [1, 3, 5]) {
    const merged = await evaluateShards(F, cut(rows, count));
    expect(JSON.stringify(merged.state())).toBe(JSON.stringify(once.state()));
  }
  const { groups, count } = once.result();
  expect(count).toBe(1797);
  expect(groups!.map(({ key }) => key)).toEqual(['held out', 'trained']);
  for (const { accuracy, perplexity } of groups!) {
    expect(accuracy).toBeGreaterThan(0.93);
    expect(perplexity).toBeLessThan(1.4);
  }
});
