// Exact sums in plain SQL: a Float32 is an integer of 24 bits times a power of 2, and integers of 256 bits add such up without rounding
// anything, in two windows: of numbers below 2 and of the others.
import { expected, fail, isList, show } from '../errors.ts';
import { VERSION } from '../evaluate/generated/version.ts';
import { hexOf } from '../evaluate/rational.ts';
import { encoded, type GroupState, type State } from '../evaluate/state.ts';
import { read } from '../given.ts';
import { checkNames, isObject } from '../options/names.ts';
import { specs } from './generated/functions.ts';

/** 2 to this is the unit of the first window; an exponent's lowest seven bits say how far a number is shifted in its window. */
const UNIT = -150;
const WINDOW = 128;

interface Part {
  /** What follows the name. */
  readonly name: string;
  readonly aggregate: 'sumIf' | 'countIf';
  readonly type: string;
  /** The arguments, of an expression of type Float32. */
  readonly of: (x: string) => readonly string[];
}

const bits = (x: string): string => `reinterpretAsUInt32(${x})`;
const exponent = (x: string): string => `bitAnd(bitShiftRight(${bits(x)}, 23), 255)`;
/** The digits, with the one that normal numbers do not write. */
const digits = (x: string): string => {
  const written = `bitAnd(${bits(x)}, 8388607)`;
  return `if(${exponent(x)} = 0, 2 * ${written}, ${written} + 8388608)`;
};
const shifted = (x: string): string => {
  const magnitude = `toInt32(${digits(x)})`;
  const signed = `if(${bits(x)} >= 2147483648, -${magnitude}, ${magnitude})`;
  return `bitShiftLeft(toInt256(${signed}), bitAnd(${exponent(x)}, ${WINDOW - 1}))`;
};
const sum = 'AggregateFunction(sumIf, Int256, UInt8)';
const count = 'AggregateFunction(countIf, UInt8)';

const parts: readonly Part[] = [
  { name: 'low', aggregate: 'sumIf', type: sum, of: (x) => [shifted(x), `${exponent(x)} < ${WINDOW}`] },
  {
    name: 'high',
    aggregate: 'sumIf',
    type: sum,
    of: (x) => [shifted(x), `${exponent(x)} >= ${WINDOW} AND ${exponent(x)} < 255`],
  },
  { name: 'count', aggregate: 'countIf', type: count, of: (x) => [`isNotNull(${x})`] },
  { name: 'nan', aggregate: 'countIf', type: count, of: (x) => [`isNaN(${x})`] },
  { name: 'infinity', aggregate: 'countIf', type: count, of: (x) => [`${x} = inf`] },
  { name: 'minus_infinity', aggregate: 'countIf', type: count, of: (x) => [`${x} = -inf`] },
];

function nameOf(as: unknown): string {
  if (typeof as === 'string' && /^[A-Za-z_]\w*$/.test(as)) return as;
  return expected('ERR_OPTION', 'as', 'a name of letters, digits and _', show(as));
}

function expressionOf(expression: unknown): string {
  if (typeof expression !== 'string' || expression.trim() === '')
    return expected('ERR_TYPE', 'expression', 'SQL', show(expression));
  return `toFloat32(${expression})`;
}

const columns = (as: unknown, of: (part: Part, name: string) => string): string => {
  const name = nameOf(as);
  return parts.map((part) => of(part, `${name}_${part.name}`)).join(', ');
};

/** Makes SQL of sums; a function with others. */
export interface ExactSum {
  /** Columns of a SELECT: the exact sum of an expression, as texts; NULL counts as no row. `as`: what their names begin with. */
  (expression: string, as?: string): string;
  /** The same as states of aggregate functions: to be stored, and merged later. */
  state(expression: string, as?: string): string;
  /** The sums of stored states, as texts. */
  merge(as?: string): string;
  /** States of stored states, which a query merges further: over all shards, or all hours of a day. */
  mergeState(as?: string): string;
  /** The columns of a table that states are stored in. */
  columns(as?: string): string;
}

/**
 * SQL for the exact sum of an expression of type Float32, of plain aggregate functions. Integers of 256 bits have room for any number
 * of rows, and the order of additions does not matter to them: the result is the same for any shards, threads, blocks and merges, where `sum`
 * and `avg` of floats differ in their last digits. `toState` reads a row of it.
 *
 * - `exactSum(expression, as)`: columns of a SELECT, named `loss_low`, `loss_high`, `loss_count`, …
 * - `exactSum.state`, `.merge`, `.mergeState`: the same with -State, of stored states with -Merge, and with -MergeState
 * - `exactSum.columns`: the columns of a table of states, as of an AggregatingMergeTree
 * - other types are rounded to Float32 first; throws ERR_TYPE and ERR_OPTION
 * @example exactSum('bceWithLogits_loss(z, y)') // 'toString(sumIf(bitShiftLeft(…' for SELECT … FROM clicks
 */
export const exactSum: ExactSum = Object.assign(
  (expression: string, as = 'loss'): string => {
    const x = expressionOf(expression);
    return columns(as, ({ aggregate, of }, name) => `toString(${aggregate}(${of(x).join(', ')})) AS ${name}`);
  },
  {
    state(expression: string, as = 'loss'): string {
      const x = expressionOf(expression);
      return columns(as, ({ aggregate, of }, name) => `${aggregate}State(${of(x).join(', ')}) AS ${name}`);
    },
    merge: (as = 'loss'): string =>
      columns(as, ({ aggregate }, name) => `toString(${aggregate}Merge(${name})) AS ${name}`),
    mergeState: (as = 'loss'): string =>
      columns(as, ({ aggregate }, name) => `${aggregate}MergeState(${name}) AS ${name}`),
    columns: (as = 'loss'): string => columns(as, ({ type }, name) => `${name} ${type}`),
  },
);

