// Rows of classes: their labels, and the logits whose softmax the figures are of.
import { isFloat, type Shape } from '../dtypes.ts';
import { expected, showShape } from '../errors.ts';
import { labelsToI32 } from '../labels.ts';
import { elements, sameShape } from '../memory/shape.ts';
import { type Asked, helperOf } from './asked.ts';
import type { RowFigures } from './figures/figure.ts';
import type { Evaluable } from './functions.ts';
import { elementsOf, numbersOf, roomLike } from './read.ts';
import type { Result, Temporaries } from './temporary.ts';

/** What the rows of a batch are. */
export interface ClassRows {
  readonly classes: number;
  /** The shape of the rows. */
  readonly shape: Shape;
  /** Whether a row's classes lie side by side. */
  readonly isContiguous: boolean;
  /** Class indices, where the targets are not probabilities; of no more than whether some are ignored, they may be the caller's own. */
  readonly labels: Int32Array | undefined;
  /** Whether one of them is ignoreIndex. */
  readonly isIgnored: boolean;
  /** What the loss is to be given as target. */
  readonly target: unknown;
  /** 1 where a shift leaves a row without a label. */
  readonly leftOut: Uint8Array | undefined;
}

/** An option that is a number: another is for the loss to refuse. */
export const numberOf = (option: unknown, usual: number): number =>
  typeof option === 'number' ? option : usual;

export function classRows({ options, shift, names }: Asked, input: unknown, target: unknown): ClassRows {
  const x = elementsOf(input, 'input').shape;
  const t = elementsOf(target, 'target');
  const asked = numberOf(options.axis, Math.min(1, x.length - 1));
  const axis = asked < 0 ? asked + x.length : asked;
  const shape = x.filter((_, i) => i !== axis);
  const classes = x[axis] ?? 0;
  const isIndex = sameShape(t.shape, shape);
  if (shift > 0 && !isIndex)
    expected(
      'ERR_SHAPE',
      'target',
      `shape ${showShape(shape)} (class indices, for a shift)`,
      showShape(t.shape),
    );
  const isContiguous = x.slice(axis + 1).every((size) => size === 1);
  const given = { classes, shape, isContiguous };
  if (!isIndex) return { ...given, labels: undefined, isIgnored: false, target, leftOut: undefined };
  const isNumbers = t.dtype !== undefined && isFloat(t.dtype);
  // the loss refuses it, unless it was made labels of
  if (isNumbers && shift > 0)
    expected('ERR_DTYPE', 'target', 'class indices of an integer type', 'f32 or f64');
  const ignoreIndex = numberOf(options.ignoreIndex, -100);
  const areAllUsed = shift > 0 || names.length > 0 || options.weight !== undefined;
  const isLabels = t.data instanceof Int32Array;
  if (isLabels && !areAllUsed && !has(t.data as Int32Array, ignoreIndex))
    return { ...given, labels: t.data as Int32Array, isIgnored: false, target, leftOut: undefined };
  const labels = new Int32Array(t.data.length);
  labelsToI32(t.data, labels, ignoreIndex);
  const own = shifted(labels, shape, shift, target);
  return { ...given, ...own, isIgnored: has(own.labels, ignoreIndex) };
}

/** The engine's own `includes` takes twice as long. */
function has(labels: Int32Array, label: number): boolean {
  const whole = labels.length & ~3;
  for (let i = 0; i < whole; i += 4)
    if (labels[i] === label || labels[i + 1] === label || labels[i + 2] === label || labels[i + 3] === label)
      return true;
  return labels.subarray(whole).includes(label);
}

/** The labels of `shift` positions later, along the last axis of the rows. */
function shifted(
  labels: Int32Array,
  shape: Shape,
  shift: number,
  target: unknown,
): { readonly labels: Int32Array } & Pick<ClassRows, 'target' | 'leftOut'> {
  if (shift === 0) return { labels, target, leftOut: undefined };
  const length = shape[shape.length - 1] ?? 1;
  const leftOut = new Uint8Array(labels.length);
  const later = new Int32Array(labels.length);
  for (let i = 0; i < labels.length; i++)
    if ((i % length) + shift >= length) leftOut[i] = 1;
    else later[i] = labels[i + shift];
  return { labels: later, target: { data: later, shape }, leftOut };
}

/** The same of each. */
export const mapped = <K extends string, A, B>(all: Readonly<Record<K, A>>, of: (value: A) => B) =>
  Object.fromEntries(Object.entries<A>(all).map(([name, value]) => [name, of(value)])) as Record<K, B>;

const ROW_FIGURES = ['nll', 'rank', 'argmax', 'confidence', 'entropy', 'brier'] as const;

/** What each row says of its label and the others: nll, and what figures need. */
export function rowFigures(
  F: Evaluable,
  asked: Asked,
  input: unknown,
  { shape, labels }: ClassRows,
  weights: ArrayLike<number> | undefined,
  results: Temporaries,
): Record<keyof RowFigures, Result> {
  const { axis } = asked.options;
  const ignoreIndex = numberOf(asked.options.ignoreIndex, -100);
  // what does not depend on labels may be asked for without them; those of rows that do not count are not read
  let data = labels ?? new Int32Array(elements(shape));
  if (weights !== undefined) {
    data = data.slice();
    for (let i = 0; i < data.length; i++) if (weights[i] === 0) data[i] = ignoreIndex;
  }
  const all = helperOf(F, 'rowFigures')(
    logitsOf(F, asked, input, results),
    { data, shape },
    { axis, ignoreIndex, only: ROW_FIGURES.filter((name) => name === 'nll' || asked.needs.has(name)) },
  ) as Record<keyof RowFigures, unknown>;
  return mapped(all, (result) => results.add(result));
}

/** Log-probabilities are logits, too. */
function logitsOf(F: Evaluable, { options }: Asked, input: unknown, results: Temporaries): unknown {
  if (options.fromLogits === false) return results.add(helperOf(F, 'log')(input));
  const temperature = numberOf(options.temperature, 1);
  const cap = numberOf(options.softcap, 0);
  if (temperature === 1 && cap === 0) return input;
  const given = elementsOf(input, 'input');
  const { shape } = given;
  const numbers = numbersOf(given);
  const divided = roomLike(given, numbers.length);
  for (let i = 0; i < divided.length; i++) divided[i] = numbers[i] / temperature / (cap || 1);
  if (cap === 0) return { data: divided, shape };
  const bounded = results.add(helperOf(F, 'tanh')({ data: divided, shape })).data;
  return { data: bounded.map((y: number) => y * cap), shape };
}
