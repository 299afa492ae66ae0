// Parquet, and whatever else DuckDB reads, by @duckdb/node-api where it is installed: chunk after chunk, each column as the array of
// numbers that it lies in. A scalar function takes the chunks where the query has them; as a result, which is copied once more, they take a
// sixth longer.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { FloatArray, FloatDType } from '../../dtypes.ts';
import type { Tensor } from '../../memory/tensor.ts';
import { textOf, unusable, wrong } from '../failure.ts';
import { batchOf, type Numbers } from './batch.ts';
import { columnsOf, keyOf, numberOf } from './records.ts';
import {
  type Batch,
  type Key,
  type Keys,
  type Layout,
  type NumbersOfRows,
  type Places,
  rowsOfBatch,
  type Source,
} from './source.ts';

// what of it is called
interface Vector {
  getItem(i: number): unknown;
  /** Of numbers: as they lie there, NULL or not. */
  readonly items?: unknown;
  /** Of lists: where a row's are in all of them. */
  readonly childVector?: Vector;
  getEntryOffset?(i: number): number;
  getEntryLength?(i: number): number;
  readonly validity?: Validity;
}
interface Validity {
  /** null where all are valid. */
  readonly data?: unknown;
  itemValid(i: number): boolean;
}
interface Chunk {
  readonly rowCount: number;
  getColumnVector(i: number): Vector;
}
/** A chunk whose vectors are copies. */
interface Copied extends Chunk {
  /** Ends the life of those that it gave. */
  free(): void;
}
interface Type {
  toString(): string;
}
interface Result {
  columnNames(): string[];
  columnTypes(): Type[];
  fetchChunk(): Promise<Chunk | null>;
}
interface Connection {
  run(sql: string): Promise<Result>;
  stream(sql: string): Promise<Result>;
  registerScalarFunction(scalarFunction: object): void;
  interrupt(): void;
  closeSync(): void;
}
interface Instance {
  connect(): Promise<Connection>;
  closeSync(): void;
}
interface ScalarFunction {
  readonly scalar_function: object;
}
interface DuckDB {
  readonly BOOLEAN: Type;
  DuckDBDataChunk: new (chunk: object) => Chunk;
  DuckDBScalarFunction: {
    create(given: {
      name: string;
      parameterTypes: readonly Type[];
      returnType: Type;
      specialHandling: boolean;
      volatile: boolean;
      mainFunction(): void;
    }): ScalarFunction;
  };
  DuckDBInstance: {
    create(path: string, options: Record<string, string>): Promise<Instance>;
  };
}
/** What it is made of: its own objects of each chunk, of which there are thousands, take as long as what they are read for. */
interface Bindings {
  scalar_function_set_function(
    scalarFunction: object,
    called: (info: object, input: object, output: object) => void,
  ): void;
  data_chunk_get_size(chunk: object): number;
  data_chunk_get_vector(chunk: object, i: number): object;
  vector_get_data(vector: object, bytes: number): Uint8Array;
  vector_get_validity(vector: object, bytes: number): Uint8Array | null;
}

const PACKAGE = '@duckdb/node-api';

