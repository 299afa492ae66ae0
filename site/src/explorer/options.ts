// The controls of a loss's options, from its table in the registry: a new loss has them by itself.
import type { Interval } from '../../../src/options/interval.ts';
import type { OptionSpec } from '../../../src/options/specs.ts';
import { fromDocs, h, newId } from '../dom.ts';
import type { Given } from '../formulas.ts';
import type { LossEntry } from '../losses.ts';
import { sliderField } from './slider.ts';

/** One row has one axis. */
const unseen = new Set(['axis']);

export const shownOptions = ({ descriptor }: LossEntry): [string, OptionSpec][] =>
  Object.entries(descriptor.options).filter(([name]) => !unseen.has(name));

interface Control {
  readonly element: HTMLElement;
  readonly value: () => unknown;
  /** Takes what an address says; what makes no sense is left as it was. */
  readonly take: (text: string) => void;
  /** Left out of the call where it has this value. */
  readonly neutral: unknown;
}

/** How far a slider goes. */
function rangeOf({ low, high, isHighOpen, shown = [low, high] }: Interval): { min: number; max: number } {
  return { min: shown[0], max: shown[1] - (isHighOpen && shown[1] === high ? 0.01 : 0) };
}

const field = (name: string, hint: Node, control: (id: string) => Node): HTMLElement => {
  const id = newId();
  return h('div', { class: 'field' }, h('label', { for: id }, h('code', {}, name)), control(id), hint);
};

function choice(
  name: string,
  hint: Node,
  values: readonly string[],
  fallback: string,
  changed: () => void,
): Control {
  const select = h(
    'select',
    { name: `option-${name}`, change: changed },
    ...values.map((v) => h('option', { value: v }, v)),
  );
  select.value = fallback;
  const element = field(name, hint, (id) => {
    select.id = id;
    return select;
  });
  const take = (text: string): void => {
    if (values.includes(text)) select.value = text;
  };
  return { element, value: () => select.value, take, neutral: fallback };
}

function checkbox(name: string, hint: Node, fallback: boolean, changed: () => void): Control {
  const box = h('input', { type: 'checkbox', name: `option-${name}`, checked: fallback, change: changed });
  const element = h(
    'div',
    { class: 'field' },
    h('label', { class: 'choice' }, box, h('code', {}, name)),
    hint,
  );
  const take = (text: string): void => {
    box.checked = text === 'true';
  };
  return { element, value: () => box.checked, take, neutral: fallback };
}

const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));

function numeric(
  name: string,
  hint: Node,
  { min, max, neutral }: { min: number; max: number; neutral: number },
  changed: () => void,
): Control {
  if (max - min > 1e6) {
    const input = h('input', {
      type: 'number',
      step: 1,
      name: `option-${name}`,
      value: String(neutral),
      input: changed,
    });
    const element = field(name, hint, (id) => {
      input.id = id;
      return input;
    });
    const take = (text: string): void => {
      if (isNumber(text)) input.value = text;
    };
    return { element, value: () => input.valueAsNumber, take, neutral };
  }
  const step = max - min > 1 ? 0.05 : 0.01;
  const { element, slider } = sliderField(
    { name, shown: h('code', {}, name), key: `option-${name}`, min, max, step, value: neutral, changed },
    hint,
  );
  const take = (text: string): void => {
    if (isNumber(text)) slider.value = Number(text);
  };
  return { element, value: () => slider.value, take, neutral };
}

function controlOf(
  name: string,
  spec: OptionSpec,
  { descriptor, document }: LossEntry,
  changed: () => void,
): Control {
  const hint = fromDocs('p', document.options[name] ?? '', { class: 'hint' });
  const { fallback, interval, choices, operand } = spec;
  if (operand !== undefined) {
    if (['classes', 'projection'].includes(descriptor.family.name))
      hint.prepend('Here of the label’s class, the others’ being 1. ');
    return numeric(name, hint, { min: 0, max: 4, neutral: 1 }, changed);
  }
  if (typeof fallback === 'boolean') return checkbox(name, hint, fallback, changed);
  if (interval !== undefined)
    return numeric(name, hint, { ...rangeOf(interval), neutral: fallback as number }, changed);
  // what changes no result has nothing to be seen by
  return choice(name, hint, choices ?? [String(fallback)], String(fallback), changed);
}

export class OptionControls {
  readonly element = h('div');
  readonly #controls = new Map<string, Control>();
  /** As they come. */
  readonly #first = new Map<string, string>();

  constructor(entry: LossEntry, changed: () => void) {
    const reductions = ['sum', 'mean', ...(entry.descriptor.batchmean ? ['batchmean'] : [])];
    const hint = h(
      'p',
      { class: 'hint' },
      entry.descriptor.family.name === 'classes'
        ? 'Of this one term: the sum is the term itself; the mean of class indices divides by the label’s weight.'
        : 'Of this one term: its sum and its mean are the term itself.',
    );
    // 'mean' is the library's own choice, so that 'sum' has to be said
    this.#controls.set('reduction', {
      ...choice('reduction', hint, reductions, 'sum', changed),
      neutral: 'mean',
    });
    for (const [name, spec] of shownOptions(entry))
      this.#controls.set(name, controlOf(name, spec, entry, changed));
    const [reduction, ...own] = [...this.#controls.values()].map(({ element }) => element);
    this.element.append(...own, reduction);
    for (const [name, { value }] of this.#controls) this.#first.set(name, String(value()));
  }

  get given(): Given {
    const all = [...this.#controls].map(([name, { value, neutral }]) => [name, value(), neutral] as const);
    return Object.fromEntries(
      all.filter(([, value, neutral]) => !Object.is(value, neutral)).map(([name, value]) => [name, value]),
    );
  }

  /** What an address says of it. */
  get text(): Readonly<Record<string, string>> {
    const all = [...this.#controls].map(([name, control]) => [name, String(control.value())] as const);
    return Object.fromEntries(all.filter(([name, text]) => text !== this.#first.get(name)));
  }

  set text(given: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(given)) this.#controls.get(name)?.take(text);
  }
}
