// Losses over classes: three to ten logits, a label, and what becomes of them.

import * as Plot from '@observablehq/plot';
import type { LossFunctions } from 'simdloss';
import { LOG_PROBABILITIES } from '../../../src/options/interval.ts';
import { Chart } from '../chart.ts';
import { h } from '../dom.ts';
import { short } from '../format.ts';
import type { Given } from '../formulas.ts';
import {
  backendsOf,
  type Context,
  drawing,
  type Floats,
  floats,
  optionsText,
  type View,
  valueAndGrad,
} from './context.ts';
import { type Samples, sampleCurves } from './curve.ts';
import { CurveCharts } from './curveCharts.ts';
import { Numbers } from './numbers.ts';
import { inputs, type Slider, sliderField } from './slider.ts';

const SPAN: readonly [number, number] = [-8, 8];
const START = [2, 1, 0, -1, -2, 0.5, -0.5, 1.5, -1.5, 0];
const ROW = 44;
const AXIS = 44;
/** Where the bars stand below the sliders instead of beside them. */
const narrow = matchMedia('(max-width: 60rem)');

interface Bars {
  readonly chart: Chart;
  readonly title: string;
  readonly axis: string;
  readonly colour: string;
}

interface LogitRow {
  readonly row: HTMLElement;
  readonly radio: HTMLInputElement;
  readonly slider: Slider;
}

