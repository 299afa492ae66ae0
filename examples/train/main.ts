// npm start: six linear models on three real data sets, then what they learned and what the losses cost, as a table and as
// a page with charts.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from 'simdloss';
import { loadDatasets } from './data.ts';
import { faultsOf } from './limits.ts';
import { startProgress } from './progress.ts';
import { reportOf } from './report/report.ts';
import { resultOf } from './result.ts';
import { baseline, showScore } from './score.ts';
import { cells, groups, head, notes } from './summary.ts';
import { formatTable, wrap } from './table.ts';
import { jobs } from './train.ts';

const print = (text = ''): void => {
  process.stdout.write(`${text}\n`);
};

const started = performance.now();
const backends = { wasm: await load(), js: await load({ backend: 'js' }) };
const datasets = loadDatasets();

for (const data of Object.values(datasets)) {
  print(wrap(`${data.name}: ${data.about}.`, 2));
  const { train, heldOut } = data;
  const guess = showScore(baseline(data));
  print(
    wrap(`  ${train.rows} rows to train on, ${heldOut.rows} held out; a guess without looking: ${guess}.`, 2),
  );
}
print();

const results = jobs.map((job) => {
  const data = datasets[job.dataset];
  const progress = startProgress(process.stdout, `${job.loss.padEnd(14)} ${data.name.padEnd(14)}`, job.steps);
  const result = resultOf(backends, job, data, progress.step);
  progress.done(result.run.final);
  return result;
});

const NOTE = 14;
const note = (name: string, meaning: string): void =>
  print(wrap(name.padEnd(NOTE - 1) + ` ${meaning}`, NOTE));
for (const { columns, names } of groups) {
  const at = columns.map((column) => head.indexOf(column));
  const rows = results.map((result) => at.map((column) => cells(result)[column]));
  print(`\n${formatTable(columns, rows, names)}`);
}
print();
for (const [name, meaning] of notes) note(name, meaning);
note('total', `${((performance.now() - started) / 1000).toFixed(1)} s on Node ${process.versions.node}`);

const file = fileURLToPath(new URL('../../build/report.html', import.meta.url));
writeFileSync(file, reportOf(results, backends.wasm));
note('report', `${relative(process.cwd(), file)} (curves, residuals, confusions: open it in a browser)`);

const faults = results.flatMap(({ job, gradientError, times }) =>
  faultsOf(job.loss, gradientError, times.disagreement),
);
for (const fault of faults) process.stderr.write(`FAILED ${fault}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
