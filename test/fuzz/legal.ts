// Calls that are allowed, made from a seed: what the hostile ones start from.
import fc from 'fast-check';
import type { DType, FloatDType } from '../../src/index.ts';
import { registry } from '../../src/losses/registry.ts';
import { optionsOf } from '../differential/domains.ts';
import { drawOf } from '../draws/index.ts';
import { isOfSets, setsOf, sizeOf, thirdShape } from '../losses/inputs.ts';
import { isProjection, rolesOf } from '../losses/roles.ts';
import { integer, type Random, random } from '../random.ts';
import type { HelperName } from '../reference/index.ts';
import { isTensor } from '../reference/tensor.ts';
import { rows } from '../rows/index.ts';
import { lossNames } from '../rows/names.ts';
import type { LossName } from '../rows/row.ts';

export const helperNames = ['softmax', 'logSoftmax', 'logSumExp', 'sigmoid'] as const;
export type Name = LossName | HelperName;
export const isHelper = (name: Name): name is HelperName => (helperNames as readonly string[]).includes(name);

export const calls = ['value', 'grad', 'valueAndGrad', 'prepare'] as const;
export type CallKind = (typeof calls)[number];

/** What decides a legal call; all plain data, so that a failure can be printed. */
export interface Legal {
  readonly name: Name;
  readonly call: CallKind;
  readonly dtype: FloatDType;
  readonly labelDtype: DType;
  readonly shape: readonly number[];
  readonly seed: number;
  /** Numbers of all kinds instead of the loss's domain. */
  readonly wild: boolean;
}

const size = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 9 }) },
  { weight: 2, arbitrary: fc.integer({ min: 10, max: 70 }) },
  { weight: 1, arbitrary: fc.constantFrom(1023, 1024, 1025) },
);
const shape = fc.oneof(
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 3, arbitrary: fc.tuple(size) },
  { weight: 4, arbitrary: fc.tuple(size, size) },
  { weight: 2, arbitrary: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 3, maxLength: 4 }) },
);

export const legalCall: fc.Arbitrary<Legal> = fc
  .record({
    name: fc.constantFrom<Name>(...lossNames, ...helperNames),
    call: fc.constantFrom(...calls),
    dtype: fc.constantFrom<FloatDType>('f32', 'f64'),
    labelDtype: fc.constantFrom<DType>('i32', 'i32', 'i8', 'i16', 'i64', 'u8', 'u16', 'u32'),
    shape: shape as fc.Arbitrary<number[]>,
    seed: fc.integer({ min: 0, max: 2 ** 31 }),
    wild: fc.boolean(),
  })
  .filter(({ shape: s }) => sizeOf(s) <= 3000);

/** One array of a call. */
export interface Role {
  readonly shape: readonly number[];
  readonly values: number[];
  readonly labels: boolean;
}
/** A legal call in numbers. */
export interface Content {
  readonly roles: Record<string, Role>;
  /** Options that are no arrays. */
  readonly options: Record<string, unknown>;
  readonly rows: readonly number[];
  readonly classes: number;
  readonly isIndex: boolean;
}

const SPECIAL = [0, -0, 1, -1, Infinity, -Infinity, NaN, 1e-45, 3e38, -3e38, 88.7, -103.9, 1e-20, 16777216];

const pick = <T>(r: Random, list: readonly T[]): T => list[integer(r, list.length)];

