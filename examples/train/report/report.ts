// The page that a run leaves: curves, the table, residuals, confusions, settings. One file that needs nothing else: no script,
// no font, no address; its own policy forbids it to load any.
import type { LossFunctions } from 'simdloss';
import type { LossName } from '../loss.ts';
import type { Result } from '../result.ts';
import { confusion, showScore } from '../score.ts';
import { cells, head, NAMES, notes } from '../summary.ts';
import { curveChart, histogramChart, matrixChart } from './charts.ts';
import { type Html, html, numbers, table } from './html.ts';
import { binsOf, mean, median, residualsOf } from './residuals.ts';
import { settings } from './settings.ts';
import { STYLE } from './style.ts';

const units: Record<LossName, string> = {
  l1: 'standard deviations of the target',
  mse: 'variances of the target',
  bce: 'nats',
  bceWithLogits: 'nats',
  nll: 'nats',
  crossEntropy: 'nats',
};

const sample = (colour: string, dash: string): Html =>
  html`<svg viewBox="0 0 32 12" aria-hidden="true"><line x2="32" y1="6" y2="6" stroke="var(--${colour})" stroke-width="2.5" stroke-dasharray="${dash}"></line></svg>`;

function curves(results: readonly Result[]): Html {
  const figures = results.map(({ job: { loss }, data, curve, run }) => {
    const last = curve[curve.length - 1];
    const chart = curveChart({
      id: `curve-${loss}`,
      title: `Training curve of ${loss} on ${data.name}`,
      description: `The mean loss falls from ${run.first.toFixed(4)} to ${run.final.toFixed(4)} on the training rows and ends at ${last.heldOut.toFixed(4)} on the rows held out.`,
      points: curve,
      unit: units[loss],
    });
    const points = numbers({
      caption: `${loss}: mean loss before each step, in ${units[loss]}`,
      head: ['step', 'training', 'held out'],
      rows: curve.map(({ steps, training, heldOut }) => [steps + 1, training.toFixed(6), heldOut.toFixed(6)]),
    });
    return html`<section>
<h3>${loss} <span>on ${data.name}</span></h3>
<p class="figures">${run.first.toFixed(4)} → ${run.final.toFixed(4)}; held out ${last.heldOut.toFixed(4)}</p>
${chart}
${points}
</section>`;
  });
  return html`<h2>Training curves</h2>
<p>Most is learned in the first hundred steps, so the steps are on a logarithmic axis. Where the dashed line ends above the
solid one, the model knows the rows that it was trained on better than new ones; where it rises again, it has begun to learn
them by heart. bce on sigmoid and bceWithLogits are one function computed in two ways, and so are nll on logSoftmax and
crossEntropy: their curves agree.</p>
<ul class="legend"><li>${sample('training', '')}rows trained on</li><li>${sample('held-out', '5 3')}rows held out</li></ul>
<div class="charts">
${figures}
</div>`;
}

/** Points of disease progression. */
const BIN = 20;

function residuals(results: readonly Result[]): Html {
  const sets = results
    .filter(({ data }) => data.name === 'diabetes')
    .flatMap(({ job: { loss }, data, run }) =>
      [
        { name: 'rows trained on', split: data.train, colour: 'training' } as const,
        { name: 'rows held out', split: data.heldOut, colour: 'held-out' } as const,
      ].map(({ split, ...set }) => ({
        ...set,
        loss,
        data,
        values: residualsOf(run.model, split, data),
      })),
    );
  const largest = Math.max(...sets.flatMap(({ values }) => values.map(Math.abs)));
  // beyond the largest: the last bin does not hold its upper end
  const limit = (Math.floor(largest / BIN) + 1) * BIN;
  const binned = sets.map((set) => ({ ...set, bins: binsOf(set.values, BIN, limit) }));
  const highest = Math.max(
    ...binned.flatMap(({ bins, values }) => bins.map(({ count }) => count / values.length)),
  );
  const figures = binned.map(({ name, loss, data, colour, values, bins }) => {
    const centre = { mean: mean(values), median: median(values) };
    const texts = { mean: signed(centre.mean), median: signed(centre.median) };
    const chart = histogramChart({
      id: `residuals-${loss}-${colour}`,
      title: `Residuals of ${loss} on ${data.name}, ${name}`,
      description: `A histogram of prediction minus target in bins of ${BIN} points: median ${texts.median}, mean ${texts.mean} points.`,
      bins,
      rows: values.length,
      highest,
      colour,
      ...centre,
    });
    const counts = numbers({
      caption: `${loss}, ${name}: rows by residual, in points`,
      head: ['residual', 'rows', '%'],
      rows: bins.map(({ from, to, count }) => [
        `${minus(from)} to ${minus(to)}`,
        count,
        ((100 * count) / values.length).toFixed(1),
      ]),
    });
    return html`<section>
<h3>${loss} <span>${name}</span></h3>
<p class="figures">median ${texts.median}, mean ${texts.mean} points</p>
${chart}
${counts}
</section>`;
  });
  return html`<h2>Residuals of the regression losses</h2>
<p>l1 is least where as many predictions are too high as too low: on the rows that it is trained on it draws the
<em>median</em> to 0 (solid line), whatever the far ones do. mse is least where the errors cancel: it draws the <em>mean</em> to 0
(dotted line), which a few large errors can move. All four have the same bins and axes.</p>
<ul class="legend"><li>${rule('')}median</li><li>${rule('2 3')}mean</li></ul>
<div class="charts pairs">
${figures}
</div>`;
}

