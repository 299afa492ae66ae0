// Tables as rows that are read one after the other, and batches of the columns that are asked for.
import { unusable, wrong } from '../failure.ts';
import { batchOf, type Numbers } from './batch.ts';
import type { Streamed } from './bytes.ts';
import { type Batch, type Key, type Layout, type Places, pause, rowsOfBatch } from './source.ts';

/** A row: its values by column, and where it is. */
export interface Row {
  readonly values: readonly unknown[];
  readonly where: string;
}

/** Rows of which all have these columns. */
export interface Records {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<Row>;
  /** What they are read from. */
  readonly file: Streamed;
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

  /** What was added since. */
  take(): Numbers {
    const data = Float64Array.from(this.#numbers);
    this.#numbers = [];
    return { data, width: this.#width ?? 0 };
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

/** Rows of the first batch, after which it is known how much one is. */
const FIRST = 256;

/** Batches of what the columns say. */
export async function* batchesOf(
  { columns, rows }: Records,
  places: Places,
  layout: Layout,
): AsyncGenerator<Batch> {
  const isOfRows = layout.descriptor.family.name !== 'elementwise';
  const columnOf = (place: string, areRows = false) => new Column(place, columnsOf(place, columns), areRows);
  const inputs = places.inputs.map((place, i) => columnOf(place, isOfRows && i === 0));
  const weight = places.weight === undefined ? undefined : columnOf(places.weight);
  const by = places.by === undefined ? undefined : columnsOf(places.by, columns)[0];
  let wheres: string[] = [];
  let keys: Key[] = [];
  let most = FIRST;

  const take = (): Batch => {
    const own = wheres;
    const read = {
      rows: own.length,
      inputs: inputs.map((column) => column.take()),
      weight: weight?.take(),
      keys: by === undefined ? undefined : keys,
      where: (row: number) => own[row],
    };
    wheres = [];
    keys = [];
    // lists say only now how much a row is
    most = rowsOfBatch(read.inputs.reduce((bytes, { data }) => bytes + data.byteLength, 0) / read.rows);
    return batchOf(read, places, layout);
  };
  for await (const row of rows) {
    for (const column of inputs) column.add(row);
    weight?.add(row);
    if (by !== undefined) keys.push(keyOf(row.values[by]));
    wheres.push(row.where);
    if (wheres.length < most) continue;
    yield take();
    await pause();
  }
  if (wheres.length > 0) yield take();
}

/** Integers are keys as they are, all else as a text. */
export const keyOf = (value: unknown): Key =>
  Number.isSafeInteger(Number(value)) && typeof value !== 'string' && value !== null
    ? Number(value)
    : String(value ?? '');
