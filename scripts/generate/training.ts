// docs/training.md with the epochs that npm run bench:tfjs has measured.
import { readFileSync } from 'node:fs';
import { digits } from '../../bench/format.ts';
import { readResults, type TfjsResult } from '../../bench/tfjs/results.ts';
import { between } from './readme.ts';

function epochs(): string {
  const { environment, cases } = readResults();
  const cell = ({ epoch, ratio }: TfjsResult, make: keyof TfjsResult['epoch']): string =>
    `${digits(epoch[make])}${make === 'none' ? '' : ` (${ratio[make].toFixed(2)}×)`}`;
  const rows = cases.map(
    (one) =>
      `| ${one.backend}, ${one.classes.toLocaleString('en')} | ${cell(one, 'none')} | ${cell(one, 'simdloss, indices')} | ${cell(one, 'simdloss')} | ${cell(one, 'tfjs')} |`,
  );
  const { cpu, node, tfjs, date, others } = environment;
  return [
    'ms of CPU time for an epoch of 2048 rows in batches of 128, two dense layers of 64 inputs and 64 units, and how many times the epoch',
    'without a loss that is (with a gradient at hand). The makes were measured in turn; medians.',
    '',
    '| backend, classes | no loss | simdloss, index labels | simdloss, one-hot | tf.losses.softmaxCrossEntropy |',
    '|---|---:|---:|---:|---:|',
    ...rows,
    '',
    `${cpu} · Node ${node.slice(1)} · TensorFlow.js ${tfjs}, one thread · ${date} · others used ${Math.round(others * 100)} % of the cores · \`npm run bench:tfjs\``,
  ].join('\n');
}

export const trainingSource = (): string =>
  between(readFileSync(new URL('../../docs/training.md', import.meta.url), 'utf8'), 'epochs', epochs());
