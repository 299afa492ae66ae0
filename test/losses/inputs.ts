import type { FloatDType } from '../../src/index.ts';
import { registry } from '../../src/losses/registry.ts';
import { arrayOf } from '../instances.ts';
import { integer, type Random, random } from '../random.ts';
import type { Row, Variant } from '../rows/row.ts';
import { isTernary, ROLES, type Role } from './roles.ts';

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

export const isClassLoss = (row: Row): boolean => registry[row.loss].family.name === 'classes';

export const targetOf = (row: Row, variant: Variant): 'elements' | 'indices' | 'probabilities' =>
  variant.target ?? (isClassLoss(row) ? 'indices' : 'elements');

export const shapeOf = (row: Row, variant: Variant): readonly number[] =>
  variant.shape ?? (isClassLoss(row) ? [7, 5] : [23]);

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
  for (const [name, dims] of Object.entries(variant.tensors ?? {})) {
    if (name === 'third') continue;
    const tensor = fill(dims, (x) => 0.5 + 1.5 * x());
    // a row that is not to be read
    if (name === 'sampleWeight' && tensor.data.length > 2) tensor.data[1] = 0;
    options[name] = tensor;
  }
  if (row.third !== undefined) options.third = fill(variant.tensors?.third ?? shape, row.third);
  const input = fill(shape, row.input);
  const kind = targetOf(row, variant);
  if (kind !== 'indices') {
    return {
      input,
      target: fill(shape, row.target),
      options,
      rows: kind === 'elements' ? shape : rowsOf(shape, variant),
      classAxis: axisOf(shape, variant),
    };
  }
  const rows = rowsOf(shape, variant);
  const classes = shape[axisOf(shape, variant)];
  const data = Int32Array.from({ length: sizeOf(rows) }, () => integer(r, classes));
  return { input, target: { data, shape: rows }, options, rows, classAxis: axisOf(shape, variant) };
}

function axisOf(shape: readonly number[], variant: Variant): number {
  const axis = (variant.options?.axis as number | undefined) ?? Math.min(1, shape.length - 1);
  return axis < 0 ? axis + shape.length : axis;
}

function rowsOf(shape: readonly number[], variant: Variant): readonly number[] {
  const axis = axisOf(shape, variant);
  return shape.filter((_, i) => i !== axis);
}

/** An input by its role: what a gradient with respect to it has the shape of. */
export const inputBy = ({ input, target, options }: Inputs, role: Role): Array | Labels =>
  role === 'third' ? (options.third as Array) : { input, target }[role];

/** Whether a third input has another shape than the first. */
export const isThirdSmall = ({ input, options }: Inputs): boolean =>
  options.third !== undefined && String((options.third as Array).shape) !== String(input.shape);

/** Element i of a third input of the first's shape. */
export const thirdOf = (options: Record<string, unknown>, i: number): number =>
  (options.third as Array | undefined)?.data[i] ?? Number.NaN;

/** The inputs whose gradient a variant has. */
export const wrtOf = (row: Row, variant: Variant): readonly Role[] =>
  targetOf(row, variant) === 'indices' ? ['input'] : isTernary(row.loss) ? ROLES : ['input', 'target'];
