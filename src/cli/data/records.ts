// Tables as rows that are read one after the other, and batches of the columns that are asked for.
import type { FloatArray, TypedArray } from '../../dtypes.ts';
import { unusable, wrong } from '../failure.ts';
import {
  type Batch,
  classIndices,
  type Layout,
  type NumbersOfRows,
  type Places,
  type Progress,
  rowsOfBatch,
} from './source.ts';

/** Of a group. */
export type Key = string | number;

/** A row: its values by column, and where it is. */
export interface Row {
  readonly values: readonly unknown[];
  readonly where: string;
}

/** Rows of which all have these columns. */
export interface Records {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<Row>;
  readonly progress: Progress;
  close(): Promise<void>;
}

/** The columns that a pattern names: itself, or with * all that fit, in the table's order. */
export function columnsOf(pattern: string, columns: readonly string[]): number[] {
  const exact = columns.indexOf(pattern);
  if (exact >= 0) return [exact];
  if (!pattern.includes('*')) return unusable(`there is no column ${pattern}, but ${columns.join(', ')}`);
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const fits = new RegExp(`^${parts.join('.*')}$`);
  const found = columns.flatMap((name, i) => (fits.test(name) ? [i] : []));
  return found.length > 0 ? found : unusable(`no column is like ${pattern}: there are ${columns.join(', ')}`);
}

/** Numbers of columns, and rows of them where a column holds lists or there are several. */
export class Column {
  readonly #name: string;
  readonly #at: readonly number[];
  /** Elements of a row, which the first one says. */
  #width: number | undefined = undefined;
  readonly #isAlwaysRows: boolean;
  #numbers: number[] = [];

  constructor(name: string, at: readonly number[], isAlwaysRows = false) {
    this.#name = name;
    this.#at = at;
    this.#isAlwaysRows = isAlwaysRows || at.length > 1;
  }

  add({ values, where }: Row): void {
    const before = this.#numbers.length;
    let isList = this.#isAlwaysRows;
    for (const at of this.#at) {
      const value = values[at];
      if (Array.isArray(value)) {
        isList = true;
        for (const element of value) this.#numbers.push(this.#number(element, where));
      } else this.#numbers.push(this.#number(value, where));
    }
    const width = isList ? this.#numbers.length - before : 0;
    this.#width ??= width;
    if (width !== this.#width)
      wrong(`${where}, column ${this.#name}: ${width} numbers, where rows before have ${this.#width}`);
  }

  #number(value: unknown, where: string): number {
    const number = numberOf(value);
    return (
      number ?? wrong(`${where}, column ${this.#name}: ${JSON.stringify(value) ?? 'nothing'} is no number`)
    );
  }

  /** What was added since, of n rows; labels where they are to be. */
  take(n: number, areLabels: boolean, wheres: readonly string[]): NumbersOfRows {
    const numbers = this.#numbers;
    this.#numbers = [];
    const width = this.#width ?? 0;
    const shape = width === 0 ? [n] : [n, width];
    if (!areLabels || width > 0) return { data: Float64Array.from(numbers), shape };
    return { data: classIndices(numbers, (i) => `${wheres[i]}, column ${this.#name}`), shape };
  }
}

const NAMES: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['+inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['infinity', Number.POSITIVE_INFINITY],
  ['+infinity', Number.POSITIVE_INFINITY],
  ['-infinity', Number.NEGATIVE_INFINITY],
  ['true', 1],
  ['false', 0],
]);

/** The number that a value is, or a text says; undefined where it is none. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  const named = NAMES.get(text.toLowerCase());
  if (named !== undefined) return named;
  const number = Number(text);
  return text === '' || Number.isNaN(number) ? undefined : number;
}

/** Batches of what the columns say. */
export async function* batchesOf(
  { columns, rows }: Records,
  places: Places,
  { descriptor }: Layout,
): AsyncGenerator<Batch> {
  const isOfRows = descriptor.family.name !== 'elementwise';
  const inputs = places.inputs.map(
    (place, i) => new Column(place, columnsOf(place, columns), isOfRows && i === 0),
  );
  const weight =
    places.weight === undefined ? undefined : new Column(places.weight, columnsOf(places.weight, columns));
  const by = places.by === undefined ? undefined : columnsOf(places.by, columns)[0];
  let wheres: string[] = [];
  let keys: Key[] = [];
  let most = FIRST;

  const take = (): Batch => {
    const n = wheres.length;
    const own = wheres;
    const all = inputs.map((column, i) => column.take(n, isLabels(descriptor, i), own));
    const perRow = isOfRows ? 1 : all[0].data.length / n;
    const batch = {
      inputs: all,
      sampleWeight: weight && spread(weight.take(n, false, own), all[0].shape, isOfRows),
      group: by === undefined ? undefined : keys.flatMap((key) => Array<Key>(perRow).fill(key)),
      rows: n,
      where: (input: number, term: number) =>
        `${own[Math.floor(term / perRow)]}, column ${places.inputs[input]}`,
    };
    wheres = [];
    keys = [];
    // lists say only now how much a row is
    most = rowsOfBatch((8 * all.reduce((sum, { data }) => sum + data.length, 0)) / n);
    return batch;
  };
  for await (const row of rows) {
    for (const column of inputs) column.add(row);
    weight?.add(row);
    if (by !== undefined) keys.push(keyOf(row.values[by]));
    wheres.push(row.where);
    if (wheres.length >= most) yield take();
  }
  if (wheres.length > 0) yield take();
}

/** Rows of the first batch, after which it is known how much one is. */
const FIRST = 256;

const isLabels = ({ inputs }: Layout['descriptor'], i: number): boolean => inputs[i].holds !== 'numbers';

/** A row's weight for each of its elements. */
function spread(weight: NumbersOfRows, shape: readonly number[], isOfRows: boolean): NumbersOfRows {
  if (isOfRows || shape.length === 1 || weight.shape.length > 1) return weight;
  const width = shape[1];
  const data: FloatArray = new Float64Array(weight.data.length * width);
  (weight.data as TypedArray as Float64Array).forEach((x, i) => {
    data.fill(x, i * width, (i + 1) * width);
  });
  return { data, shape };
}

/** Integers are keys as they are, all else as a text. */
export const keyOf = (value: unknown): Key =>
  Number.isSafeInteger(Number(value)) && typeof value !== 'string' && value !== null
    ? Number(value)
    : String(value ?? '');
