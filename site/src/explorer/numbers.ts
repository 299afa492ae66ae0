// What the library returns for the one term, on both backends.
import type { FloatDType } from 'simdloss';
import { calmly, h } from '../dom.ts';
import { exact, short } from '../format.ts';

export interface Returned {
  readonly name: 'wasm' | 'js';
  readonly value: number;
  readonly grad: number;
}

export class Numbers {
  readonly element: HTMLElement;
  readonly #call = h('code', { class: 'call', 'data-call': '' });
  readonly #body = h('tbody');
  readonly #grad = h('th', { scope: 'col', class: 'number' });
  readonly #say: (text: string) => void;

  constructor() {
    const live = h('p', { class: 'hidden', 'aria-live': 'polite' });
    this.#say = calmly(live);
    const head = h(
      'tr',
      {},
      h('th', { scope: 'col' }, 'backend'),
      h('th', { scope: 'col', class: 'number' }, 'value'),
      this.#grad,
    );
    this.element = h(
      'div',
      { class: 'numbers' },
      this.#call,
      h(
        'div',
        { class: 'scroll' },
        h(
          'table',
          {},
          h('caption', { class: 'hidden' }, 'What the call returns'),
          h('thead', {}, head),
          this.#body,
        ),
      ),
      live,
    );
  }

  show(call: string, gradName: string, dtype: FloatDType, all: readonly Returned[]): void {
    this.#call.textContent = call;
    this.#grad.textContent = gradName;
    this.#body.replaceChildren(
      ...all.map(({ name, value, grad }) =>
        h(
          'tr',
          { 'data-backend': name },
          h(
            'th',
            { scope: 'row', class: `is-${name}` },
            h('span', { class: 'swatch' }),
            name === 'wasm' ? 'WebAssembly' : 'JavaScript',
          ),
          h('td', { class: 'number', 'data-value': value }, exact(value, dtype)),
          h('td', { class: 'number', 'data-grad': grad }, exact(grad, dtype)),
        ),
      ),
    );
    this.#say(`value ${short(all[0].value)}, ${gradName} ${short(all[0].grad)}`);
  }
}