export class ClassesView implements View {
  readonly element = h('div', { class: 'stack' });
  readonly #context: () => Context;
  readonly #changed: () => void;
  readonly #numbers = new Numbers();
  readonly #charts: CurveCharts;
  readonly #rows = h('fieldset', { class: 'classes' });
  readonly #count: Slider;
  #logits: LogitRow[] = [];
  readonly #bars = {
    softmax: { chart: new Chart('softmax'), title: 'Softmax', axis: 'probability', colour: 'var(--label)' },
    loss: {
      chart: new Chart('loss'),
      title: 'Loss if right',
      axis: 'loss, in nats',
      colour: 'var(--value)',
    },
    gradient: {
      chart: new Chart('gradient'),
      title: 'Gradient',
      axis: 'gradient, nats per unit',
      colour: 'var(--grad)',
    },
  } satisfies Record<string, Bars>;

  constructor(context: () => Context, changed: () => void) {
    this.#context = context;
    this.#changed = changed;
    this.#charts = new CurveCharts((_, x) => {
      const { slider } = this.#logits[this.#label];
      const rest = this.#logits.filter((logit) => logit.slider !== slider).map((logit) => logit.slider.value);
      const logit = axisOf(this.#context()).logit(
        x,
        Math.log(rest.reduce((sum, other) => sum + Math.exp(other), 0)),
      );
      slider.value = Number((Math.round(logit / 0.05) * 0.05).toFixed(2));
      changed();
    });
    const count = sliderField({
      name: 'Classes',
      key: 'classes',
      min: 3,
      max: 10,
      step: 1,
      value: 5,
      changed: () => {
        this.#arrange();
        changed();
      },
    });
    this.#count = count.slider;
    this.#arrange();
    narrow.addEventListener('change', changed);
    const bars = h(
      'div',
      { class: 'bars' },
      this.#rows,
      ...Object.values(this.#bars).map(({ chart }) => chart.element),
    );
    this.element.append(
      h('div', { class: 'card stack' }, h('div', { class: 'narrow' }, count.element), bars),
      h('div', { class: 'card' }, this.#charts.element),
      h('div', { class: 'card' }, this.#numbers.element),
    );
  }

  get #label(): number {
    return Math.max(
      0,
      this.#logits.findIndex(({ radio }) => radio.checked),
    );
  }

  /** As many sliders as there are classes; what was set stays. */
  #arrange(): void {
    const count = Math.min(10, Math.max(3, Math.round(this.#count.value)));
    const label = this.#label;
    for (let i = this.#logits.length; i < count; i++) this.#logits.push(this.#row(i));
    const shown = this.#logits.slice(0, count);
    this.#logits = shown;
    (shown[label] ?? shown[0]).radio.checked = true;
    this.#rows.replaceChildren(
      h('legend', {}, 'The right answer, and logits'),
      ...shown.map(({ row }) => row),
    );
  }

  #row(i: number): LogitRow {
    const radio = h('input', {
      type: 'radio',
      name: 'label',
      value: String(i),
      'aria-label': `class ${i} is the label`,
      change: this.#changed,
    });
    const slider = inputs({
      name: `logit of class ${i}`,
      key: `logit-${i}`,
      min: SPAN[0],
      max: SPAN[1],
      step: 0.05,
      value: START[i],
      changed: this.#changed,
    });
    const row = h('div', { class: 'class' }, radio, h('span', {}, String(i)), slider.range, slider.number);
    return { row, radio, slider };
  }

  update(): void {
    const context = this.#context();
    const { entry, dtype } = context;
    const label = this.#label;
    const logits = this.#logits.map(({ slider }) => slider.value);
    const n = logits.length;
    this.#logits.forEach(({ row }, i) => void row.classList.toggle('chosen', i === label));
    const options = withClassWeight(context, n, label);

    const returned = backendsOf(context).map(({ name, F }) => {
      const input = { data: inputOf(F, context, logits, 1), shape: [1, n] };
      const { value, grad } = valueAndGrad(F, context)(input, Int32Array.of(label), options);
      return { name, value: value as number, grad: grad.data };
    });
    const { before, gradOf, unit } = kindOf(context);
    const data = `{ data: ${before('x')}, shape: [1, ${n}] }`;
    const call = `const x = ${dtype === 'f32' ? 'Float32Array' : 'Float64Array'}.of(${logits.join(', ')});\nF.${entry.name}.valueAndGrad(${data}, Int32Array.of(${label})${optionsText(options)})`;
    this.#numbers.show(
      call,
      `gradient at class ${label}`,
      dtype,
      returned.map((r) => ({ ...r, grad: r.grad[label] })),
    );

    const F = drawing(context);
    const each = { ...options, reduction: 'none' };
    const rows = { data: inputOf(F, context, repeat(logits, n), n), shape: [n, n] };
    const ifLabel = valueAndGrad(F, context)(rows, Int32Array.from(logits.keys()), each).value as {
      data: Floats;
    };
    const softmax = F.softmax({ data: floats(dtype, logits), shape: [1, n] } as never) as unknown as {
      data: Floats;
    };
    this.#drawBars(this.#bars.softmax, softmax.data, label, [0, 1]);
    this.#drawBars(this.#bars.loss, ifLabel.data, label);
    this.#drawBars(this.#bars.gradient, returned[0].grad, label);

    // value and gradient over one variable: what the loss itself takes of the label's class
    const own = [...inputOf(drawing(context), context, logits, 1)];
    const { axis, span, others } = axisOf(context);
    const sweep = (xs: readonly number[]): Samples => {
      const x = floats(dtype, xs);
      const all = [...x].flatMap((at) => own.map((of, i) => (i === label ? at : others(of, own[label], at))));
      const input = { data: floats(dtype, all), shape: [xs.length, n] };
      const { value, grad } = valueAndGrad(F, context)(input, new Int32Array(xs.length).fill(label), each);
      return {
        x,
        value: (value as { data: Floats }).data,
        grad: xs.map((_, row) => grad.data[row * n + label]),
      };
    };
    this.#charts.draw({
      title: { value: `Value of ${entry.name}`, grad: `Gradient at the right answer` },
      axes: {
        x: `${axis} of class ${label}`,
        value: unit,
        grad: gradOf,
      },
      span,
      ...sampleCurves(sweep, span),
      at: { x: own[label], value: returned[0].value, grad: returned[0].grad[label] },
      caption: `${entry.name} over the ${axis} of class ${label}, the others as they are set`,
    });
  }

  #drawBars(
    { chart, title, axis, colour }: Bars,
    data: ArrayLike<number>,
    label: number,
    fixed?: [number, number],
  ): void {
    const numbers = Array.from(data);
    const finite = numbers.filter(Number.isFinite);
    const [least, most] = [Math.min(0, ...finite), Math.max(0, ...finite)];
    const room = 0.62 * (most - least || 1);
    const domain = fixed
      ? [fixed[0], fixed[1] * 1.3]
      : [least < 0 ? least - room : 0, most > 0 || least === 0 ? most + room : 0.1];
    const wide = !narrow.matches;
    const text = numbers.map((x, i) => `class ${i}: ${short(x)}`).join(', ');
    chart.title(title).draw({
      height: ROW * numbers.length + AXIS,
      marginTop: 0,
      marginBottom: AXIS,
      marginLeft: wide ? 4 : 58,
      marginRight: 8,
      x: { label: axis, domain, ticks: fixed ? [0, 0.5, 1] : 3 },
      y: { label: 'class', domain: numbers.map((_, i) => String(i)), type: 'band', bare: wide },
      marks: [
        Plot.barX(numbers, {
          x: (d: number) => (Number.isFinite(d) ? d : 0),
          y: (_: number, i: number) => String(i),
          fill: colour,
          fillOpacity: (_: number, i: number) => (i === label ? 1 : 0.55),
          ariaLabel: (_: number, i: number) => `${title} of class ${i}`,
        }),
        ...[1, -1].map((side) =>
          Plot.text(numbers, {
            x: (d: number) => (Number.isFinite(d) ? d : 0),
            y: (_: number, i: number) => String(i),
            text: (d: number) => short(d),
            filter: (d: number) => (side > 0 ? !(d < 0) : d < 0),
            textAnchor: side > 0 ? 'start' : 'end',
            dx: 5 * side,
            fill: 'var(--text)',
            fontSize: 12,
          }),
        ),
        Plot.ruleX([0], { stroke: 'var(--control)' }),
      ],
      text: `${title}. ${text}.`,
    });
  }
}