function duckdb(what: string): { readonly api: DuckDB; readonly bindings: Bindings } {
  // beside this package, or where the command is called
  for (const from of [import.meta.url, pathToFileURL(`${process.cwd()}/`)]) {
    try {
      const path = createRequire(from).resolve(PACKAGE);
      const require = createRequire(path);
      return { api: require(path), bindings: require('@duckdb/node-bindings') };
    } catch (error) {
      if (!/_NOT_FOUND$/.test((error as { code?: string }).code ?? '')) wrong(`${PACKAGE}: ${textOf(error)}`);
    }
  }
  return unusable(`${what} is read by DuckDB, which is not installed: npm install ${PACKAGE}`);
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const column = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The rows of files that DuckDB knows by their endings. */
export const byDuckdb = (path: string, places: Places, layout: Layout): Source =>
  source(path, `(FROM ${quoted(path)})`, places, layout, layout.threads);

/** What a query returns: of LIMIT, first() and sums of its own several threads may make something else each time. */
export const query = (sql: string, places: Places, layout: Layout): Source =>
  source('--sql', `(${sql})`, places, layout, 1);

function source(name: string, from: string, places: Places, layout: Layout, threads: number): Source {
  const told = (error: unknown): never => wrong(`${name}: ${textOf(error)}`);
  let instance: Instance | undefined;
  let connection: Connection | undefined;
  let table: Columns | undefined;
  let running: Promise<unknown> | undefined;
  let isInOrder = threads === 1;
  let isClosed = false;
  let done = 0;
  return {
    get isInOrder() {
      return isInOrder;
    },
    async *batches() {
      const { api, bindings } = duckdb(name);
      instance = await api.DuckDBInstance.create(':memory:', {
        ...settings(1),
        // pages of row groups that are written in one are given back at once
        allocator_bulk_deallocation_flush_threshold: '64MB',
      });
      connection = await instance.connect();
      const opened = connection;
      const looked = (columns: string) => opened.run(`SELECT ${columns} FROM ${from} LIMIT 0`).catch(told);
      const whole = await looked('*');
      const all = whole.columnNames();
      // what is asked for and no more: files of columns have the others for nothing
      const types = whole.columnTypes().map(String);
      // of decimals, also in lists, the engine makes numbers in a tenth of the time that they take one by one
      const numbers = (i: number): string => {
        const decimals = /^DECIMAL\(\d+,\d+\)(\[\d*\])?$/.exec(types[i]);
        return column(all[i]) + (decimals === null ? '' : `::DOUBLE${decimals[1] ?? ''}`);
      };
      const inputs = places.inputs.map((place) => columnsOf(place, all).map(numbers));
      const atOf = (place: string | undefined): number =>
        place === undefined ? -1 : columnsOf(place, all)[0];
      const [weight, by] = [places.weight, places.by].map(atOf);
      const lists = places.inputs
        .flatMap((place) => columnsOf(place, all))
        .filter((i) => types[i].endsWith(']'))
        .map((i) => all[i]);
      isInOrder ||= lists.length > 0 && (await isWide(opened, name, lists).catch(told));
      if (!isInOrder)
        for (const [setting, value] of Object.entries(settings(threads)))
          await opened.run(`SET ${setting} = '${value}'`);
      const keys = by < 0 ? undefined : await keysOf(opened, from, column(all[by]), types[by]).catch(told);
      const selected = [
        ...inputs.flat(),
        ...(weight < 0 ? [] : [numbers(weight)]),
        ...(keys === undefined ? [] : [keys.selected]),
      ];
      const columns = new Columns(name, places, layout, inputs, weight >= 0, keys?.list);
      table = columns;
      const taken: Taken[] = [];
      let failure: unknown;
      let wake = (): void => {};
      const parameterTypes = (await looked(selected.join(', '))).columnTypes();
      const chunkOf = reader(api, bindings, parameterTypes);
      const scalarFunction = api.DuckDBScalarFunction.create({
        name: FUNCTION,
        parameterTypes,
        returnType: api.BOOLEAN,
        // it sees what is NULL, and all chunks
        specialHandling: true,
        volatile: true,
        mainFunction() {},
      });
      bindings.scalar_function_set_function(scalarFunction.scalar_function, (_, input) => {
        if (isClosed || failure !== undefined) throw new Error('closed');
        try {
          const chunk = chunkOf(input);
          columns.add(chunk, done);
          done += chunk.rowCount;
          if (columns.rows < columns.most) return;
          taken.push(columns.take(done));
          wake();
        } catch (error) {
          // the engine passes on its text alone
          failure = error;
          throw error;
        }
      });
      opened.registerScalarFunction(scalarFunction);
      const query = opened.run(`SELECT count(${FUNCTION}(${selected.join(', ')})) FROM ${from}`);
      let isRunning = true;
      running = query
        .catch(() => {})
        .finally(() => {
          isRunning = false;
          wake();
        });
      while (isRunning) {
        // until there is a batch, or no more
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (taken.length > 0 || !isRunning) resolve();
        });
        while (taken.length > 0) yield* columns.batches(taken.shift()!);
      }
      if (failure !== undefined) throw failure;
      await query.catch(told);
      if (columns.rows > 0) yield* columns.batches(columns.take(done));
    },
    get progress() {
      return { unit: 'rows' as const, done, total: undefined };
    },
    async close() {
      isClosed = true;
      if (running !== undefined) {
        connection?.interrupt();
        await running;
      }
      connection?.closeSync();
      instance?.closeSync();
      table?.dispose();
    },
  };
}

