// 1e4 calls, half of them hostile: a typed error or the right answer, and nothing else is touched.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyCase } from './cases.ts';
import { runCase } from './run.ts';

/** Fixed seeds, from which run on, and what they once found; scripts/fuzz.ts goes further. */
const fixed = [
  { seed: 20, from: 0, runs: 2000 },
  // run 1795: a prepared step's record under its own result, which lay in freed bytes
  { seed: 4444, from: 0, runs: 2000 },
  // run 6271: empty labels in the memory, whose buffer their staging detached
  { seed: 90210, from: 4500, runs: 2000 },
];
/** One that is new each time; its failure names it. */
const fresh = { seed: Math.floor(Math.random() * 2 ** 31), from: 0, runs: 4000 };

it.each([...fixed, fresh])('seed $seed, $runs calls from $from on', ({ seed, from, runs }) => {
  const { failed, errorInstance, counterexamplePath, counterexample } = fc.check(
    fc.property(anyCase, (c) => runCase(c)),
    { numRuns: runs, seed, path: String(from) },
  );
  const again = `npx tsx scripts/fuzz.ts --seed ${seed} --path ${counterexamplePath}`;
  expect(
    failed ? `${again}\n${fc.stringify(counterexample)}\n${(errorInstance as Error)?.stack}` : 'passed',
  ).toBe('passed');
});