const rule = (dash: string): Html => sample('text', dash);
const minus = (x: number): string => String(x).replace('-', '−');
/** One decimal, with its sign; what rounds to 0 has none. */
function signed(x: number): string {
  const text = Math.abs(x).toFixed(1);
  return text === '0.0' ? text : `${x < 0 ? '−' : '+'}${text}`;
}

function confusions(results: readonly Result[]): Html {
  const { run, data } = results.find(({ job }) => job.loss === 'crossEntropy')!;
  const counts = confusion(run.model, data);
  const wrong = counts
    .flatMap((row, label) => row.map((count, predicted) => ({ label, predicted, count })))
    .filter(({ label, predicted, count }) => label !== predicted && count > 0)
    .sort((a, b) => b.count - a.count);
  const missed = wrong.reduce((sum, { count }) => sum + count, 0);
  const right = data.heldOut.rows - missed;
  const [worst] = wrong;
  const worstText =
    missed > 0
      ? html` The most common confusion: ${worst.label} taken for ${worst.predicted}, ${worst.count} times.`
      : html``;
  const chart = matrixChart({
    id: 'confusion',
    title: 'Confusion matrix of the digits held out',
    description: `Rows are the digits, columns what crossEntropy's model took them for: ${right} of ${data.heldOut.rows} are on the diagonal.`,
    counts,
  });
  const digits = counts.map((_, digit) => String(digit));
  return html`<h2>Confusions among the digits</h2>
<p>${right} of the ${data.heldOut.rows} digits held out were read right by the model that crossEntropy trained (the diagonal), ${missed}
wrong.${worstText}</p>
<div class="charts">
<section>
${chart}
${numbers({
  caption: 'Digits (rows) by what they were taken for (columns)',
  head: ['digit', ...digits],
  rows: counts.map((row, label) => [label, ...row]),
})}
</section>
</div>`;
}

/** What was learned, in a sentence per data set. */
function summary(results: readonly Result[]): Html {
  const best = ['l1', 'bceWithLogits', 'crossEntropy'].map(
    (loss) => results.find(({ job }) => job.loss === loss)!,
  );
  return html`<p>Six linear models on three real data sets, trained by <code>npm start</code> with simdloss. On rows that they never saw: ${best
    .map(({ job, data, run }) => `${data.name} ${showScore(run.heldOut)} (${job.loss})`)
    .join(', ')}.</p>`;
}

export function reportOf(results: readonly Result[], F: LossFunctions): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>simdloss: what the example learned</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>simdloss: what the example learned</h1>
${summary(results)}
<h2>Results</h2>
${table({ caption: 'Each loss on its data; the times are of the machine that made this page.', head, rows: results.map(cells), names: NAMES })}
<dl>
${notes.map(([name, meaning]) => html`<dt>${name}</dt><dd>${meaning}</dd>`)}
</dl>
${curves(results)}
${residuals(results)}
${confusions(results)}
${settings(results, F)}
</main>
</body>
</html>
`.text;
}