const repeat = (numbers: readonly number[], times: number): number[] =>
  Array.from({ length: times }, () => numbers).flat();

interface Axis {
  readonly axis: string;
  readonly span: readonly [number, number];
  /** Another class's input where the label's goes from what it `was` to `x`. */
  readonly others: (of: number, was: number, x: number) => number;
  /** The label's logit for an input of it; `rest`: the log of the sum of the others' exponentials. */
  readonly logit: (x: number, rest: number) => number;
}

const within = (x: number): number => Math.min(SPAN[1], Math.max(SPAN[0], x));

/** What the loss takes of a class, as an axis. */
function axisOf(context: Context): Axis {
  const { make } = kindOf(context);
  if (make === 'softmax') {
    return {
      axis: 'probability',
      span: [0, 1],
      others: (of, was, x) => (of * (1 - x)) / (1 - was || 1),
      logit: (x, rest) => within(Math.log(x / (1 - x)) + rest),
    };
  }
  if (make === 'logSoftmax') {
    return {
      axis: 'log-probability',
      span: [-8, 0],
      others: (of, was, x) => of + Math.log1p(-Math.exp(x)) - Math.log1p(-Math.exp(was)),
      logit: (x, rest) => within(x - Math.log(-Math.expm1(x)) + rest),
    };
  }
  const axis = hasNats(context) ? 'logit' : 'score';
  return { axis, span: SPAN, others: (of) => of, logit: (x) => x };
}

/** Whether its input are logits or probabilities, rather than scores in a unit of their own. */
const hasNats = ({ entry }: Pick<Context, 'entry'>): boolean =>
  entry.descriptor.inputs[0].domain({}).what !== undefined;

/** What the loss takes, from logits. */
function kindOf({ entry, options }: Context): {
  before: (x: string) => string;
  make: 'softmax' | 'logSoftmax' | undefined;
  gradOf: string;
  unit: string;
} {
  const unit = 'loss, in nats';
  if (entry.descriptor.inputs[0].domain({}) === LOG_PROBABILITIES)
    return {
      make: 'logSoftmax',
      before: (x) => `F.logSoftmax(${x}).data`,
      gradOf: 'gradient of the log-probability',
      unit,
    };
  if (options.fromLogits === false)
    return {
      make: 'softmax',
      before: (x) => `F.softmax(${x}).data`,
      gradOf: 'gradient of the probability',
      unit,
    };
  return hasNats({ entry })
    ? { make: undefined, before: (x) => x, gradOf: 'gradient, nats per unit of logit', unit }
    : { make: undefined, before: (x) => x, gradOf: 'gradient', unit: 'loss' };
}

function inputOf(F: LossFunctions, context: Context, logits: readonly number[], rows: number): Floats {
  const data = floats(context.dtype, logits);
  const { make } = kindOf(context);
  if (make === undefined || rows === 0) return data;
  const result = F[make]({ data, shape: [rows, logits.length / rows] } as never) as unknown as {
    data: Floats;
  };
  return result.data;
}

/** The library takes a weight for each class. */
function withClassWeight({ options, dtype }: Context, classes: number, label: number): Given {
  if (options.weight === undefined) return options;
  const weight = floats(
    dtype,
    Array.from({ length: classes }, (_, i) => (i === label ? (options.weight as number) : 1)),
  );
  return { ...options, weight };
}
