// npm start: six linear models on three real data sets, then what they learned and what the losses cost.
import { load } from 'simdloss';
import { compareBackends } from './compare.ts';
import { loadDatasets } from './data.ts';
import { checkGradient } from './gradcheck.ts';
import { AGREEMENT_LIMIT, faultsOf, GRADIENT_LIMIT } from './limits.ts';
import { startProgress } from './progress.ts';
import { baseline, showScore } from './score.ts';
import { formatTable } from './table.ts';
import { jobs, train } from './train.ts';

const print = (text = ''): void => {
  process.stdout.write(`${text}\n`);
};

const started = performance.now();
const wasm = await load();
const js = await load({ backend: 'js' });
const datasets = loadDatasets();

for (const data of Object.values(datasets)) {
  print(`${data.name}: ${data.about}.`);
  const guess = showScore(baseline(data));
  print(
    `  ${data.train.rows} rows to train on, ${data.heldOut.rows} held out; a guess without looking: ${guess}.`,
  );
}
print();

const rows: string[][] = [];
const faults: string[] = [];
for (const job of jobs) {
  const data = datasets[job.dataset];
  const progress = startProgress(process.stdout, `${job.loss.padEnd(14)} ${data.name.padEnd(14)}`, job.steps);
  const { model, first, final, heldOut } = train(wasm, job, data, progress.step);
  progress.done(final);
  const error = checkGradient(wasm, job.loss, data);
  const times = compareBackends(wasm, js, job.loss, model, data);
  rows.push([
    job.loss,
    data.name,
    first.toFixed(4),
    final.toFixed(4),
    showScore(heldOut),
    error.toExponential(1),
    times.wasm.toFixed(2),
    times.js.toFixed(2),
    `${(times.js / times.wasm).toFixed(1)}x`,
    times.disagreement.toExponential(1),
  ]);
  faults.push(...faultsOf(job.loss, error, times.disagreement));
}

const head = [
  'loss',
  'data',
  'first',
  'final',
  'held out',
  'grad check',
  'wasm µs',
  'js µs',
  'js/wasm',
  'agreement',
];
print(`\n${formatTable(head, rows, 2)}\n`);
print(`first, final  mean training loss before and after, for l1 and mse of targets divided by their deviation
held out      on rows the model never saw; MAE: mean absolute error, in points of disease progression
grad check    worst relative error of the gradient against central differences, f64, limit ${GRADIENT_LIMIT.toExponential()}
wasm, js      median time of one step over all training rows, f32: value and gradient (bce with sigmoid and its
              backward, nll with logSoftmax and its backward); above 1x WASM is faster
agreement     largest relative difference between the backends' values and gradients, limit ${AGREEMENT_LIMIT.toExponential()}
total         ${((performance.now() - started) / 1000).toFixed(1)} s on Node ${process.versions.node}`);

for (const fault of faults) process.stderr.write(`FAILED ${fault}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
