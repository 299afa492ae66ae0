// A number with a slider: the range for pointers and arrow keys, the number field for exact values.
import { h, newId } from '../dom.ts';

export interface SliderOptions {
  readonly name: string;
  /** The name as the label shows it, where it is more than text. */
  readonly shown?: Node;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  readonly changed: (value: number) => void;
  /** A class of controls.css: the colour of what it moves. */
  readonly colour?: string;
  readonly unit?: string;
  /** For tests and labels elsewhere. */
  readonly key: string;
}

export interface Slider {
  readonly range: HTMLInputElement;
  readonly number: HTMLInputElement;
  value: number;
}

/** The two inputs, without a label in sight. */
export function inputs({ name, min, max, step, value, changed, key }: SliderOptions): Slider {
  let current = value;
  const range = h('input', { type: 'range', min, max, step, 'aria-label': name, name: key });
  const number = h('input', {
    type: 'number',
    step: 'any',
    'aria-label': `${name}, exact`,
    name: `${key}-exact`,
  });
  /** As short as it can be: 1e-6, not 0.000001, which the field would cut. */
  const text = (): string => {
    const plain = String(current);
    const exponential = current.toExponential();
    return plain.length > 6 && exponential.length < plain.length ? exponential : plain;
  };
  const show = (): void => {
    range.value = String(current);
    if (document.activeElement !== number) number.value = text();
  };
  range.value = String(value);
  number.value = text();
  range.addEventListener('input', () => {
    current = range.valueAsNumber;
    number.value = text();
    changed(current);
  });
  number.addEventListener('input', () => {
    if (Number.isNaN(number.valueAsNumber)) return;
    current = number.valueAsNumber;
    range.value = String(current);
    changed(current);
  });
  number.addEventListener('blur', show);
  return {
    range,
    number,
    get value() {
      return current;
    },
    set value(x) {
      current = x;
      show();
    },
  };
}

/** With its label above. */
export function sliderField(options: SliderOptions, hint?: Node): { element: HTMLElement; slider: Slider } {
  const slider = inputs(options);
  const id = newId();
  slider.range.id = id;
  slider.range.removeAttribute('aria-label');
  const element = h(
    'div',
    { class: `field ${options.colour ?? ''}` },
    h(
      'label',
      { for: id },
      options.colour !== undefined && h('span', { class: 'swatch' }),
      options.shown ?? options.name,
    ),
    h('div', { class: 'slider' }, slider.range, slider.number),
    hint,
  );
  return { element, slider };
}