/** Of the engine: what is read into is there for each thread. */
const settings = (threads: number): Record<string, string> => ({
  threads: `${threads}`,
  preserve_insertion_order: `${threads === 1}`,
  memory_limit: threads === 1 ? '200MB' : '128MB',
});

/** Numbers of a row from which on chunks of all threads would take more memory than they save time. */
const WIDE = 256;

/** Whether rows are wide by these lists, as a file of Parquet says itself. */
async function isWide(connection: Connection, path: string, lists: readonly string[]): Promise<boolean> {
  if (!/\.parquet$/.test(path)) return false;
  const perRow = await connection.run(
    `SELECT max(n) FROM (SELECT sum(num_values) / max(row_group_num_rows) AS n FROM parquet_metadata(${quoted(path)})
      WHERE split_part(path_in_schema, ', ', 1) IN (${lists.map(quoted)}) GROUP BY file_name, row_group_id)`,
  );
  return Number((await perRow.fetchChunk())?.getColumnVector(0).getItem(0)) >= WIDE;
}

type NumbersType = new (buffer: ArrayBufferLike, offset: number, length: number) => ArrayLike<unknown>;
/** How numbers of a type lie in memory. */
const ARRAYS = new Map<string, NumbersType & { readonly BYTES_PER_ELEMENT: number }>([
  ['FLOAT', Float32Array],
  ['DOUBLE', Float64Array],
  ['TINYINT', Int8Array],
  ['SMALLINT', Int16Array],
  ['INTEGER', Int32Array],
  ['BIGINT', BigInt64Array],
  ['UTINYINT', Uint8Array],
  ['USMALLINT', Uint16Array],
  ['UINTEGER', Uint32Array],
  ['UBIGINT', BigUint64Array],
]);

/** Reads chunks of columns of these types; a column of numbers without NULL as no more than they are. */
function reader(api: DuckDB, bindings: Bindings, types: readonly Type[]): (input: object) => Copied {
  const arrays = types.map((type) => ARRAYS.get(`${type}`));
  // What is sent to a closed port is gone at once. The garbage collector would let copies lie until they are tens of MB, and new memory
  // takes longer to be had than they take to be made.
  const { port1: nowhere } = new MessageChannel();
  nowhere.close();
  return (input) => {
    const rowCount = bindings.data_chunk_get_size(input);
    const validityBytes = 8 * Math.ceil(rowCount / 64);
    let vectors: Vector[] = [];
    const vectorOf = (i: number): Vector => {
      const Numbers = arrays[i];
      const vector = Numbers && bindings.data_chunk_get_vector(input, i);
      if (vector === undefined || bindings.vector_get_validity(vector, validityBytes) !== null)
        return new api.DuckDBDataChunk(input).getColumnVector(i);
      const { buffer, byteOffset } = bindings.vector_get_data(vector, rowCount * Numbers!.BYTES_PER_ELEMENT);
      const items = new Numbers!(buffer, byteOffset, rowCount);
      return { items, getItem: (i) => items[i] };
    };
    return {
      rowCount,
      getColumnVector(i) {
        const vector = vectorOf(i);
        vectors.push(vector.childVector ?? vector);
        return vector;
      },
      free() {
        const copies = vectors.flatMap(({ items }) => (ArrayBuffer.isView(items) ? [items.buffer] : []));
        vectors = [];
        try {
          nowhere.postMessage(undefined, copies as ArrayBuffer[]);
        } catch {
          // it is memory of the engine's own
        }
      },
    };
  };
}

/** What takes the rows. */
const FUNCTION = 'simdloss_takes';

/** How a column of keys is read: texts take the engine ten times as long a row as numbers. */
interface KeyColumn {
  readonly selected: string;
  /** What numbers stand for, the last one NULL; themselves where it is empty. */
  readonly list: readonly Key[];
}

