// A chart: drawn by Observable Plot as SVG, as wide as its place, with names at its axes and a text for those who don't see it.
import * as Plot from '@observablehq/plot';
import { h, perFrame } from './dom.ts';

export interface Axis {
  /** What it is, with its unit. */
  readonly label: string;
  readonly domain?: readonly (number | string)[];
  readonly type?: 'linear' | 'log' | 'band' | 'point';
  readonly ticks?: number | readonly number[];
  readonly tickFormat?: (tick: never) => string;
  readonly tickRotate?: number;
  /** No ticks and no label: the rows are named elsewhere. */
  readonly bare?: boolean;
}

export interface Drawing {
  readonly height: number;
  readonly x: Axis;
  readonly y: Axis;
  readonly marginLeft?: number;
  readonly marginRight?: number;
  readonly marginTop?: number;
  readonly marginBottom?: number;
  readonly marks: Plot.Markish[];
  /** What the chart shows, in a sentence. */
  readonly text: string;
}

export interface LegendEntry {
  readonly name: string;
  /** A class of controls.css. */
  readonly colour: string;
}

const log10 = (tick: number): string => {
  const exponent = Math.round(Math.log10(tick));
  if (Math.abs(exponent) <= 2) return String(Number((10 ** exponent).toPrecision(1)));
  return `10${String(exponent).replace(/./g, (d) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(d)])}`;
};

/** Powers of ten in sight, at most `most`. */
export function decades([low, high]: readonly number[], most: number): number[] {
  const [least, greatest] = [Math.ceil(Math.log10(low)), Math.floor(Math.log10(high))];
  const step = Math.max(1, Math.ceil((greatest - least) / (most - 1)));
  const exponents = [];
  for (let exponent = greatest; exponent >= least; exponent -= step) exponents.push(exponent);
  return exponents.map((exponent) => 10 ** exponent);
}

/** For ticks like −0.5, 10⁻¹² and the name of the axis. */
const LEFT = 66;
const RIGHT = 14;
const GRID = { stroke: 'var(--grid)', strokeOpacity: 1 };

export class Chart {
  readonly element: HTMLElement;
  readonly #title = h('span');
  readonly #legend = h('ul', { class: 'legend' });
  #drawing: Drawing | undefined;
  #svg: SVGSVGElement | undefined;
  #scaleX: Plot.Scale | undefined;
  #width = 0;

