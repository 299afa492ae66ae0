// Where the textbook formula in float32 goes to 0, and the library does not.
import * as Plot from '@observablehq/plot';
import type { LossFunctions } from 'simdloss';
import { Chart } from '../chart.ts';
import { byId, h, newId, perFrame } from '../dom.ts';
import { sliderField } from '../explorer/slider.ts';
import { exact } from '../format.ts';
import type { Backends } from '../library.ts';
import * as textbook from './textbook.ts';

interface Case {
  readonly name: string;
  readonly gap: string;
  readonly formula: string;
  readonly ours: (F: LossFunctions, gap: number) => textbook.Result;
  readonly textbook: (gap: number) => textbook.Result;
}

const cases: readonly Case[] = [
  {
    name: 'crossEntropy',
    gap: 'label’s logit − the other’s',
    formula: 'x − max − log Σ e^(x − max), gradient e^(log p) − 1: log_softmax of PyTorch on a CPU',
    ours: (F, gap) => {
      const { value, grad } = F.crossEntropy.valueAndGrad(
        { data: Float32Array.of(gap, 0), shape: [1, 2] },
        Int32Array.of(0),
      );
      return { value, grad: grad.data[0] };
    },
    textbook: (gap) => textbook.crossEntropy([gap, 0], 0),
  },
  {
    name: 'bceWithLogits',
    gap: 'logit of label 1',
    formula:
      '(1 − t) x + m + log(e^−m + e^(−x − m)), m = max(−x, 0), gradient σ(x) − t: binary_cross_entropy_with_logits of PyTorch 1.13 (later versions keep the value by log_sigmoid, but not the gradient)',
    ours: (F, gap) => {
      const { value, grad } = F.bceWithLogits.valueAndGrad(Float32Array.of(gap), Float32Array.of(1));
      return { value, grad: grad.data[0] };
    },
    textbook: (gap) => textbook.bceWithLogits(gap, 1),
  },
];

const SPAN = [0, 60] as const;
/** A 0 is drawn at the lower edge. */
const LEAST = 1e-27;
const gaps = Array.from({ length: 241 }, (_, i) => (i * SPAN[1]) / 240);

export function showPrecision({ wasm, js }: Backends): void {
  const charts = { value: new Chart('tail-value'), grad: new Chart('tail-grad') };
  const select = h(
    'select',
    { id: newId(), name: 'precision-loss', change: () => update() },
    ...cases.map(({ name }) => h('option', { value: name }, name)),
  );
  const gap = sliderField({
    name: 'Logit gap',
    key: 'gap',
    min: SPAN[0],
    max: SPAN[1],
    step: 0.5,
    value: 20,
    changed: () => update(),
  });
  const body = h('tbody');
  const formula = h('p', { class: 'hint' });
  const head = ['computed by', 'value', 'gradient'].map((name, i) =>
    h('th', { scope: 'col', class: i > 0 && 'number' }, name),
  );
  byId('precision-view').replaceChildren(
    h(
      'div',
      { class: 'card stack' },
      h(
        'div',
        { class: 'pair' },
        h('div', { class: 'field' }, h('label', { for: select.id }, 'Loss'), select),
        gap.element,
      ),
      h('div', { class: 'pair' }, charts.value.element, charts.grad.element),
      h(
        'div',
        { class: 'scroll' },
        h(
          'table',
          {},
          h('caption', { class: 'hidden' }, 'At this gap, in float32'),
          h('thead', {}, h('tr', {}, ...head)),
          body,
        ),
      ),
      formula,
    ),
  );
  for (const chart of Object.values(charts))
    chart.onDrag(
      () => 'gap',
      (_, x) => {
        gap.slider.value = Math.min(SPAN[1], Math.max(SPAN[0], Math.round(2 * x) / 2));
        update();
      },
    );

  const draw = (): void => {
    const which = cases.find(({ name }) => name === select.value)!;
    const at = gap.slider.value;
    const F = wasm ?? js;
    const ours = gaps.map((x) => which.ours(F, x));
    const theirs = gaps.map((x) => which.textbook(x));
    const zero = gaps[theirs.map(({ value, grad }) => value !== 0 || grad !== 0).lastIndexOf(true) + 1];
    const rows = [
      ...(wasm ? [{ name: 'simdloss, wasm', colour: 'is-wasm', ...which.ours(wasm, at) }] : []),
      { name: 'simdloss, js', colour: 'is-js', ...which.ours(js, at) },
      { name: 'textbook', colour: 'is-textbook', ...which.textbook(at) },
    ];
    body.replaceChildren(
      ...rows.map(({ name, colour, value, grad }) =>
        h(
          'tr',
          { class: colour },
          h('th', { scope: 'row' }, h('span', { class: 'swatch' }), name),
          h('td', { class: 'number', 'data-value': value }, exact(value, 'f32')),
          h('td', { class: 'number', 'data-grad': grad }, exact(grad, 'f32')),
        ),
      ),
    );
    formula.textContent = `Textbook formula, computed in this page with Math.fround after each operation: ${which.formula}.`;
    for (const part of ['value', 'grad'] as const) {
      const points = (all: readonly textbook.Result[]): [number, number][] =>
        all.map((result, i) => [gaps[i], Math.max(LEAST, Math.abs(result[part]))]);
      const name = part === 'value' ? 'Value' : 'Size of the gradient';
      charts[part]
        .title(`${name}, float32`, [
          { name: 'simdloss', colour: 'is-wasm' },
          { name: 'textbook', colour: 'is-textbook' },
        ])
        .draw({
          height: 300,
          x: { label: which.gap, domain: SPAN },
          y: {
            label: part === 'value' ? 'loss, in nats' : '|gradient|, nats per unit of logit',
            domain: [LEAST, 2],
            type: 'log',
          },
          marks: [
            Plot.ruleX([at], { stroke: 'var(--text)', strokeOpacity: 0.5 }),
            Plot.lineY(points(ours), {
              x: '0',
              y: '1',
              stroke: 'var(--wasm)',
              strokeWidth: 2.4,
              ariaLabel: () => 'simdloss',
            }),
            Plot.lineY(points(theirs), {
              x: '0',
              y: '1',
              stroke: 'var(--textbook)',
              strokeWidth: 2.4,
              strokeDasharray: '7 4',
              ariaLabel: () => 'textbook',
            }),
            Plot.text([`0 from ${zero} on`], {
              x: [zero + 1.5],
              y: [LEAST],
              dy: -10,
              textAnchor: 'start',
              fill: 'var(--textbook)',
              fontSize: 12,
              stroke: 'var(--card)',
              strokeWidth: 5,
            } as Plot.TextOptions),
          ],
          text: `${name} in float32 over the logit gap: that of simdloss falls like e to the −gap down to ${exact(ours[240][part], 'f32')} at 60; that of the textbook formula is exactly 0 from ${zero} on.`,
        });
    }
  };
  const update = perFrame(draw);
  draw();
}