/** Types whose numbers are i32s. */
const SMALL = /^(U?TINYINT|U?SMALLINT|INTEGER)$/;
/** More than these are no groups that anybody looks at, and an enumeration of them is no help. */
const MOST_KEYS = 2 ** 16;

async function keysOf(connection: Connection, from: string, by: string, type: string): Promise<KeyColumn> {
  if (SMALL.test(type)) return { selected: `${by}::INTEGER`, list: [] };
  const [list, texts]: [Key[], string[]] = [[], []];
  const distinct = await connection.stream(
    `SELECT any_value(${by}), ${by}::VARCHAR FROM ${from} WHERE ${by} IS NOT NULL GROUP BY 2 LIMIT ${MOST_KEYS}`,
  );
  for (;;) {
    const chunk = await distinct.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    const [keys, names] = [0, 1].map((i) => chunk.getColumnVector(i));
    for (let i = 0; i < chunk.rowCount; i++) {
      list.push(keyOf(plain(keys.getItem(i))));
      texts.push(quoted(String(names.getItem(i))));
    }
  }
  if (list.length === 0 || list.length === MOST_KEYS) return { selected: by, list: [] };
  await connection.run(`CREATE TYPE keys AS ENUM (${texts.join(', ')})`);
  return { selected: `enum_code(${by}::VARCHAR::keys)`, list: [...list, ''] };
}

/** What batches are made of: rooms are theirs until nobody needs them. */
interface Taken {
  readonly rooms: readonly Room[];
  readonly keys: Keys | undefined;
  readonly rows: number;
  /** Where the first row is. */
  readonly from: number;
}

/** What was read of each column and not yet taken. */
class Columns {
  rows = 0;
  most = 0;
  readonly #name: string;
  readonly #places: Places;
  readonly #layout: Layout;
  readonly #widths: readonly number[];
  readonly #hasWeight: boolean;
  readonly #keys: readonly Key[] | undefined;
  #rooms: readonly Room[] = [];
  readonly #free: (readonly Room[])[] = [];
  readonly #all: Room[] = [];
  #groups: Keys[] = [];

  constructor(
    name: string,
    places: Places,
    layout: Layout,
    inputs: readonly (readonly string[])[],
    hasWeight: boolean,
    keys: readonly Key[] | undefined,
  ) {
    this.#name = name;
    this.#places = places;
    this.#layout = layout;
    this.#widths = inputs.map((columns) => columns.length);
    this.#hasWeight = hasWeight;
    this.#keys = keys;
  }