/** Makes the content of a call; undefined where the shape does not suit the loss. */
export function contentOf({ name, call, dtype, shape, seed, wild, labelDtype }: Legal): Content | undefined {
  const r = random(seed);
  const special = (draw: (r: Random) => number) => () =>
    Math.fround(wild && r() < 0.2 ? pick(r, SPECIAL) : draw(r));
  const array = (dims: readonly number[], draw: (r: Random) => number): Role => ({
    shape: dims,
    values: Array.from({ length: sizeOf(dims) }, special(draw)),
    labels: false,
  });
  const normal = (x: Random): number => 4 * x() - 2;
  const weightDraw = (x: Random): number => (x() < 0.1 ? 0 : 0.5 + x());
  if (isHelper(name)) return helperContent(name, isBackward(call), shape, (dims) => array(dims, normal), r);

  const descriptor = registry[name];
  const row = rows[name];
  const options: Record<string, unknown> = {
    ...optionsOf(name, r, dtype, dtype === 'f32' ? Math.fround : Number),
  };
  if (drawOf(name)) {
    const own = ownContent(name, shape, options, r, labelDtype, (draw) => special(draw)());
    return own && withCommon(own, name, r, array, { normal, weightDraw });
  }
  const roles: Record<string, Role> = { input: array(shape, row.input) };
  const has = (option: string): boolean => option in descriptor.options && r() < 0.3;
  const isProduct = isProjection(name);
  const isClassLoss = descriptor.family.name === 'classes' || isProduct;
  let rowShape = shape;
  let classes = 1;
  let isIndex = false;
  if (isClassLoss) {
    if (shape.length === 0) return undefined;
    let axis = isProduct ? shape.length - 1 : Math.min(1, shape.length - 1);
    if (!isProduct && r() < 0.3) {
      axis = integer(r, shape.length);
      options.axis = r() < 0.5 ? axis : axis - shape.length;
    }
    classes = shape[axis];
    rowShape = shape.filter((_, i) => i !== axis);
    if (classes === 0 && (isProduct || sizeOf(rowShape) > 0)) return undefined;
    if (isProduct) {
      classes = 1 + integer(r, 6);
      roles.third = array([classes, shape[axis]], row.third!);
      if (has('linearBias')) roles.linearBias = array([classes], normal);
      if (has('chunkRows')) options.chunkRows = pick<unknown>(r, ['auto', 1, 2, 5]);
    }
    isIndex = !('labelSmoothing' in descriptor.options) || r() < 0.7;
    if (has('ignoreIndex')) options.ignoreIndex = integer(r, 5) - 1;
    if (has('weight')) roles.weight = array([classes], weightDraw);
    if (has('mask') && options.fromLogits !== false) roles.mask = array(shape, (x) => Number(x() < 0.8));
  }
  if (descriptor.family.name === 'features' || descriptor.family.name === 'multilabel') {
    if (shape.length === 0) return undefined;
    let axis = shape.length - 1;
    if ('axis' in descriptor.options && r() < 0.3) {
      axis = integer(r, shape.length);
      options.axis = r() < 0.5 ? axis : axis - shape.length;
    }
    rowShape = shape.filter((_, i) => i !== axis);
  }
  /** Labels that the type has room for. */
  const mostLabels = labelDtype === 'i8' ? 128 : labelDtype === 'u8' ? 256 : Number.POSITIVE_INFINITY;
  if (isIndex) {
    const top = Math.min(classes, mostLabels);
    roles.target = {
      shape: rowShape,
      values: Array.from({ length: sizeOf(rowShape) }, () => integer(r, top)),
      labels: true,
    };
  } else if (isOfSets(row)) {
    if (shape.at(-1) === 0 && sizeOf(rowShape) > 0) return undefined;
    isIndex = true;
    classes = shape.at(-1)!;
    const sets = setsOf(r, shape);
    const isSigned = !labelDtype.startsWith('u');
    roles.target = {
      shape,
      values: Array.from(sets.data, (v) => Math.min(isSigned ? v : Math.max(v, 0), mostLabels - 1)),
      labels: true,
    };
  } else roles.target = array(isProduct ? [...rowShape, classes] : shape, row.target);
  if (!isClassLoss) {
    for (const factor of ['weight', 'posWeight']) {
      if (!has(factor)) continue;
      const dims = shape.slice(integer(r, shape.length + 1)).map((d) => (r() < 0.3 ? 1 : d));
      delete options[factor];
      if (r() < 0.2) options[factor] = 1.5;
      else roles[factor] = array(dims, weightDraw);
    }
  }
  if (row.third !== undefined && !isProduct) roles.third = array(thirdShape(row, shape, rowShape), row.third);
  const content = { roles, options, rows: rowShape, classes, isIndex };
  return withCommon(content, name, r, array, { normal, weightDraw });
}

