// The API fuzz for as long as you like:
//   npx tsx scripts/fuzz.ts [--runs N] [--seed S] [--path P]      1e6 runs and a new seed unless told
// A failure prints the line that repeats it. Ends with status 1 then.
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import fc from 'fast-check';
import { anyCase } from '../test/fuzz/cases.ts';
import { runCase } from '../test/fuzz/run.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' } },
});
const numRuns = Number(values.runs ?? 1e6);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
if (!(numRuns >= 1) || !Number.isInteger(seed)) throw new Error('--runs and --seed take integers');

console.log(`seed ${seed}`);
const bar = new SingleBar({ format: 'fuzz {bar} {percentage} % {value} of {total}, {eta_formatted}' });
bar.start(numRuns, 0);
const details = fc.check(
  fc.property(anyCase, (c) => {
    bar.increment();
    runCase(c);
  }),
  { numRuns, seed, ...(values.path === undefined ? {} : { path: values.path, numRuns: 1 }) },
);
bar.stop();
if (details.failed) {
  console.log((details.errorInstance as Error)?.stack);
  console.log(fc.stringify(details.counterexample));
  console.log(`npx tsx scripts/fuzz.ts --seed ${seed} --path ${details.counterexamplePath}`);
  process.exitCode = 1;
} else console.log(`${numRuns} runs passed`);
