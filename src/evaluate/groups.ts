// Which group each row of a batch is in.
import { expected, fail, isList, show } from '../errors.ts';
import { lengthOf } from '../memory/shape.ts';
import type { AddOptions } from './asked.ts';
import type { Rows } from './exact.ts';
import { type SumKernel, sumKernel } from './kernel.ts';
import { isKey } from './state.ts';
import type { Key, Table } from './table.ts';

export interface Grouping extends Pick<Rows, 'groups'> {
  /** How many rows count, of each group that has some. */
  readonly sizes: ReadonlyMap<number, number>;
}

/** Integers of which the greatest is more than the least by less are told apart without a Map; and by twice the number of rows. */
const NEAR = 4096;
const FAR = 2 ** 20;

/** Rows of a batch for which room is kept. */
const KEPT = 2 ** 20;
let kept = new Int32Array(0);

/** The keys of a batch. */
interface Keys {
  /** Each, how many rows that count have it, and which number stands for it. */
  readonly all: readonly { readonly key: Key | undefined; readonly rows: number; readonly at: number }[];
  /** The number of each row; all have the only one where it is not given. */
  readonly numbers?: Int32Array;
  /** The least of the numbers, and how many there are from it on. */
  readonly low: number;
  readonly range: number;
}

/** What a batch was given as keys. */
export function keysOf(
  given: AddOptions['group'],
  { length, counted }: Omit<Rows, 'groups'>,
  kernel: SumKernel | undefined = sumKernel(),
): Keys {
  if (given === undefined || isKey(given)) {
    let rows = length;
    if (counted !== undefined) for (let i = 0; i < length; i++) rows -= 1 - counted[i];
    return { all: [{ key: given, rows, at: 0 }], low: 0, range: 1 };
  }
  if (!isList(given) && !ArrayBuffer.isView(given))
    return expected('ERR_TYPE', 'group', 'a text, an integer, or an array of them', show(given));
  const all = given as ArrayLike<unknown>;
  if (lengthOf(all, 'group') !== length)
    return expected('ERR_SHAPE', 'group', `one for each of ${length} rows`, String(all.length));
  // the caller's code may run while they are read, and evaluate something else
  const room = kept.length >= length ? kept : new Int32Array(length);
  kept = EMPTY;
  const keys = nearKeys(given, length, counted, room, kernel) ?? anyKeys(all, length, counted, room);
  if (room.length <= KEPT) kept = room;
  return keys;
}

/** The groups of a batch's rows, made where they are new and there is room. */
export function groupsOf({ all, numbers, low, range }: Keys, table: Table, maxCells: number): Grouping {
  const used = numbers === undefined ? all : all.filter(({ rows }) => rows > 0);
  const named = used.flatMap(({ key }) => (key === undefined ? [] : [key]));
  if (named.length > 0) expectRoom(table, new Set(named), maxCells);
  if (used.length === 0) return { groups: 0, sizes: new Map() };
  const sizes = new Map<number, number>();
  const of = new Int32Array(range).fill(table.groupOf(used[0].key));
  for (const { key, rows, at } of used) {
    const group = table.groupOf(key);
    of[at] = group;
    sizes.set(group, (sizes.get(group) ?? 0) + rows);
  }
  return { groups: numbers === undefined ? of[0] : { keys: numbers, low, of }, sizes };
}

const SMALL = [Uint8Array, Uint8ClampedArray, Int8Array, Uint16Array, Int16Array];
const EMPTY = new Int32Array(0);

/**
 * Integers of up to 32 bits, as i32s: those without a sign are as far from each other as if they had one. Undefined where there are others.
 */