  #made(): readonly Room[] {
    const count = this.#widths.length + Number(this.#hasWeight);
    const rooms = Array.from({ length: count }, () => new Room(this.#layout.functions));
    this.#all.push(...rooms);
    return rooms;
  }

  add(chunk: Copied, from: number): void {
    const { rowCount } = chunk;
    let at = 0;
    let bytes = 0;
    // where the batch before lay, if it is done with
    if (this.rows === 0) this.#rooms = this.#free.pop() ?? this.#made();
    this.#rooms.forEach((room, i) => {
      const place = this.#places.inputs[i] ?? this.#places.weight;
      const told = (row: number, value: unknown) =>
        wrong(`${this.#name}, row ${from + row}, column ${place}: ${value} is no number`);
      const columns = Array.from({ length: this.#widths[i] ?? 1 }, () =>
        numbersIn(chunk.getColumnVector(at++), rowCount, told),
      );
      const part = beside(columns, rowCount);
      if (this.rows > 0 && room.width !== part.width)
        wrong(`${this.#name}, row ${from}: ${part.width} numbers, where rows before have ${room.width}`);
      room.add(part);
      bytes += part.data.byteLength;
      chunk.free();
    });
    if (this.#keys !== undefined) this.#groups.push(keysIn(chunk.getColumnVector(at), rowCount, this.#keys));
    chunk.free();
    this.rows += rowCount;
    this.most = rowsOfBatch(bytes / rowCount);
  }

  take(done: number): Taken {
    const taken = {
      rooms: this.#rooms,
      keys: this.#keys && joinedKeys(this.#groups),
      rows: this.rows,
      from: done - this.rows,
    };
    this.#groups = [];
    this.rows = 0;
    return taken;
  }

  /** Of wide rows a chunk alone is more than a batch has. */
  *batches({ rooms, keys, rows, from }: Taken): Iterable<Batch> {
    const size = Math.ceil(rows / Math.max(1, Math.round(rows / this.most)));
    const names = this.#keys?.length === 0 ? undefined : this.#keys;
    for (let at = 0; at < rows; at += size) {
      const n = Math.min(size, rows - at);
      // made now, as memory that grows leaves views of it behind
      const inputs = rooms.map((room) => room.part(at, n));
      const weight = this.#hasWeight ? inputs.pop()! : undefined;
      const where = (row: number): string => `${this.#name}, row ${from + at + row}`;
      const read = { rows: n, inputs, weight, keys: keys?.slice(at, at + n), names, where };
      const batch = batchOf(read, this.#places, this.#layout);
      const tensors = batch.inputs.map((input) => this.#inPlace(input));
      try {
        yield { ...batch, inputs: tensors };
      } finally {
        for (const tensor of tensors) tensor.dispose?.();
      }
    }
    for (const room of rooms) room.clear();
    this.#free.push(rooms);
  }

  /** Numbers in the loss's memory as a tensor, whose results stay there, too. */
  #inPlace({ data, shape }: NumbersOfRows): NumbersOfRows & { dispose?(): void } {
    const { functions } = this.#layout;
    const isFloat = data instanceof Float32Array || data instanceof Float64Array;
    if (!isFloat || data.buffer !== functions.memory.buffer) return { data, shape };
    return functions.attach(data.byteOffset, shape, data instanceof Float32Array ? 'f32' : 'f64');
  }

  dispose(): void {
    for (const room of this.#all) room.dispose();
  }
}

/** Numbers of chunks, one behind the other, in the loss's memory. */
class Room {
  width = 0;
  readonly #functions: Layout['functions'];
  #tensor: Tensor<FloatDType>;
  #length = 0;

  constructor(functions: Layout['functions']) {
    this.#functions = functions;
    this.#tensor = functions.zeros([0]);
  }

  add({ data, width }: Numbers): void {
    const length = this.#length + data.length;
    const old = this.#tensor;
    const isWider = data instanceof Float64Array && old.dtype === 'f32';
    if (isWider || length > old.length) {
      const size = Math.max(length, 2 * old.length);
      this.#tensor = this.#functions.zeros([size], isWider ? 'f64' : old.dtype);
      this.#tensor.data.set(old.data.subarray(0, this.#length));
      old.dispose();
    }
    this.#tensor.data.set(data, this.#length);
    this.#length = length;
    this.width = width;
  }

  /** The numbers of so many rows. */
  part(from: number, rows: number): Numbers {
    const perRow = Math.max(this.width, 1);
    return {
      data: this.#tensor.data.subarray(from * perRow, (from + rows) * perRow),
      width: this.width,
    };
  }

  clear(): void {
    this.#length = 0;
  }

  dispose(): void {
    this.#tensor.dispose();
  }
}

/** The place of the first NULL from one place to another; −1 where there is none. */
function firstNull(validity: Validity | undefined, from: number, to: number): number {
  if (validity === undefined || validity.data === null) return -1;
  for (let i = from; i < to; i++) if (!validity.itemValid(i)) return i;
  return -1;
}

type Told = (row: number, value: unknown) => never;

const isNumbers = (items: unknown): items is Float32Array | Float64Array | Int32Array | BigInt64Array =>
  ArrayBuffer.isView(items) && !(items instanceof Uint8Array && items.constructor !== Uint8Array);

/** What a column has: FLOAT stays f32, all else is f64. */
function numbersIn(vector: Vector, rows: number, told: Told): Numbers {
  const { childVector, items, validity } = vector;
  if (childVector !== undefined && isNumbers(childVector.items)) return listsIn(vector, rows, told);
  if (!isNumbers(items)) return slowly(vector, rows, told);
  const bad = firstNull(validity, 0, rows);
  if (bad >= 0) told(bad, null);
  return { data: floats(items.subarray(0, rows)), width: 0 };
}

const floats = (items: Float32Array | Float64Array | Int32Array | BigInt64Array): FloatArray =>
  items instanceof Float32Array || items instanceof Float64Array
    ? items
    : items instanceof Int32Array
      ? new Float64Array(items)
      : Float64Array.from(items, Number);

/** Lists of one length, which lie one behind the other. */
function listsIn(vector: Vector, rows: number, told: Told): Numbers {
  const child = vector.childVector!;
  const width = vector.getEntryLength!(0);
  const first = vector.getEntryOffset!(0);
  for (let i = 0; i < rows; i++) {
    const isNull = vector.validity?.itemValid(i) === false;
    if (isNull || vector.getEntryLength!(i) !== width || vector.getEntryOffset!(i) !== first + i * width)
      return slowly(vector, rows, told);
  }
  const end = first + rows * width;
  const bad = firstNull(child.validity, first, end);
  if (bad >= 0) told(Math.floor((bad - first) / width), null);
  return { data: floats((child.items as Float32Array).subarray(first, end)), width };
}

/** The same value by value, for types that are no numbers of the machine. */
function slowly(vector: Vector, rows: number, told: Told): Numbers {
  const numbers: number[] = [];
  let width = -1;
  for (let i = 0; i < rows; i++) {
    const value = plain(vector.getItem(i));
    const list = Array.isArray(value) ? value : [value];
    const own = Array.isArray(value) ? value.length : 0;
    if (width >= 0 && own !== width) told(i, `a list of ${own}, where others have ${width},`);
    width = own;
    for (const element of list) numbers.push(numberOf(element) ?? told(i, element));
  }
  return { data: Float64Array.from(numbers), width };
}

/** The keys of rows; '' where there is none. Of a list they are numbers of it. */
function keysIn(vector: Vector, rows: number, list: readonly Key[]): Keys {
  const { items, validity } = vector;
  const isNull = (i: number): boolean => validity?.itemValid(i) === false;
  const areAll = firstNull(validity, 0, rows) < 0;
  if (list.length > 0 && ArrayBuffer.isView(items)) {
    const codes = Int32Array.from((items as Uint8Array).subarray(0, rows));
    // the last one is that of NULL
    if (!areAll) for (let i = 0; i < rows; i++) if (isNull(i)) codes[i] = list.length - 1;
    return codes;
  }
  if (areAll && items instanceof Int32Array) return items.slice(0, rows);
  return Array.from({ length: rows }, (_, i) => (isNull(i) ? '' : keyOf(plain(vector.getItem(i)))));
}

/** One chunk after the other. */
function joinedKeys(parts: readonly Keys[]): Keys {
  if (!parts.every((part) => part instanceof Int32Array))
    return parts.flatMap((part) => Array.from<Key>(part));
  return setAll(new Int32Array(parts.reduce((sum, { length }) => sum + length, 0)), parts);
}

/** Several columns as the elements of rows. */
function beside(parts: readonly Numbers[], rows: number): Numbers {
  if (parts.length === 1) return parts[0];
  const widths = parts.map(({ width }) => Math.max(width, 1));
  const width = widths.reduce((a, b) => a + b, 0);
  const areF32 = parts.every(({ data }) => data instanceof Float32Array);
  const data = areF32 ? new Float32Array(rows * width) : new Float64Array(rows * width);
  let at = 0;
  parts.forEach((part, k) => {
    const own = widths[k];
    for (let j = 0; j < own; j++, at++)
      for (let from = j, to = at; to < data.length; from += own, to += width) data[to] = part.data[from];
  });
  return { data, width };
}

/** The array with what the parts have, one behind the other. */
function setAll(all: Int32Array, parts: readonly ArrayLike<number>[]): Int32Array {
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Lists and decimals as JavaScript has them. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { items } = value as { items?: readonly unknown[] };
  if (Array.isArray(items)) return items.map(plain);
  if (typeof (value as { toDouble?: unknown }).toDouble === 'function')
    return (value as { toDouble(): number }).toDouble();
  return String(value);
}
