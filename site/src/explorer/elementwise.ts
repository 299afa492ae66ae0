// Elementwise losses: one prediction, one target.
import type { FloatDType, LossFunctions } from 'simdloss';
import { h } from '../dom.ts';
import { short } from '../format.ts';
import {
  backendsOf,
  type Context,
  drawing,
  floats,
  inputsText,
  isRow,
  optionsText,
  type View,
  valueAndGrad,
} from './context.ts';
import { type Samples, sampleCurves } from './curve.ts';
import { CurveCharts } from './curveCharts.ts';
import { Numbers } from './numbers.ts';
import { type Ranges, rangesOf } from './ranges.ts';
import { type Slider, sliderField } from './slider.ts';

/** What the sliders are made of. */
const controlsText = ({ names, input, target }: Ranges): string => JSON.stringify([names, input, target]);

/** What an input without a slider is. */
function thirdOf(context: Context): (Node | string)[] {
  const third = context.entry.descriptor.inputs[2];
  return third === undefined
    ? []
    : [h('code', {}, third.name), ` is ${isRow(context, third) ? '(1, 1)' : '1'} here.`];
}

export class ElementwiseView implements View {
  readonly element = h('div', { class: 'stack' });
  readonly #context: () => Context;
  readonly #numbers = new Numbers();
  readonly #charts: CurveCharts;
  readonly #controls = h('div', { class: 'pair' });
  readonly #third = h('p', { class: 'hint' });
  #ranges: Ranges | undefined;
  #sliders!: { readonly input: Slider; readonly target: Slider };

  constructor(context: () => Context, changed: () => void) {
    this.#context = context;
    this.#charts = new CurveCharts((what, x) => {
      const { step } = this.#ranges!;
      this.#sliders[what].value = Number((Math.round(x / step) * step).toFixed(4));
      changed();
    });
    this.element.append(
      h('div', { class: 'card stack' }, this.#charts.element, this.#controls, this.#third),
      h('div', { class: 'card' }, this.#numbers.element),
    );
    this.#changed = changed;
  }
  readonly #changed: () => void;

  /** The sliders depend on the loss, and with klDiv on an option. */
  #arrange(ranges: Ranges): void {
    const before = this.#ranges;
    this.#ranges = ranges;
    if (before !== undefined && controlsText(before) === controlsText(ranges)) return;
    const { names, step, start } = ranges;
    const make = (key: 'input' | 'target', value: number, colour: string) => {
      const [min, max] = ranges[key];
      return sliderField({ name: names[key], key, min, max, step, value, colour, changed: this.#changed });
    };
    const [input, target] = [make('input', start[0], 'is-value'), make('target', start[1], 'is-label')];
    this.#sliders = { input: input.slider, target: target.slider };
    this.#controls.replaceChildren(input.element, target.element);
    this.#third.replaceChildren(...thirdOf(this.#context()));
  }

  update(): void {
    const context = this.#context();
    const { entry, dtype, options } = context;
    const ranges = rangesOf(entry.descriptor, options);
    this.#arrange(ranges);
    const [x, t] = [this.#sliders.input.value, this.#sliders.target.value];

    const returned = backendsOf(context).map(({ name, F }) => {
      const { value, grad } = valueAndGrad(F, context)(floats(dtype, [x]), floats(dtype, [t]), options);
      return { name, value: value as number, grad: grad.data[0] };
    });
    const call = `F.${entry.name}.valueAndGrad(${inputsText(context, x, t)}${optionsText(options)})`;
    const [letter] = /\S+$/.exec(ranges.names.input.split(',')[0])!;
    this.#numbers.show(call, `∂loss/∂${letter}`, dtype, returned);

    const F = drawing(context);
    const special = ranges.sharedAxis ? [t] : [t].filter((x) => x >= ranges.input[0] && x <= ranges.input[1]);
    const curves = sampleCurves((xs) => terms(F, context, xs, t), ranges.input, special);
    this.#charts.draw({
      title: { value: `Value of ${entry.name}`, grad: 'Gradient' },
      axes: ranges.axes,
      span: ranges.input,
      ...curves,
      at: { x, value: returned[0].value, grad: returned[0].grad },
      ...(ranges.sharedAxis ? { target: t } : {}),
      caption: `${entry.name} for ${ranges.names.target.toLowerCase()} = ${short(t)}`,
    });
  }
}

/** Each term on its own. */
function terms(F: LossFunctions, context: Context, xs: readonly number[], t: number): Samples {
  const dtype: FloatDType = context.dtype;
  const x = floats(dtype, xs);
  const { value, grad } = valueAndGrad(F, context)(
    x,
    floats(
      dtype,
      xs.map(() => t),
    ),
    {
      ...context.options,
      reduction: 'none',
    },
  );
  return { x, value: (value as { data: ArrayLike<number> }).data, grad: grad.data };
}
