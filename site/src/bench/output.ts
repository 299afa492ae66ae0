// What a run has found: charts, a table, and JSON to copy.
import { digits, ratioText, sizeText } from '../../../bench/format.ts';
import { Chart } from '../chart.ts';
import { h } from '../dom.ts';
import { BUSY } from './busy.ts';
import { drawSizes, drawSpeedup, drawVariants, groupOf } from './charts.ts';
import { menu } from './form.ts';
import type { PageResult, Variant } from './plan.ts';

export interface Found {
  /** Where and how it was measured. */
  readonly environment: Readonly<Record<string, unknown>> & { readonly others: number };
  readonly results: readonly PageResult[];
  /** Why there are no results of a variant. */
  readonly skipped: ReadonlyMap<Variant, string>;
}

const columns = [
  'loss',
  'size',
  'compared with js',
  'wasm, ns per element',
  'js, ns per element',
  'speed-up',
  'p10 to p90',
];

export class Output {
  readonly element: HTMLElement;
  readonly #speedup = new Chart('speedup');
  readonly #sizes = new Chart('sizes');
  readonly #variants = new Chart('variants');
  readonly #group = menu('Loss', 'sizes-loss', {});
  readonly #notice = h('p', { class: 'notice' });
  readonly #variantCard = h('div', { class: 'card' }, this.#variants.element, this.#notice);
  readonly #busy = h('p', { class: 'notice', 'data-busy': '' });
  readonly #rows = h('tbody');
  readonly #json = h('textarea', {
    readonly: true,
    'aria-label': 'The result as JSON',
    spellcheck: 'false',
  });
  readonly #jsonDetails = h('details', {}, h('summary', {}, 'The result as JSON'), this.#json);
  readonly #copied = h('span', { class: 'hint', role: 'status' });
  #results: readonly PageResult[] = [];

  constructor() {
    const copy = h('button', { type: 'button', name: 'copy', click: () => this.#copy() }, 'Copy JSON');
    const card = (...inside: Node[]): HTMLElement => h('div', { class: 'card' }, ...inside);
    this.element = h(
      'div',
      { class: 'stack' },
      this.#busy,
      h('div', { class: 'beside' }, card(this.#speedup.element), this.#variantCard),
      card(h('div', { class: 'narrow' }, this.#group.element), this.#sizes.element),
      card(tableOf(this.#rows)),
      card(h('div', { class: 'actions' }, copy, this.#copied), this.#jsonDetails),
    );
    this.element.hidden = true;
    this.#group.select.addEventListener('change', () => this.#drawSizes());
  }

  show({ environment, results, skipped }: Found): void {
    this.#results = results;
    this.#busy.hidden = environment.others <= BUSY;
    this.#busy.textContent = `Others used about ${Math.round(100 * environment.others)} % of a core while we looked, before a loss was measured. WASM and JS run in turn, so that the ratios suffer less than the times; both are better on a machine that is idle.`;
    this.#copied.textContent = '';
    this.element.hidden = results.length === 0;
    if (results.length === 0) return;
    drawSpeedup(this.#speedup, results);
    this.#fillGroups();
    this.#drawSizes();
    this.#showVariants(skipped);
    this.#rows.replaceChildren(...results.map(rowOf));
    const lines = results.map((result) => `    ${JSON.stringify(result)}`).join(',\n');
    this.#json.value = `{\n  "environment": ${JSON.stringify(environment)},\n  "cases": [\n${lines}\n  ]\n}\n`;
  }

  #fillGroups(): void {
    const { select } = this.#group;
    const names = [...new Set(this.#results.filter(({ variant }) => variant === 'wasm').map(groupOf))];
    const chosen = names.includes(select.value) ? select.value : names[0];
    select.replaceChildren(...names.map((name) => h('option', { value: name }, name)));
    select.value = chosen;
  }

  #drawSizes(): void {
    drawSizes(this.#sizes, this.#results, this.#group.select.value);
  }

  #showVariants(skipped: Found['skipped']): void {
    const some = this.#results.some(({ variant }) => variant !== 'wasm');
    this.#variantCard.hidden = !some && skipped.size === 0;
    this.#variants.element.hidden = !some;
    if (some) drawVariants(this.#variants, this.#results);
    const names = { wasm: 'wasm', relaxed: 'relaxed math', threads: 'threads' };
    this.#notice.textContent = [...skipped]
      .map(([variant, why]) => `No ${names[variant]}: ${why}.`)
      .join(' ');
    this.#notice.hidden = skipped.size === 0;
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.#json.value);
      this.#copied.textContent = 'Copied.';
    } catch {
      this.#jsonDetails.open = true;
      this.#json.select();
      this.#copied.textContent = 'The browser forbids it: it is selected below, copy it from there.';
    }
  }
}

function tableOf(body: HTMLElement): HTMLElement {
  const head = columns.map((name, i) => h('th', { scope: 'col', class: i > 2 && 'number' }, name));
  return h(
    'details',
    {},
    h('summary', {}, 'All measurements as a table'),
    h('div', { class: 'scroll' }, h('table', {}, h('thead', {}, h('tr', {}, ...head)), body)),
  );
}

function rowOf(result: PageResult): HTMLElement {
  const cells = [sizeText(result.shape), result.variant];
  const numbers = [
    digits(result.wasm),
    digits(result.js),
    ratioText(result.ratio),
    `${digits(result.p10)} to ${digits(result.p90)}`,
  ];
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, groupOf(result)),
    ...cells.map((text) => h('td', {}, text)),
    ...numbers.map((text) => h('td', { class: 'number' }, text)),
  );
}