  constructor(name: string) {
    this.element = h(
      'figure',
      { class: 'chart', 'data-chart': name },
      h('figcaption', {}, this.#title, this.#legend),
    );
    // in the next frame: a chart that grows while sizes are being told would make them be told again
    const redraw = perFrame(() => {
      if (this.#drawing !== undefined && this.element.clientWidth !== this.#width) this.draw(this.#drawing);
    });
    new ResizeObserver(redraw).observe(this.element);
  }

  title(text: string, legend: readonly LegendEntry[] = []): this {
    this.#title.textContent = text;
    this.#legend.replaceChildren(
      ...legend.map(({ name, colour }) => h('li', { class: colour }, h('span', { class: 'swatch' }), name)),
    );
    return this;
  }

  draw(drawing: Drawing): void {
    this.#drawing = drawing;
    this.#width = this.element.clientWidth;
    const { x, y, marks, marginLeft = LEFT, marginRight = RIGHT } = drawing;
    // out of sight, or its place has no width yet; the observer draws it when it has
    if (this.#width <= marginLeft + marginRight) return;
    const plot = Plot.plot({
      width: this.#width,
      height: drawing.height,
      marginLeft,
      marginRight,
      marginTop: drawing.marginTop ?? 12,
      marginBottom: drawing.marginBottom ?? 42,
      x: scaleOf(x),
      y: scaleOf(y),
      marks: [...this.#axis('x', x, drawing), ...this.#axis('y', y, drawing), ...marks],
    }) as SVGSVGElement & Plot.Plot;
    // the page's own style does it, and the policy forbids others
    for (const style of plot.querySelectorAll('style')) style.remove();
    // one image with one text: names of its parts are for tests only
    for (const part of plot.querySelectorAll<SVGElement>('[aria-label]')) {
      part.dataset.mark = part.getAttribute('aria-label') ?? '';
      part.removeAttribute('aria-label');
    }
    plot.setAttribute('role', 'img');
    plot.setAttribute('aria-label', drawing.text);
    this.#scaleX = plot.scale('x');
    if (this.#svg === undefined) this.element.append(plot);
    else this.#svg.replaceWith(plot);
    this.#svg = plot;
  }

  #axis(of: 'x' | 'y', axis: Axis, drawing: Drawing): Plot.Markish[] {
    if (axis.bare) return [];
    const plain = axis.type !== 'band' && axis.type !== 'point';
    const log = axis.type === 'log';
    const domain = axis.domain as number[] | undefined;
    const wanted = axis.ticks ?? (log && domain !== undefined ? decades(domain, of === 'x' ? 5 : 6) : 5);
    const ticks = of === 'x' && typeof wanted !== 'number' ? this.#thinned(wanted, drawing) : wanted;
    const options = {
      label: axis.label || null,
      labelAnchor: 'center' as const,
      labelArrow: 'none' as const,
      labelOffset: of === 'x' ? (drawing.marginBottom ?? 42) - 6 : (drawing.marginLeft ?? LEFT) - 4,
      tickSize: 0,
      fontSize: 12,
      color: 'var(--soft)',
      fill: 'var(--soft)',
      tickRotate: axis.tickRotate,
      // d3 would leave out some of a logarithmic axis's own texts
      ...(log ? { text: axis.tickFormat ?? log10 } : { tickFormat: axis.tickFormat }),
      ...(plain ? { ticks } : {}),
    };
    const grid = { ...GRID, ...(plain ? { ticks } : {}) };
    return of === 'x'
      ? [plain ? Plot.gridX(grid as Plot.GridXOptions) : null, Plot.axisX(options as Plot.AxisXOptions)]
      : [plain ? Plot.gridY(grid as Plot.GridYOptions) : null, Plot.axisY(options as Plot.AxisYOptions)];
  }

  /** As many texts as fit: every second, third …, with 1 or else the last among them. */
  #thinned(ticks: readonly number[], { marginLeft = LEFT, marginRight = RIGHT }: Drawing): number[] {
    const fit = Math.max(2, Math.floor((this.#width - marginLeft - marginRight) / 44));
    const every = Math.ceil(ticks.length / fit);
    const anchor = ticks.includes(1) ? ticks.indexOf(1) : ticks.length - 1;
    return ticks.filter((_, i) => (i - anchor) % every === 0);
  }

  /** Lets the x axis be dragged over; `move` gets where, `grab` what was grabbed. */
  onDrag<T>(grab: (x: number, perPixel: number) => T, move: (grabbed: T, x: number) => void): void {
    this.element.classList.add('drag');
    let grabbed: { readonly what: T } | undefined;
    const at = (event: PointerEvent): number | undefined => {
      const box = this.#svg?.getBoundingClientRect();
      if (box === undefined || box.width === 0) return undefined;
      return this.#scaleX?.invert?.(((event.clientX - box.left) * this.#width) / box.width);
    };
    this.element.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || !(event.target as Element).closest('svg')) return;
      const x = at(event);
      if (x === undefined) return;
      const perPixel = Math.abs((this.#scaleX!.invert!(1) as number) - (this.#scaleX!.invert!(0) as number));
      grabbed = { what: grab(x, perPixel) };
      this.element.setPointerCapture(event.pointerId);
      move(grabbed.what, x);
      event.preventDefault();
    });
    this.element.addEventListener('pointermove', (event) => {
      const x = at(event);
      if (grabbed !== undefined && x !== undefined) move(grabbed.what, x);
    });
    for (const end of ['pointerup', 'pointercancel'])
      this.element.addEventListener(end, () => {
        grabbed = undefined;
      });
  }
}

function scaleOf({ domain, type, bare }: Axis): Plot.ScaleOptions {
  return {
    ...(domain === undefined ? {} : { domain: [...domain] }),
    ...(bare ? { axis: null } : {}),
    ...(type === undefined ? {} : { type }),
    ...(type === 'band' ? { padding: 0.35 } : type === 'point' ? { padding: 0.5 } : {}),
  } as Plot.ScaleOptions;
}
