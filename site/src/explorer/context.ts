import type { FloatDType, LossFunctions } from 'simdloss';
import type { Descriptor } from '../../../src/losses/descriptor.ts';
import type { Given } from '../formulas.ts';
import type { Backends } from '../library.ts';
import type { LossEntry } from '../losses.ts';

export type Floats = Float32Array | Float64Array;

/** What the views of the explorer look at. */
export interface Context {
  readonly backends: Backends;
  readonly entry: LossEntry;
  readonly dtype: FloatDType;
  /** The options that were changed, as the library takes them; a class weight is a number, of the label's class. */
  readonly options: Given;
}

/** One family's part of the explorer. */
export interface View {
  readonly element: HTMLElement;
  /** Draws anew; throws what the library throws. */
  update(): void;
}

interface Both {
  readonly value: number | { readonly data: Floats };
  readonly grad: { readonly data: Floats };
}
type ValueAndGrad = (input: unknown, target: unknown, options: object) => Both;

/** Whether a loss has a third input: it is 1 everywhere here. */
const hasThird = ({ entry }: Context): boolean => entry.descriptor.inputs.length > 2;

/** Whether an input is rows of features, not a number each. */
export const isRow = (context: Context, { shape }: Descriptor['inputs'][number]): boolean =>
  isOfFeatures(context) && shape !== 'terms';

const isOfFeatures = ({ entry }: Context): boolean =>
  ['features', 'multilabel'].includes(entry.descriptor.family.name);

/** Whether a row's target lists its labels: here the one that the slider is nearest to. */
const isOfSets = ({ entry }: Context): boolean =>
  isOfFeatures({ entry } as Context) && entry.descriptor.inputs[1].holds === 'indices';

const setsOf = (labels: Floats): { data: Int32Array; shape: readonly number[] } => ({
  data: Int32Array.from({ length: 2 * labels.length }, (_, i) => (i % 2 ? -1 : Math.round(labels[i / 2]))),
  shape: [labels.length, 2],
});

const isProjection = ({ entry }: Context): boolean => entry.descriptor.family.name === 'projection';

interface Row {
  readonly data: Floats;
  readonly shape: readonly number[];
}

/** Weights that make logits of features as they are. */
function identity({ data, shape }: Row): Row {
  const n = shape[shape.length - 1];
  const weights =
    (data as Float32Array).constructor === Float32Array ? new Float32Array(n * n) : new Float64Array(n * n);
  for (let i = 0; i < n; i++) weights[i * (n + 1)] = 1;
  return { data: weights, shape: [n, n] };
}

/** What a number of an input is among features: the first of two, the second being 1. */
const rowsOf = (numbers: Floats): { data: Floats; shape: readonly number[] } => ({
  data:
    (numbers as Float32Array).constructor === Float32Array
      ? Float32Array.from({ length: 2 * numbers.length }, (_, i) => (i % 2 ? 1 : numbers[i / 2]))
      : Float64Array.from({ length: 2 * numbers.length }, (_, i) => (i % 2 ? 1 : numbers[i / 2])),
  shape: [numbers.length, 2],
});

/** Every loss can be called like this. */
export function valueAndGrad(F: LossFunctions, context: Context): ValueAndGrad {
  const call = F[context.entry.name].valueAndGrad as unknown as (...args: unknown[]) => Both;
  const [, , third] = context.entry.descriptor.inputs;
  if (isOfFeatures(context)) {
    return (input, target, options) => {
      const ones = (input as Floats).map(() => 1);
      const more = third === undefined ? [] : [third.shape === 'terms' ? ones : rowsOf(ones)];
      const { value, grad } = call(
        rowsOf(input as Floats),
        isOfSets(context) ? setsOf(target as Floats) : rowsOf(target as Floats),
        ...more,
        options,
      );
      return { value, grad: { data: grad.data.filter((_, i) => i % 2 === 0) } };
    };
  }
  if (isProjection(context))
    return (input, target, options) => call(input, identity(input as Row), target, options);
  if (!hasThird(context)) return call;
  return (input, target, options) =>
    call(
      input,
      target,
      (input as Floats).map(() => 1),
      options,
    );
}

/** The inputs of a call as one would write them. */
export function inputsText(context: Context, x: number, t: number): string {
  const { dtype, entry } = context;
  const [, , third] = entry.descriptor.inputs;
  const row = (n: number): string =>
    isOfFeatures(context) ? `{ data: ${arrayText(dtype, [n, 1])}, shape: [1, 2] }` : arrayText(dtype, [n]);
  const more = third === undefined ? [] : [third.shape === 'terms' ? arrayText(dtype, [1]) : row(1)];
  const target = isOfSets(context) ? `{ data: Int32Array.of(${Math.round(t)}, -1), shape: [1, 2] }` : row(t);
  return [row(x), target, ...more].join(', ');
}

export const floats = (dtype: FloatDType, numbers: Iterable<number>): Floats =>
  dtype === 'f32' ? Float32Array.from(numbers) : Float64Array.from(numbers);

export const backendsOf = ({ backends }: Context): { name: 'wasm' | 'js'; F: LossFunctions }[] => [
  ...(backends.wasm === undefined ? [] : [{ name: 'wasm' as const, F: backends.wasm }]),
  { name: 'js', F: backends.js },
];

/** What draws the curves. */
export const drawing = ({ backends }: Context): LossFunctions => backends.wasm ?? backends.js;

const arrayName = (dtype: FloatDType): string => (dtype === 'f32' ? 'Float32Array' : 'Float64Array');
export const arrayText = (dtype: FloatDType, numbers: Iterable<number>): string =>
  `${arrayName(dtype)}.of(${[...numbers].join(', ')})`;

/** An options object as one would write it. */
export function optionsText(options: Given): string {
  const parts = Object.entries(options).map(([name, value]) => {
    const text = ArrayBuffer.isView(value)
      ? `${value.constructor.name}.of(${[...(value as Floats)].join(', ')})`
      : typeof value === 'string'
        ? `'${value}'`
        : String(value);
    return `${name}: ${text}`;
  });
  return parts.length === 0 ? '' : `, { ${parts.join(', ')} }`;
}
