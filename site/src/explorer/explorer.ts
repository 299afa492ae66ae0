// (a) The explorer: a loss, its options and dtype; the family's view draws the rest.
import type { FloatDType } from 'simdloss';
import { domainText } from '../../../scripts/generate/domains.ts';
import type { Descriptor } from '../../../src/losses/descriptor.ts';
import { byId, fromDocs, h, newId, perFrame } from '../dom.ts';
import { formulasFor, type Given, lettersOf } from '../formulas.ts';
import type { Backends } from '../library.ts';
import { elsewhere, type LossEntry, losses, lossOf } from '../losses.ts';
import { fromAddress, toAddress } from './address.ts';
import { ClassesView } from './classes.ts';
import type { Context, View } from './context.ts';
import { ElementwiseView } from './elementwise.ts';
import { OptionControls } from './options.ts';

type FamilyName = Exclude<Descriptor['family']['name'], 'sequence' | 'pairs' | 'sets'>;
const views: Record<FamilyName, new (context: () => Context, changed: () => void) => View> = {
  elementwise: ElementwiseView,
  classes: ClassesView,
  // the first of two features stands for a row
  features: ElementwiseView,
  // and the first of two classes
  multilabel: ElementwiseView,
  // the weights leave the features as they are: these are the logits
  projection: ClassesView,
};
const families: Record<FamilyName, string> = {
  elementwise: 'Elementwise',
  classes: 'Over classes',
  features: 'Rows of features',
  multilabel: 'Several labels',
  projection: 'Over classes, of a product',
};
const FIRST = 'huber';

export function showExplorer(backends: Backends): void {
  const select = h('select', {
    id: newId(),
    name: 'loss',
    change: () => {
      choose(select.value);
      remember();
    },
  });
  for (const [family, name] of Object.entries(families)) {
    const own = losses.filter(({ descriptor }) => descriptor.family.name === family);
    const options = own.map((loss) => h('option', { value: loss.name }, loss.name));
    const group = h('optgroup', { label: name }, ...options);
    select.append(group);
  }
  const dtype = (name: FloatDType, checked: boolean): HTMLElement =>
    h(
      'label',
      { class: 'choice' },
      h('input', { type: 'radio', name: 'dtype', value: name, checked, change: () => update() }),
      name,
    );
  const about = h('div');
  const own = h('div');
  const error = h('p', { class: 'error', role: 'status' });
  const place = h('div', { class: 'stack place' });
  const notes = h('div', { class: 'card stack notes-card' });
  const head = h(
    'div',
    { class: 'card head' },
    h('div', { class: 'field' }, h('label', { for: select.id }, 'Loss'), select),
    about,
    h(
      'fieldset',
      {},
      h('legend', {}, 'Numbers'),
      h('div', { class: 'choices' }, dtype('f32', true), dtype('f64', false)),
    ),
  );
  own.className = 'card options';
  byId('explorer').replaceChildren(
    h(
      'div',
      { class: 'split' },
      h('div', { class: 'stack' }, head, own),
      h('div', { class: 'stack' }, place, notes),
    ),
  );

  let entry: LossEntry = lossOf(FIRST);
  let options: OptionControls;
  let view: View;
  const context = (): Context => ({
    backends,
    entry,
    dtype: head.querySelector<HTMLInputElement>('[name=dtype]:checked')!.value as FloatDType,
    options: options.given,
  });
  const draw = (): void => {
    about.replaceChildren(...aboutLoss(entry, options.given));
    try {
      view.update();
      error.textContent = '';
    } catch (cause) {
      // what the library says of an option that is out of range
      if (!('code' in (cause as object))) throw cause;
      error.textContent = (cause as Error).message;
    }
  };
  const redraw = perFrame(draw);
  const update = (): void => {
    redraw();
    remember();
  };
  // browsers refuse an address that changes a hundred times in half a minute
  let remembering = 0;
  const remember = (): void => {
    window.clearTimeout(remembering);
    remembering = window.setTimeout(() => {
      const { dtype } = context();
      history.replaceState(null, '', toAddress({ loss: entry.name, dtype, options: options.text }));
    }, 300);
  };

  function choose(name: string): void {
    entry = lossOf(name);
    select.value = entry.name;
    options = new OptionControls(entry, update);
    own.replaceChildren(options.element, error);
    notes.replaceChildren(...notesOn(entry));
    view = new views[entry.descriptor.family.name as FamilyName](context, update);
    place.replaceChildren(view.element);
    place.dataset.loss = entry.name;
    draw();
  }

  const follow = (): void => {
    const address = fromAddress(location.hash);
    if (address === undefined) return;
    const { loss, dtype, options: set } = address;
    for (const radio of head.querySelectorAll<HTMLInputElement>('[name=dtype]')) {
      radio.checked = radio.value === dtype;
    }
    choose(loss);
    options.text = set;
    draw();
    byId('explore').scrollIntoView();
    select.focus({ preventScroll: true });
  };
  window.addEventListener('hashchange', follow);
  choose(FIRST);
  follow();
}

function aboutLoss({ descriptor, document }: LossEntry, options: Given): Node[] {
  const formulas = formulasFor(document.formulas, options);
  const other = elsewhere(descriptor);
  const fact = (name: string, text: string): HTMLElement =>
    h('p', { class: 'hint' }, h('span', {}, `${name} `), h('code', {}, text));
  return [
    h(
      'div',
      { class: 'field facts' },
      fact('value', formulas.value),
      fact('gradient', formulas.gradient),
      h('p', { class: 'hint letters' }, lettersOf(formulas)),
      h(
        'p',
        { class: 'hint' },
        `${descriptor.inputs[0].name}: ${domainText(descriptor, descriptor.inputs[0].name)}`,
      ),
      ...(other === undefined ? [] : [fact(...other)]),
    ),
  ];
}

function notesOn({ name, document }: LossEntry): Node[] {
  const note = (title: string, html: string): HTMLElement =>
    h('div', {}, h('h3', {}, title), fromDocs('p', html));
  const examples = document.examples === '' ? [] : [{ title: 'Examples', html: document.examples }];
  const more = [...examples, ...document.more].map(({ title, html }) => {
    const summary = h('summary');
    summary.append(fromDocs('span', title));
    return h('details', {}, summary, fromDocs('div', html, { class: 'longer' }));
  });
  return [
    h(
      'div',
      { class: 'notes', 'aria-label': `On ${name}`, role: 'group' },
      note('Strengths', document.strengths),
      note('Pitfalls', document.pitfalls),
      note('Typical use', document.use),
    ),
    ...(more.length > 0 ? [h('div', {}, ...more)] : []),
  ];
}
