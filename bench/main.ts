// npm run bench: every loss, wasm against js. Options: --dtype f64, --filter <regex>, --quick, --json <file>.
import { cases, elementsOf, idOf, lossNames } from './cases.ts';
import { inChild } from './child.ts';
import { goalTable, jsWinsList, lossTable } from './console.ts';
import { environmentText } from './format.ts';
import { goalsOf } from './goals.ts';
import type { LossTask } from './loss.ts';
import { fullEffort, quickEffort } from './measure.ts';
import { measureModule } from './module.ts';
import { benchOptions } from './options.ts';
import {
  byLoss,
  type CaseResult,
  committedFile,
  environmentOf,
  type Results,
  writeResults,
} from './results.ts';

const { dtype, filter, quick, json } = benchOptions();

/** Elements of the largest case of a quick run. */
const QUICK_LIMIT = 8 * 2 ** 20;

const pattern = new RegExp(filter ?? '');
const chosen = cases.filter(
  (which) => pattern.test(idOf(which)) && !(quick && elementsOf(which.shape) > QUICK_LIMIT),
);
if (chosen.length === 0)
  throw new RangeError(`--filter ${filter} matches no case; they look like ${idOf(cases[0])}`);

const environment = environmentOf(dtype);
console.log(`${environmentText(environment)}\n`);
const module = await measureModule();

const measured: CaseResult[] = [];
for (const loss of lossNames) {
  const task: LossTask = {
    cases: chosen.filter((which) => which.loss === loss),
    dtype,
    effort: quick ? quickEffort : fullEffort,
  };
  if (task.cases.length === 0) continue;
  const results = await inChild<CaseResult>(new URL('./loss.ts', import.meta.url), task);
  for (const [title, group] of byLoss(results)) console.log(lossTable(title, group));
  measured.push(...results);
}

const results: Results = { environment, module, cases: measured };
console.log(`${jsWinsList(measured)}\n\n${goalTable(goalsOf(results))}`);

if (json !== undefined) writeResults(json, results);
else if (chosen.length === cases.length && !quick) {
  writeResults(committedFile(environment), results);
  await import('./page.ts');
  console.log('\nwritten to bench/results/');
}