function integersIn(given: unknown, length: number, room: Int32Array): Int32Array | undefined {
  if (given instanceof Int32Array) return given;
  if (given instanceof Uint32Array) return new Int32Array(given.buffer, given.byteOffset, given.length);
  const numbers = room.subarray(0, length);
  if (SMALL.some((Type) => given instanceof Type)) {
    numbers.set(given as Uint8Array);
    return numbers;
  }
  if (!Array.isArray(given) && !(given instanceof Float64Array)) return undefined;
  for (let i = 0; i < length; i++) {
    const one = given[i];
    if (typeof one !== 'number' || one !== (one | 0)) return undefined;
    numbers[i] = one;
  }
  return numbers;
}

/** Of an array of integers that are near each other; undefined for others. */
function nearKeys(
  given: unknown,
  length: number,
  counted: Uint8Array | undefined,
  room: Int32Array,
  kernel: SumKernel | undefined,
): Keys | undefined {
  const numbers = integersIn(given, length, room);
  if (numbers === undefined || numbers.length === 0) return undefined;
  const [low, high] = kernel === undefined ? spanOf(numbers) : kernel.span(numbers);
  const range = high - low + 1;
  if (range > Math.min(FAR, Math.max(NEAR, 2 * numbers.length))) return undefined;
  const counts = countNumbers(numbers, counted, low, range, kernel);
  const all: Keys['all'][number][] = [];
  const isUnsigned = given instanceof Uint32Array;
  for (let at = 0; at < range; at++)
    if (counts[at] > 0) all.push({ key: isUnsigned ? (low + at) >>> 0 : low + at, rows: counts[at], at });
  return { all, numbers, low, range };
}

/** The least and the greatest. */
function spanOf(numbers: Int32Array): readonly [number, number] {
  let [low, high] = [numbers[0], numbers[0]];
  for (let i = 1; i < numbers.length; i++) {
    const number = numbers[i];
    if (number < low) low = number;
    if (number > high) high = number;
  }
  return [low, high];
}

function countNumbers(
  numbers: Int32Array,
  counted: Uint8Array | undefined,
  low: number,
  range: number,
  kernel: SumKernel | undefined,
): Int32Array {
  const byKernel = kernel?.count(numbers, counted, low, range);
  if (byKernel !== undefined) return byKernel;
  const counts = new Int32Array(range);
  for (let i = 0; i < numbers.length; i++) counts[numbers[i] - low] += counted === undefined ? 1 : counted[i];
  return counts;
}

/** Of any: a key is looked at once, whatever it is written as, as there are few of them and many rows. */
function anyKeys(
  given: ArrayLike<unknown>,
  length: number,
  counted: Uint8Array | undefined,
  room: Int32Array,
): Keys {
  const keys: Key[] = [];
  const rows: number[] = [];
  const numbers = room.subarray(0, length);
  const known = new Map<unknown, number>();
  // the engine finds a text as a property in half the time, unless it is an integer
  const texts: Record<string, number> = Object.create(null);
  for (let i = 0; i < length; i++) {
    const one = given[i];
    const isText = typeof one === 'string' && !isDigit(one.charCodeAt(0));
    let number = isText ? texts[one] : known.get(one);
    if (number === undefined) {
      number = keys.length;
      if (isText) texts[one] = number;
      else known.set(one, number);
      rows.push(0);
      const key = typeof one === 'bigint' ? Number(one) : one;
      keys.push(isKey(key) ? key : expected('ERR_TYPE', `group[${i}]`, 'a text or an integer', show(one)));
    }
    numbers[i] = number;
    rows[number] += counted === undefined ? 1 : counted[i];
  }
  return { all: keys.map((key, at) => ({ key, rows: rows[at], at })), numbers, low: 0, range: keys.length };
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

export function expectRoom(table: Table, keys: ReadonlySet<Key>, maxCells: number): void {
  let groups = table.size;
  for (const key of keys) if (!table.has(key)) groups++;
  if (groups * table.cellsPerGroup > maxCells)
    fail(
      'ERR_OPTION',
      `${groups} groups of ${table.cellsPerGroup} sums and counts are more than "maxCells", ${maxCells}`,
    );
  table.reserve(groups);
}
