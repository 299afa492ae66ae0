// npm run bench:data: does a loss take longer for some data than for others? Each kind of data against ordinary data, in turn,
// on the wasm backend. Options: --dtype f64, --filter <regex>, --quick, --json <file>.
import { setFlagsFromString } from 'node:v8';
import { load } from 'simdloss';
import { elementsOf } from '../cases.ts';
import { columns, environmentText } from '../format.ts';
import { benchOptions } from '../options.ts';
import { environmentOf } from '../results.ts';
import { rounded } from '../statistics.ts';
import { compare } from './compare.ts';
import { type Case, callerOf, cases, idOf, rowOf } from './forms.ts';
import { byDomain, type CaseResult, committedFile, LIMIT, slowOf, tableOf, writeResults } from './results.ts';

const PAIRS = 101;
const QUICK_PAIRS = 25;

const { dtype, filter, quick, json } = benchOptions();

const pattern = new RegExp(filter ?? '');
const chosen = cases.filter((which) => pattern.test(idOf(which)));
if (chosen.length === 0)
  throw new RangeError(`--filter ${filter} matches no case; they look like ${idOf(cases[0])}`);

const environment = environmentOf(dtype);
console.log(`${environmentText(environment)}\n`);
// Optimised code from the start: a kernel that is replaced while it is measured would count as a difference.
setFlagsFromString('--no-liftoff');
const F = await load();
const measured = chosen.map(measure);
for (const [domain, group] of byDomain(measured)) console.log(`${domain}\n${columns(tableOf(group))}\n`);

const slow = slowOf(measured);
console.log(`above ${LIMIT}: ${slow.length} of ${measured.length}`);
for (const { id, ratio, p10, p90 } of slow) console.log(`  ${ratio} (${p10}–${p90})  ${id}`);

if (json !== undefined) writeResults(json, { environment, cases: measured });
else if (chosen.length === cases.length && !quick) {
  writeResults(committedFile(environment), { environment, cases: measured });
  await import('./page.ts');
  console.log('\nwritten to bench/results/dependence/');
}

function measure(which: Case): CaseResult {
  const ordinary = callerOf(F, which, dtype as 'f32' | 'f64', true);
  const special = callerOf(F, which, dtype as 'f32' | 'f64', false);
  try {
    const { first, ratio, p10, p90, pairs } = compare(
      ordinary.call,
      special.call,
      quick ? QUICK_PAIRS : PAIRS,
    );
    return {
      id: idOf(which),
      row: rowOf(which),
      kind: which.kind,
      domain: which.domain,
      ordinary: rounded(first / elementsOf(which.shape)),
      ratio: rounded(ratio),
      p10: rounded(p10),
      p90: rounded(p90),
      pairs,
    };
  } finally {
    ordinary.dispose();
    special.dispose();
  }
}
