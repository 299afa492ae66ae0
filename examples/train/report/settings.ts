// What the figures of a report depend on, and what it takes to make them again.
import { readFileSync } from 'node:fs';
import type { LossFunctions } from 'simdloss';
import { HELD_OUT, SPLIT_SEED } from '../data.ts';
import type { Result } from '../result.ts';
import { baseline, showScore } from '../score.ts';
import { WEIGHTS_SEED } from '../train.ts';
import { type Html, html, table } from './html.ts';

/** The versions of this checkout, which package.json pins to the digit. */
function versions(): Record<string, string> {
  const { version, dependencies, devDependencies } = JSON.parse(
    readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
  );
  return {
    simdloss: version,
    Node: process.versions.node,
    V8: process.versions.v8,
    AssemblyScript: devDependencies.assemblyscript,
    'its loader': dependencies['@assemblyscript/loader'],
    'Observable Plot': devDependencies['@observablehq/plot'],
  };
}

export function settings(results: readonly Result[], F: LossFunctions): Html {
  const datasets = [...new Set(results.map(({ data }) => data))];
  const threads = F.threads === 1 ? '1 thread' : `${F.threads} threads`;
  const facts: [string, string][] = [
    ['backend', `${F.backend}, ${F.math} math, ${threads}; the times beside it: js`],
    ['numbers', 'f32; gradient checks in f64'],
    [
      'split',
      `${HELD_OUT * 100} % of the rows held out, by seed ${SPLIT_SEED}; features, and the target of diabetes, standardised over the training rows`,
    ],
    [
      'model',
      `linear, weights from ±1/√features by seed ${WEIGHTS_SEED}, bias 0; all training rows in each step, whose length shrinks linearly to 0`,
    ],
    [
      'versions',
      Object.entries(versions())
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
  ];
  return html`<h2>Settings</h2>
${table({
  caption: 'Data sets. A guess without looking is what ignoring the features scores.',
  head: ['data', 'rows to train on', 'held out', 'features', 'outputs', 'guess without looking'],
  rows: datasets.map((data) => [
    data.name,
    data.train.rows,
    data.heldOut.rows,
    data.features,
    data.outputs,
    showScore(baseline(data)),
  ]),
})}
<dl>
${datasets.map(({ name, about }) => html`<dt>${name}</dt><dd>${about}</dd>`)}
</dl>
${table({
  caption: 'Runs.',
  head: ['loss', 'data', 'steps', 'first rate', 'parameters'],
  names: 2,
  rows: results.map(({ job, data }) => [
    job.loss,
    data.name,
    job.steps,
    job.rate,
    (data.features + 1) * data.outputs,
  ]),
})}
<dl>
${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}
</dl>
<footer>The same versions give the same page on any machine, but for the times.</footer>`;
}
