// (c) The table of losses, from the registry.
import { domainText } from '../../scripts/generate/domains.ts';
import type { Formulas } from './document.ts';
import { byId, h } from './dom.ts';
import { losses, torchName } from './losses.ts';

const columns = ['of one term', 'gradient', 'input', 'options of its own', 'PyTorch'];

function options(
  table: Readonly<Record<string, { readonly fallback: unknown; readonly operand?: object }>>,
): Node {
  const items = Object.entries(table).map(([name, { fallback, operand }]) => {
    const given = operand || Number.isNaN(fallback) ? '' : ` = ${JSON.stringify(fallback)}`;
    return h('li', {}, h('code', {}, `${name}${given}`));
  });
  return h('ul', {}, ...items);
}

/** One below the other, each with its options. */
function formulas(all: readonly Formulas[], part: 'value' | 'gradient'): HTMLElement {
  const items = all.map(({ when, ...formula }) =>
    h(
      'li',
      {},
      ...(when === '' ? [] : ['with ', h('code', { class: 'when' }, when), ': ']),
      h('code', { class: 'formula' }, formula[part]),
    ),
  );
  return h('ul', {}, ...items);
}

/** May be broken at its underscores. */
const breakable = (name: string): HTMLElement =>
  h('code', {}, ...name.split('_').flatMap((part, i) => (i === 0 ? [part] : [h('wbr'), `_${part}`])));

export function showTable(): void {
  const rows = losses.map(({ name, descriptor, document }) => {
    const cells = [
      formulas(document.formulas, 'value'),
      formulas(document.formulas, 'gradient'),
      domainText(descriptor, descriptor.inputs[0].name),
      options(descriptor.options),
      breakable(torchName(descriptor)),
    ];
    return h(
      'tr',
      { 'data-loss': name },
      h('th', { scope: 'row' }, h('a', { href: `#loss-${name}` }, name)),
      ...cells.map((cell, i) => h('td', { 'data-name': columns[i] }, cell)),
    );
  });
  byId('loss-table').replaceChildren(
    h(
      'div',
      { class: 'card scroll' },
      h(
        'table',
        { class: 'loss-table' },
        h('thead', {}, h('tr', {}, ...['loss', ...columns].map((name) => h('th', { scope: 'col' }, name)))),
        h('tbody', {}, ...rows),
      ),
    ),
  );
}
