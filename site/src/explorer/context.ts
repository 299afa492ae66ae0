import type { FloatDType, LossFunctions } from 'simdloss';
import type { Backends } from '../library.ts';
import type { LossEntry } from '../losses.ts';

export type Floats = Float32Array | Float64Array;
export type Given = Readonly<Record<string, unknown>>;

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
export const hasThird = ({ entry }: Context): boolean => entry.descriptor.inputs.length > 2;

/** Every loss can be called like this. */
export function valueAndGrad(F: LossFunctions, context: Context): ValueAndGrad {
  const call = F[context.entry.name].valueAndGrad as unknown as (...args: unknown[]) => Both;
  if (!hasThird(context)) return call;
  return (input, target, options) =>
    call(
      input,
      target,
      (input as Floats).map(() => 1),
      options,
    );
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
