import type { FloatDType } from '../../src/index.ts';
import { registry } from '../../src/losses/registry.ts';
import { optionsOf } from '../differential/domains.ts';
import { drawOf } from '../draws/index.ts';
import { arrayOf } from '../instances.ts';
import { descriptorOf } from '../intervals.ts';
import { integer, type Random, random } from '../random.ts';
import { isTensor, rowsOf, type Tensor } from '../reference/tensor.ts';
import type { Row, Variant } from '../rows/row.ts';
import { isProjection, type Role, rolesOf, thirdInput } from './roles.ts';

export interface Array {
  readonly data: Float32Array | Float64Array;
  readonly shape: readonly number[];
}
export interface Labels {
  readonly data: Int32Array;
  readonly shape: readonly number[];
}
export interface Inputs {
  readonly input: Array;
  readonly target: Array | Labels;
  readonly options: Record<string, unknown>;
  /** Shape of the 'none' result. */
  readonly rows: readonly number[];
  readonly classAxis: number;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

export const isClassLoss = (row: Row): boolean =>
  registry[row.loss].family.name === 'classes' || isProjection(row.loss);

/** Whether a target may be numbers, rather than class indices. */
export const takesNumbers = (row: Row): boolean => registry[row.loss].inputs[1].holds !== 'indices';

/** Whether its targets are lists of labels, one for each row. */
export const isOfSets = (row: Row): boolean =>
  registry[row.loss].inputs[1].holds === 'indices' && registry[row.loss].inputs[1].shape === 'first';

/** Lists of labels: none up to all that there is room for, twice the same among them; after the −1 anything that a label may be. */
export function setsOf(r: Random, shape: readonly number[]): Labels {
  const classes = shape.at(-1) ?? 1;
  const most = Math.min(classes, 7);
  let left = 0;
  const data = Int32Array.from({ length: sizeOf(shape) }, (_, i) => {
    if (i % classes === 0) left = integer(r, most + 1);
    return left-- === 0 ? -1 : left >= 0 ? integer(r, classes) : integer(r, classes + 1) - 1;
  });
  return { data, shape };
}

/** Whether its terms are rows, of classes or of features. */
export const isOfRows = (row: Row): boolean => registry[row.loss].family.name !== 'elementwise';

/** The axis of its rows as an option, where it has one. */
export const axisOption = (row: Row, axis: number): { axis?: number } =>
  'axis' in registry[row.loss].options ? { axis } : {};

/** The axis of its rows where none is named. */
export const usualAxis = (row: Row, rank: number): number =>
  isClassLoss(row) && !isProjection(row.loss) ? Math.min(1, rank - 1) : rank - 1;

/** The shape of its terms. */
export const termsOf = (row: Row, shape: readonly number[]): readonly number[] =>
  isOfRows(row) ? shape.filter((_, axis) => axis !== usualAxis(row, shape.length)) : shape;

/** The shape of a third input where nothing else is said. */
export const thirdShape = (
  row: Row,
  shape: readonly number[],
  terms: readonly number[],
): readonly number[] => {
  const features = shape.at(-1)!;
  const of = thirdInput(row.loss)?.shape;
  return of === 'terms' ? terms : of === 'weights' ? [features, features] : shape;
};

export const targetOf = (row: Row, variant: Variant): 'elements' | 'indices' | 'probabilities' | 'sets' =>
  variant.target ??
  (isClassLoss(row) ? 'indices' : isOfSets(row) ? 'sets' : takesNumbers(row) ? 'elements' : 'indices');

export const shapeOf = (row: Row, variant: Variant): readonly number[] =>
  variant.shape ?? (isOfRows(row) ? [7, 5] : [23]);

/** Seeded inputs for a row's variant: the same numbers in both dtypes (all of them f32). */
export function inputsOf(row: Row, variant: Variant, dtype: FloatDType, seed = 1): Inputs {
  const r = random(seed);
  const shape = shapeOf(row, variant);
  const fill = (dims: readonly number[], draw: (r: Random) => number): Array => ({
    data: (arrayOf[dtype] as Float32ArrayConstructor).from({ length: sizeOf(dims) }, () =>
      Math.fround(draw(r)),
    ),
    shape: dims,
  });
  const options: Record<string, unknown> = { ...variant.options };
  for (const [name, option] of Object.entries(options)) {
    if (!isTensor(option)) continue;
    const values = globalThis.Array.from(option.data);
    options[name] = fill(option.shape, () => values.shift()!);
  }
  for (const [name, dims] of Object.entries(variant.tensors ?? {})) {
    if (name === 'third') continue;
    const tensor = fill(dims, (x) => 0.5 + 1.5 * x());
    // a row that is not to be read
    if (name === 'sampleWeight' && tensor.data.length > 2) tensor.data[1] = 0;
    if (name === 'mask')
      tensor.data.forEach((x, i) => {
        tensor.data[i] = Number(x > 0.9);
      });
    options[name] = tensor;
  }
  if (drawOf(row.loss)) return ownInputsOf(row, shape, options, fill, r);
  const classAxis = axisOf(row, shape, variant);
  const terms = shape.filter((_, i) => i !== classAxis);
  if (row.third !== undefined)
    options.third = fill(variant.tensors?.third ?? thirdShape(row, shape, terms), row.third);
  const input = fill(shape, row.input);
  const kind = targetOf(row, variant);
  const classes = isProjection(row.loss) ? (options.third as Array).shape[0] : shape[classAxis];
  if (kind !== 'indices') {
    const rows = isOfRows(row) ? terms : shape;
    const dims = isProjection(row.loss) ? [...terms, classes] : shape;
    const target = kind === 'sets' ? setsOf(r, shape) : fill(dims, row.target);
    return { input, target, options, rows, classAxis };
  }
  const data = Int32Array.from({ length: sizeOf(terms) }, () => integer(r, classes));
  // a masked label's loss is infinite
  const mask = options.mask as Array | undefined;
  const { at } = rowsOf(shape, classAxis);
  if (mask !== undefined) for (let i = 0; i < data.length; i++) mask.data[at(i, data[i])] = 1;
  return { input, target: { data, shape: terms }, options, rows: terms, classAxis };
}

/** Of a loss whose inputs its family draws. */
function ownInputsOf(
  row: Row,
  shape: readonly number[],
  options: Record<string, unknown>,
  fill: (dims: readonly number[], draw: (r: Random) => number) => Array,
  r: Random,
): Inputs {
  const input = fill(shape, row.input);
  const { target, third, fourth, integers, terms } = drawOf(row.loss)!.inputs(row.loss, shape, options, {
    r,
    input: () => row.input(r),
    target: () => row.target(r),
    range: [-(2 ** 31), 2 ** 31 - 1],
    isWithinReach: true,
  });
  const typed = (name: 'target' | 'third' | 'fourth', { data, shape: dims }: Tensor): Array | Labels => {
    if (integers.includes(name)) return { data: Int32Array.from(data), shape: dims };
    const values = globalThis.Array.from(data);
    return fill(dims, () => values.shift()!);
  };
  if (third) options.third = typed('third', third);
  if (fourth) options.fourth = typed('fourth', fourth);
  return { input, target: typed('target', target), options, rows: terms, classAxis: shape.length - 1 };
}

function axisOf(row: Row, shape: readonly number[], variant: Variant): number {
  const axis = (variant.options?.axis as number | undefined) ?? usualAxis(row, shape.length);
  return axis < 0 ? axis + shape.length : axis;
}

/** An input by its role, or an option by its name: what a gradient with respect to it has the shape of. */
export const inputBy = ({ input, target, options }: Inputs, name: string): Array | Labels =>
  ({ ...options, input, target })[name] as Array | Labels;

/** Whether a third input has another shape than the first. */
export const isThirdSmall = ({ input, options }: Inputs): boolean =>
  options.third !== undefined && String((options.third as Array).shape) !== String(input.shape);

/** Element i of a third input of the first's shape. */
export const thirdOf = (options: Record<string, unknown>, i: number): number =>
  (options.third as Array | undefined)?.data[i] ?? Number.NaN;

/** The inputs whose gradient a variant has. */
export const wrtOf = (row: Row, variant: Variant): readonly Role[] => {
  if (!drawOf(row.loss))
    return targetOf(row, variant) === 'indices' && !isProjection(row.loss) ? ['input'] : rolesOf(row.loss);
  const { target } = inputsOf(row, variant, 'f32');
  return rolesOf(row.loss).filter((role) => role !== 'target' || !(target.data instanceof Int32Array));
};

/** All whose gradient a variant has: inputs, and options of which there is one. */
export const gradientsOf = (row: Row, variant: Variant): readonly string[] => {
  const given = { ...variant.tensors, ...variant.options };
  const more = Object.entries(descriptorOf(row.loss).options).flatMap(([name, { operand }]) =>
    operand?.gradient && typeof given[name] === 'object' ? name : [],
  );
  return [...wrtOf(row, variant), ...more];
};

/** Variants beside the units of its loops, and beyond a tile, a chunk or a block. */
export function longOf(row: Row): Variant[] {
  const own = drawOf(row.loss);
  // one of its options may have no default
  if (own)
    return own.long.map((shape) => ({ title: `long ${shape}`, shape, options: row.variants[0].options }));
  if (!isOfRows(row))
    return [
      { title: 'groups', shape: [64] },
      { title: 'blocks', shape: [5120] },
      { title: 'blocks and more', shape: [5131] },
    ];
  const at = isClassLoss(row) ? {} : { options: axisOption(row, 1) };
  return [
    { title: 'tiles', shape: [2, 8, 16], ...at },
    { title: 'many strided classes', shape: [3, 72, 50], ...at },
    { title: 'long rows', shape: [40, 128] },
  ];
}

/** Variants of so many lengths from the least on, along each axis; of losses whose inputs their family draws twice as many draws. */
export function lengthsOf(row: Row, count: number, least = 0): Variant[] {
  if (drawOf(row.loss)) return drawnOf(row, 2 * count, 11);
  const isEither = isClassLoss(row) && takesNumbers(row);
  const isProduct = isProjection(row.loss);
  const shapes: ((n: number) => number[])[] = isOfRows(row)
    ? [(n) => [1, n + 1], (n) => [n, 3], (n) => [3, n + 1]]
    : [(n) => [n]];
  if (isClassLoss(row) && !isProduct) shapes.push((n) => [1, 3, n]);
  return shapes.flatMap((of, k) =>
    globalThis.Array.from({ length: count }, (_, i): Variant => {
      const shape = of(least + i);
      const target = isEither && i % 3 === 2 ? 'probabilities' : undefined;
      if (!isProduct) return { title: `[${shape}]`, shape, target };
      // of features, then of classes
      const third = k === 2 ? [shape[1], 3] : [3, shape[1]];
      const dims = k === 2 ? [3, 3] : shape;
      return { title: `[${dims}] by [${third}]`, shape: dims, target, tensors: { third } };
    }),
  );
}

/** Variants that its family draws, of any of its options. */
export function drawnOf(row: Row, count = 12, seed = 1): Variant[] {
  const own = drawOf(row.loss);
  if (own === undefined) return [];
  const r = random(seed);
  const variants: Variant[] = [];
  while (variants.length < count) {
    const shape = own.shape(r);
    const given = optionsOf(row.loss, r, 'f32', Math.fround);
    const options = own.options(row.loss, shape, given, r, () => 0.5 + r());
    if (options !== undefined)
      variants.push({ title: `drawn ${variants.length}`, shape, options: options as Variant['options'] });
  }
  return variants;
}

/** All of these. */
export const variantsOf = (row: Row): Variant[] => [...row.variants, ...longOf(row), ...drawnOf(row)];

/** Whether a result may be written over any of the inputs, rather than over its own alone. */
export const isFreelyInPlace = ({ loss }: Row): boolean => registry[loss].family.inPlace.grad === true;

/** Whether a result, a gradient by its own name, may be written over an input of its shape. */
export const mayBeOver = (row: Row, result: string, input: string): boolean => {
  const { value, grad } = registry[row.loss].family.inPlace;
  if (result === 'value') return value;
  return isFreelyInPlace(row) || (grad === 'first' && result === 'input' && input === 'input');
};

/** Whether an option, or an input, is an array with its shape. */
export const hasData = (given: unknown): boolean =>
  (given as { data?: unknown } | undefined)?.data !== undefined;
