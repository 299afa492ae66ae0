// (b) The bench: what to measure, a run with its progress, charts, a table, and the result as JSON.
import type { FloatDType } from 'simdloss';
import { lossNames, type Operation, operations } from '../../../bench/cases.ts';
import { digits, ratioText, sizeText } from '../../../bench/format.ts';
import { Chart } from '../chart.ts';
import { byId, h, newId } from '../dom.ts';
import type { Backends } from '../library.ts';
import { drawSizes, drawSpeedup, drawVariants, groupOf } from './charts.ts';
import {
  casesFor,
  type Extent,
  extents,
  type PageCase,
  type PageResult,
  plans,
  type Variant,
} from './plan.ts';
import { Run } from './run.ts';

const operationNames: Record<Operation, string> = {
  value: 'Value',
  grad: 'Gradient',
  valueAndGrad: 'Value and gradient',
};

function menu(
  name: string,
  key: string,
  entries: readonly (readonly [value: string, text: string])[],
  chosen: string,
) {
  const select = h(
    'select',
    { id: newId(), name: key },
    ...entries.map(([value, text]) => h('option', { value }, text)),
  );
  select.value = chosen;
  return { select, element: h('div', { class: 'field' }, h('label', { for: select.id }, name), select) };
}

const check = (key: string, value: string, text: string, checked = true) => {
  const box = h('input', { type: 'checkbox', name: key, value, checked });
  return { box, element: h('label', { class: 'choice' }, box, text) };
};

