// What an evaluation knows, as JSON that other machines can add to theirs.
import { expected, fail, isList, show } from '../errors.ts';
import { read } from '../given.ts';
import { isObject } from '../options/names.ts';
import type { Specials } from './exact.ts';
import { type Dyadic, hexOf, parsedHex } from './rational.ts';
import { listOf } from './read.ts';
import type { Cells, Key, Table } from './table.ts';

/** A sum: "-0x1fp-149", with how often NaN, +∞ and −∞ were added where they were: "0x3p+0 0 1 0". */
export type SumState = string;

/** A group: what has no key is in one without. */
export interface GroupState {
  readonly key?: Key;
  /** By figure; `loss` has the sum of the terms, what the mean divides by, and the sample weights. */
  readonly sums: Readonly<Record<string, readonly SumState[]>>;
  /** Those that are not 0: [which, how many]; `loss` has how many terms count. */
  readonly counts: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

/** What is the same in all states that can be merged. */
export interface Header {
  /** The format's version. */
  readonly simdloss: 1;
  /** The package's version, and what computed the terms. */
  readonly build: string;
  readonly loss: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly figures: readonly string[];
}

/** Options as a header has them: JSON has no infinite numbers. */
export const encoded = (options: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY ? String(value) : value,
    ]),
  );

/** Plain JSON: the same for the same data, in whatever order, batches and shards they came. */
export interface State extends Header {
  /** Those of the data; null before there are any. */
  readonly dtype: 'f32' | 'f64' | null;
  /** Of a row; 0 where there are no classes. */
  readonly classes: number;
  readonly groups: readonly GroupState[];
}

const sumState = (sum: Dyadic, { nan, infinity, minusInfinity }: Specials): SumState => {
  const hex = hexOf(sum);
  return nan + infinity + minusInfinity === 0 ? hex : `${hex} ${nan} ${infinity} ${minusInfinity}`;
};

interface Placed extends Cells {
  readonly at: { readonly sum: number; readonly count: number };
}

/** Where the cells of a group are. */
const cellsOf = (table: Table, group: number): Placed[] =>
  table.cells.map((cells) => {
    const { name, sums, counts } = cells;
    return { name, sums, counts, at: table.cellsOf(cells, group) };
  });

export function groupState(table: Table, group: number, key: Key | undefined): GroupState {
  const cells = cellsOf(table, group);
  const sumsOf = ({ sums, at }: Placed): SumState[] =>
    Array.from({ length: sums }, (_, i) =>
      sumState(table.sums.exact(at.sum + i), table.sums.specials(at.sum + i)),
    );
  const countsOf = ({ counts, at }: Placed): [number, number][] =>
    Array.from(table.counts.subarray(at.count, at.count + counts), (n, i): [number, number] => [i, n]).filter(
      ([, n]) => n > 0,
    );
  return {
    ...(key !== undefined && { key }),
    sums: Object.fromEntries(cells.filter(({ sums }) => sums > 0).map((of) => [of.name, sumsOf(of)])),
    counts: Object.fromEntries(cells.filter(({ counts }) => counts > 0).map((of) => [of.name, countsOf(of)])),
  };
}

/** A sum that was read. */
interface Parsed {
  readonly sum: Dyadic;
  readonly specials: Specials;
}

const wrong = (what: string): never => expected('ERR_OPTION', 'state', 'what state() returned', what);

const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;

function parsed(text: unknown, table: Table): Parsed {
  if (typeof text !== 'string') return wrong(`a sum ${show(text)}`);
  const [hex, ...more] = text.split(' ');
  const sum = parsedHex(hex);
  const [nan = 0, infinity = 0, minusInfinity = 0] = more.map(Number);
  const specials = { nan, infinity, minusInfinity };
  if (sum === undefined || !Object.values(specials).every(isCount) || sumState(sum, specials) !== text)
    return wrong(`a sum ${show(text)}`);
  if (!table.sums.hasRoomFor(sum)) wrong(`a sum too large for ${table.dtype}`);
  return { sum, specials };
}

/** A group that was read and is as it should be: `add` adds it, which cannot fail any more. */
export interface ReadGroup {
  readonly key: Key | undefined;
  add(group: number): void;
}

export function readGroup(value: unknown, table: Table): ReadGroup {
  if (!isObject(value)) return wrong(`a group ${show(value)}`);
  const key = read(value, 'key');
  if (key !== undefined && !isKey(key)) wrong(`the key ${show(key)}`);
  const all = cellsOf(table, 0).map(({ name, sums, counts }) => {
    const list = (from: 'sums' | 'counts'): readonly unknown[] => {
      const all = read(value, from);
      const found = isObject(all) ? read(all, name) : undefined;
      return isList(found)
        ? listOf(found, `${from}.${name}`, '', from === 'sums' ? sums : counts)
        : wrong(`a group without ${from} of ${name}`);
    };
    const given = sums > 0 ? list('sums') : [];
    if (given.length !== sums) wrong(`${given.length} sums of ${name}`);
    const found = (counts > 0 ? list('counts') : []).map((pair): readonly [number, number] => {
      const [i, n] = isList(pair) ? listOf(pair, name, '', 2) : [];
      return isCount(i) && i < counts && isCount(n) ? [i, n] : wrong(`a count of ${name} ${show(pair)}`);
    });
    return { name, sums: given.map((text) => parsed(text, table)), counts: found };
  });
  return {
    key: key as Key | undefined,
    add(group) {
      cellsOf(table, group).forEach(({ at }, k) => {
        all[k].sums.forEach(({ sum, specials }, i) => {
          table.sums.merge(at.sum + i, sum, specials);
        });
        for (const [i, n] of all[k].counts) table.counts[at.count + i] += n;
      });
    },
  };
}

export const isKey = (key: unknown): key is Key => typeof key === 'string' || Number.isSafeInteger(key);

/** What a state says of itself, if it can be merged with this one. */
export function readHeader(state: unknown, header: Header): Pick<State, 'dtype' | 'classes' | 'groups'> {
  if (!isObject(state)) return wrong(show(state));
  const given = read(state, 'simdloss');
  if (given !== header.simdloss) wrong(`version ${show(given)}`);
  for (const name of ['build', 'loss', 'options', 'figures'] as const) {
    const [ours, theirs] = [JSON.stringify(header[name]), textOf(read(state, name))];
    if (ours !== theirs)
      fail('ERR_OPTION', `"state" expected ${name} ${shown(ours)} as here, got ${shown(theirs)}`);
  }
  const [dtype, classes, groups] = ['dtype', 'classes', 'groups'].map((name) => read(state, name));
  if (dtype !== 'f32' && dtype !== 'f64' && dtype !== null) wrong(`dtype ${show(dtype)}`);
  if (!isCount(classes)) wrong(`${show(classes)} classes`);
  if (!isList(groups)) wrong(`groups ${show(groups)}`);
  return { dtype, classes, groups } as Pick<State, 'dtype' | 'classes' | 'groups'>;
}

/** As JSON, if it can be said so. */
function textOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

const shown = (text: string | undefined): string => show(text).slice(0, 60);
