// 1e4 calls, half of them hostile: a typed error or the right answer, and nothing else is touched.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyCase } from './cases.ts';
import { runCase } from './run.ts';

const RUNS = 10_000;
/** Fixed, so that a push fails for what it changes; scripts/fuzz.ts takes others. */
const SEED = 20;

it(`${RUNS} calls`, () => {
  const { failed, errorInstance, seed, counterexamplePath, counterexample } = fc.check(
    fc.property(anyCase, (c) => runCase(c)),
    { numRuns: RUNS, seed: SEED },
  );
  const again = `npx tsx scripts/fuzz.ts --seed ${seed} --path ${counterexamplePath}`;
  expect(
    failed ? `${again}\n${fc.stringify(counterexample)}\n${(errorInstance as Error)?.stack}` : 'passed',
  ).toBe('passed');
});