/** The numbers that an integer type has room for, of those that labels are. */
const rangeOf = (type: DType): readonly [number, number] => {
  if (type === 'i8') return [-128, 127];
  if (type === 'u8') return [0, 255];
  if (type === 'i16') return [-32768, 32767];
  if (type === 'u16') return [0, 65535];
  return [type.startsWith('u') ? 0 : -(2 ** 31), 2 ** 31 - 1];
};

/** Of a loss whose inputs its family draws. */
function ownContent(
  name: LossName,
  shape: readonly number[],
  given: Record<string, unknown>,
  r: Random,
  labelDtype: DType,
  element: (draw: (r: Random) => number) => number,
): Content | undefined {
  const own = drawOf(name)!;
  const row = rows[name];
  const all = own.options(name, shape, given, r, () => Math.fround(0.5 + r()));
  if (all === undefined) return undefined;
  const input = {
    shape,
    values: Array.from({ length: sizeOf(shape) }, () => element(row.input)),
    labels: false,
  };
  const drawn = own.inputs(name, shape, all, {
    r,
    input: () => element(row.input),
    target: () => element(row.target),
    range: rangeOf(labelDtype),
  });
  const roles: Record<string, Role> = { input };
  for (const role of ['target', 'third', 'fourth'] as const) {
    const of = drawn[role];
    if (of === undefined) continue;
    roles[role] = { shape: of.shape, values: Array.from(of.data), labels: drawn.integers.includes(role) };
  }
  const options: Record<string, unknown> = {};
  for (const [option, value] of Object.entries(all)) {
    if (isTensor(value))
      roles[option] = { shape: value.shape, values: Array.from(value.data), labels: false };
    else options[option] = value;
  }
  return {
    roles,
    options,
    rows: drawn.terms,
    classes: drawn.classes,
    isIndex: drawn.integers.includes('target'),
  };
}

/** With the options that every loss has. */
function withCommon(
  content: Content,
  name: LossName,
  r: Random,
  array: (dims: readonly number[], draw: (r: Random) => number) => Role,
  { normal, weightDraw }: Record<'normal' | 'weightDraw', (r: Random) => number>,
): Content {
  const { roles, options, rows: rowShape, isIndex } = content;
  const descriptor = registry[name];
  if (r() < 0.3) roles.sampleWeight = array(rowShape, weightDraw);
  if (r() < 0.3) options.allIgnored = pick(r, ['nan', 'zero']);
  const reduction = pick(
    r,
    descriptor.batchmean ? ['mean', 'sum', 'none', 'batchmean'] : ['mean', 'sum', 'none'],
  );
  if (r() < 0.8 || reduction === 'batchmean') options.reduction = reduction;
  if (r() < 0.3) {
    if (options.reduction === 'none' && r() < 0.7) roles.gradOutput = array(rowShape, normal);
    else options.gradOutput = pick(r, [0, -2.5, 3]);
  }
  if (r() < 0.3) {
    const names: string[] = isIndex && !isProjection(name) ? ['input'] : rolesOf(name);
    if (roles.logitScale) names.push('logitScale');
    options.wrt = pick(r, [pick(r, names), names, [pick(r, names)]]);
  }
  return content;
}

/** Helpers have no more than a value and a gradient. */
export const isBackward = (call: CallKind): boolean => call === 'grad' || call === 'valueAndGrad';

function helperContent(
  name: HelperName,
  backward: boolean,
  shape: readonly number[],
  array: (dims: readonly number[]) => Role,
  r: Random,
): Content | undefined {
  const options: Record<string, unknown> = {};
  const roles: Record<string, Role> = { input: array(shape) };
  if (name === 'sigmoid') {
    if (backward) roles.upstream = array(shape);
    return { roles, options, rows: shape, classes: 1, isIndex: false };
  }
  if (shape.length === 0) return undefined;
  let axis = Math.min(1, shape.length - 1);
  if (r() < 0.3) {
    axis = integer(r, shape.length);
    options.axis = axis - shape.length;
  }
  const rowShape = shape.filter((_, i) => i !== axis);
  if (shape[axis] === 0 && sizeOf(rowShape) > 0) return undefined;
  if (backward) roles.upstream = array(name === 'logSumExp' ? rowShape : shape);
  return { roles, options, rows: rowShape, classes: shape[axis], isIndex: false };
}
