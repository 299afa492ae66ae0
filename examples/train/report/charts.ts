// The report's charts, drawn by Observable Plot as SVG. Colours are variables of the page's style sheet, so that one drawing
// serves light and dark. A chart is as wide as a phone: beside each other where there is room, below each other elsewhere.
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { CurvePoint } from '../result.ts';
import { Html } from './html.ts';
import type { Bin } from './residuals.ts';

export interface Described {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  /** What there is to see, for who does not see it. */
  readonly description: string;
}

const WIDTH = 340;
const shape = { width: WIDTH, height: 232, marginTop: 26, marginRight: 12, marginBottom: 40, marginLeft: 46 };
const axis = { tickSize: 0, labelArrow: 'none', color: 'var(--muted)' } as const;
const xAxis = { ...axis, labelAnchor: 'center', labelOffset: 36 } as const;
const yAxis = { ...axis, labelAnchor: 'top' } as const;
const grid = { stroke: 'var(--grid)', strokeOpacity: 1 };

function draw({ id, title, description }: Described, options: Plot.PlotOptions): Html {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const svg = Plot.plot({ ...options, document });
  for (const style of svg.querySelectorAll('style')) style.remove();
  // the page's style sheet has what these would say
  for (const name of ['fill', 'font-family', 'font-size']) svg.removeAttribute(name);
  const label = (name: string, text: string): void => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    element.setAttribute('id', `${id}-${name}`);
    element.textContent = text;
    svg.prepend(element);
  };
  label('desc', description);
  label('title', title);
  const attributes = { id, class: 'chart', role: 'img', 'aria-labelledby': `${id}-title ${id}-desc` };
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  return new Html(svg.outerHTML);
}

export interface Curve extends Described {
  readonly points: readonly CurvePoint[];
  readonly unit: string;
}

/** Mean loss over steps, on the rows that are trained on and on those that are held out. */
export function curveChart({ points, unit, ...described }: Curve): Html {
  // before the first step no step has been taken, which a logarithmic axis has no place for
  const at = ({ steps }: CurvePoint): number => steps + 1;
  const end = at(points[points.length - 1]);
  const top = Math.max(...points.flatMap(({ training, heldOut }) => [training, heldOut]));
  return draw(described, {
    ...shape,
    x: { type: 'log', domain: [1, end] },
    y: { domain: [0, top], nice: true },
    marks: [
      Plot.gridY({ ...grid, ticks: 4 }),
      Plot.axisX({
        ...xAxis,
        label: 'step',
        ticks: [1, 10, 100, 1000].filter((tick) => tick <= end),
        tickFormat: String,
      }),
      Plot.axisY({ ...yAxis, label: `mean loss (${unit})`, ticks: 4 }),
      Plot.ruleY([0], { stroke: 'var(--axis)' }),
      Plot.line(points, {
        x: at,
        y: 'heldOut',
        stroke: 'var(--held-out)',
        strokeWidth: 2,
        strokeDasharray: '5 3',
      }),
      Plot.line(points, { x: at, y: 'training', stroke: 'var(--training)', strokeWidth: 2 }),
    ],
  });
}

export interface Histogram extends Described {
  readonly bins: readonly Bin[];
  readonly rows: number;
  /** The highest bar of all histograms beside this one, as a share of rows. */
  readonly highest: number;
  readonly colour: 'training' | 'held-out';
  readonly mean: number;
  readonly median: number;
}

/** Residuals in bins, as percentages of the rows, so that sets of different size can be compared. */
export function histogramChart(histogram: Histogram): Html {
  const { bins, rows, highest, colour, mean, median, ...described } = histogram;
  return draw(described, {
    ...shape,
    x: { domain: [bins[0].from, bins[bins.length - 1].to] },
    y: { domain: [0, highest * 100], nice: true },
    marks: [
      Plot.gridY({ ...grid, ticks: 4 }),
      Plot.axisX({ ...xAxis, label: 'prediction − target (points)', ticks: 5 }),
      Plot.axisY({ ...yAxis, label: 'rows (%)', ticks: 4 }),
      Plot.rectY(bins, {
        x1: 'from',
        x2: 'to',
        y: ({ count }: Bin) => (count / rows) * 100,
        fill: `var(--${colour})`,
        insetLeft: 0.5,
        insetRight: 0.5,
      }),
      Plot.ruleY([0], { stroke: 'var(--axis)' }),
      Plot.ruleX([median], { stroke: 'var(--text)', strokeWidth: 1.75 }),
      Plot.ruleX([mean], { stroke: 'var(--text)', strokeWidth: 1.75, strokeDasharray: '2 3' }),
    ],
  });
}

export interface Matrix extends Described {
  /** By class (first index) and what it was taken for (second index). */
  readonly counts: readonly (readonly number[])[];
}

export function matrixChart({ counts, ...described }: Matrix): Html {
  const cells = counts.flatMap((row, label) => row.map((count, predicted) => ({ label, predicted, count })));
  type Cell = (typeof cells)[number];
  const wrong = cells.filter(({ label, predicted, count }) => label !== predicted && count > 0);
  const right = cells.filter(({ label, predicted }) => label === predicted);
  const most = Math.max(1, ...wrong.map(({ count }) => count));
  const place = { x: 'predicted', y: 'label', inset: 1, rx: 3 };
  return draw(described, {
    width: WIDTH,
    height: WIDTH,
    marginTop: 44,
    marginRight: 4,
    marginBottom: 4,
    marginLeft: 44,
    padding: 0,
    x: { type: 'band', domain: counts.map((_, label) => label) },
    y: { type: 'band', domain: counts.map((_, label) => label) },
    marks: [
      Plot.axisX({ ...axis, anchor: 'top', label: 'taken for', labelAnchor: 'center', labelOffset: 36 }),
      Plot.axisY({ ...axis, label: 'digit', labelAnchor: 'center', labelOffset: 36 }),
      Plot.cell(cells, { ...place, fill: 'var(--cell)' }),
      Plot.cell(right, { ...place, fill: 'var(--right)' }),
      Plot.cell(wrong, {
        ...place,
        fill: 'var(--wrong)',
        fillOpacity: { value: ({ count }: Cell) => 0.3 + (0.6 * count) / most, scale: null },
      }),
      Plot.text([...right, ...wrong], {
        x: 'predicted',
        y: 'label',
        text: 'count',
        fill: 'var(--text)',
        fontSize: 13,
      }),
    ],
  });
}
