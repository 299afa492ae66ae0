// Which group each row of a batch is in.
import { expected, fail, isList, show } from '../errors.ts';
import { lengthOf } from '../memory/shape.ts';
import type { AddOptions } from './asked.ts';
import type { Rows } from './exact.ts';
import { isKey } from './state.ts';
import type { Key, Table } from './table.ts';

export interface Grouping extends Pick<Rows, 'groups' | 'span'> {
  /** How many rows count, of each group that has some. */
  readonly sizes: ReadonlyMap<number, number>;
}

/** Integers that differ from a batch's first one by less are told apart without a Map. */
const NEAR = 2048;

/** Rows of a batch for which room is kept. */
const KEPT = 2 ** 20;
let kept = new Int32Array(0);

/** The keys of a batch, and how many rows that count have each. */
interface Keys {
  readonly keys: readonly (Key | undefined)[];
  readonly rows: ArrayLike<number>;
  /** Which key each row has, from `first` on; all have the only one where it is not given. */
  readonly places?: Int32Array;
  readonly first?: number;
}

/** What a batch was given as keys. */
export function keysOf(given: AddOptions['group'], { length, counted }: Omit<Rows, 'groups'>): Keys {
  if (given === undefined || isKey(given)) {
    let rows = length;
    if (counted !== undefined) for (let i = 0; i < length; i++) rows -= 1 - counted[i];
    return { keys: [given], rows: [rows] };
  }
  if (!isList(given) && !ArrayBuffer.isView(given))
    return expected('ERR_TYPE', 'group', 'a text, an integer, or an array of them', show(given));
  const all = given as ArrayLike<unknown>;
  if (lengthOf(all, 'group') !== length)
    return expected('ERR_SHAPE', 'group', `one for each of ${length} rows`, String(all.length));
  return nearKeys(given, counted) ?? anyKeys(all, length, counted);
}

/** The groups of a batch's rows, made where they are new and there is room. */
export function groupsOf(
  { keys, rows, places, first = 0 }: Keys,
  length: number,
  table: Table,
  maxCells: number,
): Grouping {
  const used = keys.flatMap((key, at) => (rows[at] > 0 || places === undefined ? [{ key, at }] : []));
  const named = used.flatMap(({ key }) => (key === undefined ? [] : [key]));
  if (named.length > 0) expectRoom(table, new Set(named), maxCells);
  if (used.length === 0) return { groups: 0, sizes: new Map() };
  const sizes = new Map<number, number>();
  // those of keys are from 1 on; 0 where no row counts
  const groupOf = new Int32Array(keys.length);
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const { key, at } of used) {
    const group = table.groupOf(key);
    groupOf[at] = group;
    if (group < low) low = group;
    if (group > high) high = group;
    sizes.set(group, (sizes.get(group) ?? 0) + rows[at]);
  }
  if (places === undefined) return { groups: groupOf[0], sizes };
  const groups = roomFor(length);
  renumber(places, first, groupOf, low, groups);
  return { groups, span: [low, high], sizes };
}

/** `low`: of rows that do not count, and of keys that another thread changed meanwhile. */
function renumber(places: Int32Array, first: number, groupOf: Int32Array, low: number, to: Int32Array): void {
  for (let i = 0; i < to.length; i++) to[i] = groupOf[places[i] - first] || low;
}

/** Until the next batch: in a new array the engine has to find every page, which takes as long as all the rest. */
function roomFor(length: number): Int32Array {
  if (length > KEPT) return new Int32Array(length);
  if (length > kept.length) kept = new Int32Array(length);
  return kept.subarray(0, length);
}

/** Of an array of i32s that are near each other; undefined for others. */
function nearKeys(given: unknown, counted: Uint8Array | undefined): Keys | undefined {
  if (!(given instanceof Int32Array) || given.length === 0) return undefined;
  const first = given[0] - NEAR;
  const rows = new Int32Array(2 * NEAR);
  if (!countNear(given, first, counted, rows)) return undefined;
  return { keys: Array.from(rows, (_, i) => first + i), rows, places: given, first };
}

function countNear(
  given: Int32Array,
  first: number,
  counted: Uint8Array | undefined,
  rows: Int32Array,
): boolean {
  for (let i = 0; i < given.length; i++) {
    const at = given[i] - first;
    if (at < 0 || at >= 2 * NEAR) return false;
    rows[at] += counted === undefined ? 1 : counted[i];
  }
  return true;
}

/** Of any: a key is looked at once, whatever it is written as, as there are few of them and many rows. */
function anyKeys(all: ArrayLike<unknown>, length: number, counted: Uint8Array | undefined): Keys {
  const keys: Key[] = [];
  const rows: number[] = [];
  const places = new Int32Array(length);
  const known = new Map<unknown, number>();
  for (let i = 0; i < length; i++) {
    const given = all[i];
    let place = known.get(given);
    if (place === undefined) {
      place = keys.length;
      known.set(given, place);
      rows.push(0);
      const key = typeof given === 'bigint' ? Number(given) : given;
      keys.push(isKey(key) ? key : expected('ERR_TYPE', `group[${i}]`, 'a text or an integer', show(given)));
    }
    places[i] = place;
    rows[place] += counted === undefined ? 1 : counted[i];
  }
  return { keys, rows, places };
}

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