export function showBench({ wasm }: Backends): void {
  const place = byId('bench-view');
  if (wasm === undefined) {
    place.replaceChildren(
      h('p', { class: 'notice' }, 'This browser has no WebAssembly with SIMD: there is nothing to compare.'),
    );
    return;
  }
  const extent = menu(
    'How much',
    'extent',
    extents.map((name) => [name, plans[name].about] as const),
    'standard',
  );
  const operation = menu(
    'What',
    'operation',
    operations.map((name) => [name, operationNames[name]] as const),
    'valueAndGrad',
  );
  const dtype = menu(
    'Numbers',
    'bench-dtype',
    [
      ['f32', 'f32'],
      ['f64', 'f64'],
    ],
    'f32',
  );
  const losses = lossNames.map((name) => check('bench-loss', name, name));
  const relaxed = check('variant', 'relaxed', 'relaxed math');
  const threads = check('variant', 'threads', 'threads', crossOriginIsolated);
  threads.box.disabled = !crossOriginIsolated;
  const start = h('button', { type: 'submit', class: 'main' }, 'Run');
  const cancel = h('button', { type: 'button' }, 'Cancel');
  cancel.disabled = true;
  const progress = h('progress', { value: 0, max: 1, 'aria-label': 'Progress of the benchmark' });
  progress.value = 0;
  const status = h('p', { class: 'hint', 'data-status': 'idle' }, 'Nothing was measured yet.');
  // the status changes several times a second: only beginning and end are announced
  const live = h('p', { class: 'hidden', 'aria-live': 'polite' });

  const charts = {
    speedup: new Chart('speedup'),
    sizes: new Chart('sizes'),
    variants: new Chart('variants'),
  };
  const group = menu('Loss', 'sizes-loss', [], '');
  const tableBody = h('tbody');
  const json = h('textarea', { readonly: true, 'aria-label': 'The result as JSON', spellcheck: 'false' });
  const copied = h('span', { class: 'hint', role: 'status' });
  const copy = h('button', { type: 'button', name: 'copy' }, 'Copy JSON');
  const noVariants = h('p', { class: 'notice' });
  const variantCard = h('div', { class: 'card' }, charts.variants.element, noVariants);
  const output = h(
    'div',
    { class: 'stack' },
    h('div', { class: 'beside' }, h('div', { class: 'card' }, charts.speedup.element), variantCard),
    h('div', { class: 'card' }, h('div', { class: 'narrow' }, group.element), charts.sizes.element),
    h('div', { class: 'card' }, resultTable(tableBody)),
    h(
      'div',
      { class: 'card' },
      h('div', { class: 'actions' }, copy, copied),
      h('details', {}, h('summary', {}, 'The result as JSON'), json),
    ),
  );
  output.hidden = true;

  const form = h(
    'form',
    { class: 'card stack' },
    h('div', { class: 'bench-choices' }, extent.element, operation.element, dtype.element),
    h(
      'fieldset',
      {},
      h('legend', {}, 'Losses'),
      h('div', { class: 'choices' }, ...losses.map(({ element }) => element)),
    ),
    h(
      'fieldset',
      {},
      h('legend', {}, 'Also'),
      h('div', { class: 'choices' }, relaxed.element, threads.element),
      !crossOriginIsolated &&
        h(
          'p',
          { class: 'hint' },
          'Threads need shared memory, which browsers give to isolated pages only; the server of this page does not send the headers for that (COOP and COEP). Clocks are coarser, too: rounds take longer.',
        ),
    ),
    h('div', { class: 'actions' }, start, cancel),
    progress,
    status,
    live,
  );
  place.replaceChildren(h('div', { class: 'stack' }, form, output));

  let results: PageResult[] = [];
  let skipped = new Map<Variant, string>();
  let resolution = Number.NaN;
  let run: Run | undefined;

  const say = (state: string, text: string): void => {
    status.dataset.status = state;
    status.textContent = text;
  };
  const drawGroup = (): void => drawSizes(charts.sizes, results, group.select.value);
  group.select.addEventListener('change', drawGroup);

  /** Everything that results are shown in. */
  function show(): void {
    output.hidden = results.length === 0;
    if (results.length === 0) return;
    const names = [...new Set(results.filter(({ variant }) => variant === 'wasm').map(groupOf))];
    const chosen = group.select.value;
    group.select.replaceChildren(...names.map((name) => h('option', { value: name }, name)));
    group.select.value = names.includes(chosen) ? chosen : names[0];
    drawSpeedup(charts.speedup, results);
    drawGroup();
    const some = results.some(({ variant }) => variant !== 'wasm');
    charts.variants.element.hidden = !some;
    if (some) drawVariants(charts.variants, results);
    const reasons = [...skipped].map(
      ([variant, why]) => `No ${variant === 'relaxed' ? 'relaxed math' : variant}: ${why}.`,
    );
    noVariants.textContent = reasons.join(' ');
    noVariants.hidden = reasons.length === 0;
    variantCard.hidden = !some && reasons.length === 0;
    tableBody.replaceChildren(...results.map(rowOf));
    json.value = jsonOf(results);
  }

  const jsonOf = (cases: readonly PageResult[]): string => {
    const environment = {
      userAgent: navigator.userAgent,
      cores: navigator.hardwareConcurrency,
      isolated: crossOriginIsolated,
      clockResolutionMs: resolution,
      date: new Date().toISOString().slice(0, 10),
      dtype: dtype.select.value,
      extent: extent.select.value,
      unit: 'ns per element; ratio: js / wasm',
    };
    const lines = cases.map((result) => `    ${JSON.stringify(result)}`).join(',\n');
    return `{\n  "environment": ${JSON.stringify(environment)},\n  "cases": [\n${lines}\n  ]\n}\n`;
  };

  async function measure(): Promise<void> {
    const chosen = lossNames.filter((_, i) => losses[i].box.checked);
    const cases = casesFor({
      losses: chosen,
      operation: operation.select.value as Operation,
      extent: extent.select.value as Extent,
      variants: [
        'wasm',
        ...(relaxed.box.checked ? ['relaxed' as const] : []),
        ...(threads.box.checked ? ['threads' as const] : []),
      ],
    });
    if (chosen.length === 0) {
      say('idle', 'Choose at least one loss.');
      return;
    }
    results = [];
    skipped = new Map();
    copied.textContent = '';
    show();
    setBusy(true);
    say('running', 'Starting …');
    live.textContent = 'The benchmark has begun.';
    progress.value = 0;
    run = new Run(
      cases,
      { dtype: dtype.select.value as FloatDType, effort: plans[extent.select.value as Extent].effort },
      {
        started: (which: PageCase, done, of) => {
          progress.max = of;
          progress.value = done;
          say(
            'running',
            `${done + 1} of ${of}: ${which.loss}, ${sizeText(which.shape)}${which.variant === 'wasm' ? '' : `, ${which.variant}`}`,
          );
        },
        measured: (result) => {
          results.push(result);
          show();
        },
        skipped: (which, why) => void skipped.set(which.variant, why),
        resolution: (ms) => {
          resolution = ms;
        },
      },
    );
    try {
      const complete = await run.start();
      if (complete) progress.value = progress.max;
      const what = `${results.length} measurements`;
      say(complete ? 'done' : 'cancelled', complete ? `Done: ${what}.` : `Cancelled after ${what}.`);
    } catch (cause) {
      say('failed', `The benchmark failed: ${(cause as Error).message}`);
    } finally {
      run = undefined;
      setBusy(false);
      show();
      live.textContent = status.textContent;
    }
  }

  function setBusy(busy: boolean): void {
    for (const control of form.querySelectorAll<HTMLInputElement>('input, select, button'))
      control.disabled = busy;
    threads.box.disabled ||= !crossOriginIsolated;
    cancel.disabled = !busy;
    (busy ? cancel : start).focus({ preventScroll: true });
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void measure();
  });
  cancel.addEventListener('click', () => run?.cancel());
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(json.value);
      copied.textContent = 'Copied.';
    } catch {
      json.closest('details')!.open = true;
      json.select();
      copied.textContent = 'The browser forbids it: it is selected below, copy it from there.';
    }
  });
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

const resultTable = (body: HTMLElement): HTMLElement =>
  h(
    'details',
    {},
    h('summary', {}, 'All measurements as a table'),
    h(
      'div',
      { class: 'scroll' },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h('tr', {}, ...columns.map((name, i) => h('th', { scope: 'col', class: i > 2 && 'number' }, name))),
        ),
        body,
      ),
    ),
  );

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
