// What to measure: the controls of the bench, its progress, and what it says.
import type { FloatDType } from 'simdloss';
import { lossNames, type Operation, operations } from '../../../bench/cases.ts';
import { h, newId } from '../dom.ts';
import { type Extent, extents, plans, type Wish } from './plan.ts';

const operationNames: Record<Operation, string> = {
  value: 'Value',
  grad: 'Gradient',
  valueAndGrad: 'Value and gradient',
};

export interface Menu {
  readonly element: HTMLElement;
  readonly select: HTMLSelectElement;
}

export function menu(
  name: string,
  key: string,
  entries: Readonly<Record<string, string>>,
  chosen = '',
): Menu {
  const options = Object.entries(entries).map(([value, text]) => h('option', { value }, text));
  const select = h('select', { id: newId(), name: key }, ...options);
  select.value = chosen;
  return { select, element: h('div', { class: 'field' }, h('label', { for: select.id }, name), select) };
}

const check = (key: string, value: string, text: string, checked = true) => {
  const box = h('input', { type: 'checkbox', name: key, value, checked });
  return { box, element: h('label', { class: 'choice' }, box, text) };
};

const choices = (legend: string, boxes: readonly HTMLElement[], hint?: Node): HTMLElement =>
  h('fieldset', {}, h('legend', {}, legend), h('div', { class: 'choices' }, ...boxes), hint);

const notIsolated =
  'Threads need shared memory, which browsers give to isolated pages only; the server of this page does not send the headers for that (COOP and COEP). Clocks are coarser, too: rounds take longer.';

export type State = 'idle' | 'running' | 'done' | 'cancelled' | 'failed';

export class BenchForm {
  readonly element: HTMLFormElement;
  readonly #extent = menu(
    'How much',
    'extent',
    Object.fromEntries(extents.map((name) => [name, plans[name].about])),
    'standard',
  );
  readonly #operation = menu(
    'What',
    'operation',
    Object.fromEntries(operations.map((name) => [name, operationNames[name]])),
    'valueAndGrad',
  );
  readonly #dtype = menu('Numbers', 'bench-dtype', { f32: 'f32', f64: 'f64' }, 'f32');
  readonly #losses = lossNames.map((name) => ({ name, ...check('bench-loss', name, name) }));
  readonly #relaxed = check('variant', 'relaxed', 'relaxed math');
  readonly #threads = check('variant', 'threads', 'threads', crossOriginIsolated);
  readonly #start = h('button', { type: 'submit', class: 'main' }, 'Run');
  readonly #cancel: HTMLButtonElement;
  readonly #progress = h('progress', { value: 0, max: 1, 'aria-label': 'Progress of the benchmark' });
  readonly #status = h('p', { class: 'hint', 'data-status': 'idle' }, 'Nothing was measured yet.');
  /** The status changes several times a second: only beginning and end are announced. */
  readonly #live = h('p', { class: 'hidden', 'aria-live': 'polite' });

  constructor(run: () => void, cancel: () => void) {
    this.#cancel = h('button', { type: 'button', click: cancel }, 'Cancel');
    this.element = h(
      'form',
      {
        class: 'card stack',
        submit: (event: Event) => {
          event.preventDefault();
          run();
        },
      },
      h(
        'div',
        { class: 'bench-choices' },
        this.#extent.element,
        this.#operation.element,
        this.#dtype.element,
      ),
      choices(
        'Losses',
        this.#losses.map(({ element }) => element),
      ),
      choices(
        'Also',
        [this.#relaxed.element, this.#threads.element],
        crossOriginIsolated ? undefined : h('p', { class: 'hint' }, notIsolated),
      ),
      h('div', { class: 'actions' }, this.#start, this.#cancel),
      this.#progress,
      this.#status,
      this.#live,
    );
    this.#enable(false);
  }

  get wish(): Wish & { readonly dtype: FloatDType } {
    return {
      losses: this.#losses.filter(({ box }) => box.checked).map(({ name }) => name),
      operation: this.#operation.select.value as Operation,
      extent: this.#extent.select.value as Extent,
      dtype: this.#dtype.select.value as FloatDType,
      variants: [
        'wasm',
        ...(this.#relaxed.box.checked ? ['relaxed' as const] : []),
        ...(this.#threads.box.checked ? ['threads' as const] : []),
      ],
    };
  }

  say(state: State, text: string): void {
    this.#status.dataset.status = state;
    this.#status.textContent = text;
  }

  /** While it runs there is nothing but cancelling. */
  begin(): void {
    this.#enable(true);
    this.#cancel.focus({ preventScroll: true });
    this.advance(0, 1);
    this.say('running', 'Starting …');
    this.#live.textContent = 'The benchmark has begun.';
  }

  advance(done: number, of: number): void {
    this.#progress.max = of;
    this.#progress.value = done;
  }

  end(state: State, text: string): void {
    this.#enable(false);
    this.#start.focus({ preventScroll: true });
    if (state === 'done') this.#progress.value = this.#progress.max;
    this.say(state, text);
    this.#live.textContent = text;
  }

  #enable(busy: boolean): void {
    for (const control of this.element.querySelectorAll<HTMLInputElement>('input, select, button'))
      control.disabled = busy;
    this.#threads.box.disabled ||= !crossOriginIsolated;
    this.#cancel.disabled = !busy;
  }
}
