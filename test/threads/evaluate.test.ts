// Evaluations do not depend on threads: a state is the same to the bit.
import { afterAll, expect, it } from 'vitest';
import { evaluate } from '../../src/evaluate/index.ts';
import { load } from '../../src/index.ts';
import { random } from '../random.ts';

const instances = await Promise.all([1, 2, 3].map((threads) => load({ threads })));
afterAll(() => {
  for (const F of instances) F.dispose();
});

it.each([
  { rows: 300, classes: 1000 },
  { rows: 20_000, classes: 10 },
  { rows: 64, classes: 9001 },
])('$rows rows of $classes classes', ({ rows, classes }) => {
  const r = random(rows);
  const logits = {
    data: Float32Array.from({ length: rows * classes }, () => 20 * (r() - 0.5)),
    shape: [rows, classes],
  };
  const labels = Int32Array.from({ length: rows }, () => Math.floor(r() * classes));
  const states = instances.map((F) =>
    JSON.stringify(
      evaluate(F, {
        loss: 'crossEntropy',
        figures: ['accuracy', 'perplexity', 'entropy', 'brier', 'ece', 'mrr'],
      })
        .add(logits, labels)
        .state(),
    ),
  );
  expect(new Set(states).size).toBe(1);
});

it('elements', () => {
  const r = random(1);
  const [x, t] = [0, 1].map(() => Float32Array.from({ length: 300_000 }, () => r()));
  const states = instances.map((F) => JSON.stringify(evaluate(F, { loss: 'bce' }).add(x, t).state()));
  expect(new Set(states).size).toBe(1);
});