/** What a state says that no row does. */
export interface ToStateOptions {
  /** The loss's name. */
  loss: string;
  /** Its options, where others than the defaults were used. */
  options?: Readonly<Record<string, unknown>> | undefined;
  /** How many classes rows have; 0, the default, where they have none. */
  classes?: number | undefined;
  /** What the columns' names begin with; default 'loss'. */
  as?: string | undefined;
  /** The column that has the group's key. */
  key?: string | undefined;
}

/**
 * The state of an evaluation (simdloss/evaluate) from rows of `exactSum`: `evaluate.from(F, state).result()` has the mean, and
 * `.merge(state)` adds it to what was evaluated elsewhere. Each group of rows is one of the evaluation's.
 *
 * - `rows`: a row, or an array of them, as clients return them
 * - what counts is every row that is not NULL: rows with an ignored label are to be left out by the query
 * - throws ERR_TYPE where a row lacks a column or has its numbers as floats, ERR_OPTION for class weights, by which a mean is divided
 * @example evaluate.from(F, toState(rows, { loss: 'bceWithLogits', key: 'carrier' })).result().groups
 */
export function toState(rows: unknown, options: ToStateOptions): State {
  if (!isObject(options)) return expected('ERR_TYPE', 'options', 'an object with "loss"', show(options));
  checkNames(options, '', ['loss', 'options', 'classes', 'as', 'key']);
  const { loss, options: own = {}, classes = 0, as = 'loss', key } = options;
  const spec = specs.find(({ name }) => name === loss);
  if (spec === undefined)
    return expected('ERR_OPTION', 'loss', `one of ${specs.map(({ name }) => name).join(', ')}`, show(loss));
  if (!isObject(own)) return expected('ERR_TYPE', 'options.options', 'an object', show(own));
  checkNames(
    own,
    'options.',
    spec.options.map(({ name }) => name),
  );
  if (spec.isOfClasses && read(own, 'weight') !== undefined)
    fail('ERR_OPTION', 'class weights are no part of a state of rows: a mean is divided by them');
  if (!Number.isSafeInteger(classes) || classes < 0)
    expected('ERR_OPTION', 'classes', 'a count', show(classes));
  const groups = (isList(rows) ? Array.from(rows as ArrayLike<unknown>) : [rows])
    .map((row) => groupOf(row, nameOf(as), key))
    .filter(({ counts }) => counts.loss.length > 0)
    .sort((a, b) => compare(a.key, b.key));
  const twice = groups.find(({ key }, i) => i > 0 && key === groups[i - 1].key);
  if (twice !== undefined) fail('ERR_OPTION', `rows have the key ${show(twice.key)} twice`);
  return {
    simdloss: 1,
    build: `${VERSION} wasm`,
    loss,
    // in the order in which evaluations have them
    options: encoded(
      Object.fromEntries(
        spec.options.flatMap(({ name }) => (read(own, name) === undefined ? [] : [[name, read(own, name)]])),
      ),
    ),
    figures: [],
    dtype: groups.length > 0 ? 'f32' : null,
    classes: groups.length > 0 ? classes : 0,
    groups,
  };
}

/** Integers before texts, each in their order; what has no key before both. */
const compare = (a: GroupState['key'], b: GroupState['key']): number => {
  const rank = (key: GroupState['key']): number => (key === undefined ? 0 : typeof key === 'number' ? 1 : 2);
  return rank(a) - rank(b) || (a! < b! ? -1 : a! > b! ? 1 : 0);
};

function groupOf(row: unknown, as: string, key: string | undefined): GroupState {
  if (!isObject(row)) return expected('ERR_TYPE', 'rows', 'rows of exactSum', show(row));
  const integer = (name: string): bigint => {
    const value = read(row, `${as}_${name}`);
    const isExact = typeof value !== 'number' || Number.isSafeInteger(value);
    try {
      if (isExact) return BigInt(value as string);
    } catch {}
    return expected('ERR_TYPE', `${as}_${name}`, 'an integer, as text', show(value));
  };
  const [low, high, count, nan, infinity, minusInfinity] = parts.map(({ name }) => integer(name));
  const hex = hexOf({ mantissa: low + (high << BigInt(WINDOW)), exponent: UNIT });
  const specials = nan + infinity + minusInfinity > 0n ? ` ${nan} ${infinity} ${minusInfinity}` : '';
  const rows = hexOf({ mantissa: count, exponent: 0 });
  return {
    ...(key !== undefined && { key: keyOf(read(row, key), key) }),
    sums: { loss: [hex + specials, rows, rows] },
    counts: { loss: count > 0n ? [[0, Number(count)]] : [] },
  };
}

function keyOf(value: unknown, name: string): string | number {
  const key = typeof value === 'bigint' ? Number(value) : value;
  if (typeof key === 'string' || Number.isSafeInteger(key)) return key as string | number;
  return expected('ERR_TYPE', name, 'a text or an integer', show(value));
}
