// Value on the left, gradient on the right, with the prediction to be dragged.
import * as Plot from '@observablehq/plot';
import { Chart } from '../chart.ts';
import { h } from '../dom.ts';
import { short } from '../format.ts';
import { type Curve, limits, near, type Point } from './curve.ts';

export interface Curves {
  readonly title: { readonly value: string; readonly grad: string };
  readonly axes: { readonly x: string; readonly value: string; readonly grad: string };
  readonly span: readonly [number, number];
  readonly value: Curve;
  readonly grad: Curve;
  readonly at: { readonly x: number; readonly value: number; readonly grad: number };
  /** A place on the same axis. */
  readonly target?: number;
  readonly caption: string;
}

const HEIGHT = 290;
const TABLE_ROWS = 16;

export class CurveCharts {
  readonly element: HTMLElement;
  readonly #charts = { value: new Chart('value'), grad: new Chart('grad') };
  readonly #body = h('tbody');
  readonly #caption = h('caption');
  readonly #head = h('tr');
  #curves: Curves | undefined;

  constructor(move: (what: 'input' | 'target', x: number) => void) {
    for (const chart of Object.values(this.#charts)) {
      chart.onDrag(
        (x, perPixel) => {
          const { at, target } = this.#curves!;
          const toTarget = target === undefined ? Number.POSITIVE_INFINITY : Math.abs(target - x);
          return toTarget < 14 * perPixel && toTarget < Math.abs(at.x - x) ? 'target' : 'input';
        },
        (what, x) => {
          const [from, to] = this.#curves!.span;
          move(what, Math.min(to, Math.max(from, x)));
        },
      );
    }
    const table = h('table', {}, this.#caption, h('thead', {}, this.#head), this.#body);
    const details = h(
      'details',
      {},
      h('summary', {}, 'The curves as a table'),
      h('div', { class: 'scroll' }, table),
    );
    details.addEventListener('toggle', () => this.#fillTable());
    this.#details = details;
    this.element = h(
      'div',
      { class: 'stack' },
      h('div', { class: 'pair' }, this.#charts.value.element, this.#charts.grad.element),
      details,
    );
  }
  readonly #details: HTMLDetailsElement;

  draw(curves: Curves): void {
    this.#curves = curves;
    for (const part of ['value', 'grad'] as const) this.#drawOne(part, curves);
    this.#fillTable();
  }

  #drawOne(part: 'value' | 'grad', { title, axes, span, at, target, ...curves }: Curves): void {
    const { line, dots } = curves[part];
    const range = limits([line, dots]);
    const [low, high] = range;
    const colour = `var(--${part})`;
    const y = Math.min(high, Math.max(low, at[part]));
    const marks: Plot.Markish[] = [
      low < 0 && high > 0 ? Plot.ruleY([0], { stroke: 'var(--control)' }) : null,
      target === undefined
        ? null
        : Plot.ruleX([target], { stroke: 'var(--label)', strokeWidth: 1.5, strokeDasharray: '5 4' }),
      Plot.ruleX([at.x], { stroke: 'var(--text)', strokeOpacity: 0.5 }),
      Plot.lineY(near(line, range), {
        x: '0',
        y: '1',
        stroke: colour,
        strokeWidth: 2.4,
        clip: true,
        ariaLabel: () => `${part} curve`,
      }),
      Plot.dot(near(dots, range), { x: '0', y: '1', r: 3.5, fill: colour }),
      Number.isNaN(at[part])
        ? null
        : Plot.dot([[at.x, y]], {
            x: '0',
            y: '1',
            r: 6,
            fill: colour,
            stroke: 'var(--card)',
            strokeWidth: 2,
          }),
    ];
    this.#charts[part].title(title[part]).draw({
      height: HEIGHT,
      x: { label: axes.x, domain: span },
      y: { label: axes[part], domain: range },
      marks,
      text: `${title[part]}. ${describe(line)} At x = ${short(at.x)} it is ${short(at[part])}.`,
    });
  }

  #fillTable(): void {
    if (this.#curves === undefined || !this.#details.open) return;
    const { value, grad, axes, span, caption } = this.#curves;
    this.#caption.textContent = caption;
    this.#head.replaceChildren(
      ...[axes.x, axes.value, axes.grad].map((name) => h('th', { scope: 'col' }, name)),
    );
    const rows = Array.from(
      { length: TABLE_ROWS + 1 },
      (_, i) => span[0] + ((span[1] - span[0]) * i) / TABLE_ROWS,
    );
    this.#body.replaceChildren(
      ...rows.map((x) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, short(x)),
          ...[value, grad].map(({ line }) => h('td', {}, short(nearest(line, x)[1]))),
        ),
      ),
    );
  }
}

const nearest = (line: readonly Point[], x: number): Point =>
  line.reduce((best, point) => (Math.abs(point[0] - x) < Math.abs(best[0] - x) ? point : best));

function describe(line: readonly Point[]): string {
  const seen = line.filter(([, y]) => !Number.isNaN(y));
  if (seen.length === 0) return 'It is NaN everywhere.';
  const text = ([x, y]: Point): string => `${short(y)} at ${short(x)}`;
  const least = seen.reduce((best, point) => (point[1] < best[1] ? point : best));
  const most = seen.reduce((best, point) => (point[1] > best[1] ? point : best));
  return `From ${text(seen[0])} to ${text(seen[seen.length - 1])}; least ${text(least)}, most ${text(most)}.`;
}
