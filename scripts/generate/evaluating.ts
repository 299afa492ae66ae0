// docs/evaluating.md with what npm run bench:evaluate has measured.
import { readFileSync } from 'node:fs';
import { type Compared, type EvaluateCase, readResults } from '../../bench/evaluate/results.ts';
import { digits } from '../../bench/format.ts';
import { between } from './readme.ts';

/** What a make took, and beside another: how many times as long, or how much longer. */
function row({ name, unit, ns, compared }: EvaluateCase, make: string): string {
  const beside = compared
    .filter(({ of }) => of === make)
    .map(({ beside, ratio, measured }: Compared) => {
      if (ratio === undefined) return `${digits(measured)} ns more than ${beside}`;
      return ratio < 1
        ? `${(1 / measured).toFixed(1)} times as fast as ${beside}`
        : `${measured.toFixed(2)} times ${beside}`;
    });
  return `| ${name} | ${make} | ${digits(ns[make])} ns a ${unit} | ${beside.join(', ')} |`;
}

function costs(): string {
  const { environment, cases, memory } = readResults();
  const { cpu, node, date, others } = environment;
  const { rows, classes, batch, early, most } = memory;
  return [
    'CPU time, the least of the rounds; what is beside something else was measured in turn with it, and is the median of the rounds. Figures are',
    'accuracy, mrr and entropy, the JS loop has them too, in two passes and without an allocation; log_softmax is that of transformers.js, row',
    'by row, the loss alone.',
    '',
    '| | | | |',
    '|---|---|--:|---|',
    ...cases.flatMap((one) => Object.keys(one.ns).map((make) => row(one, make))),
    '',
    `${rows.toLocaleString('en')} rows of ${classes.toLocaleString('en')} classes in batches of ${batch.toLocaleString('en')}, in ten groups: the process had ${early} MB at most in the first tenth, ${most} MB later.`,
    '',
    `${cpu} · Node ${node.slice(1)} · one thread · ${date} · others used ${Math.round(others * 100)} % of the cores · \`npm run bench:evaluate\``,
  ].join('\n');
}

export const evaluatingSource = (): string =>
  between(readFileSync(new URL('../../docs/evaluating.md', import.meta.url), 'utf8'), 'costs', costs());
