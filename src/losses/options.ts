import { expected, fail, isList, isReadable, show } from '../errors.ts';
import { has, isEverybodys } from '../given.ts';

/** How one option is checked; returns the value that the kernels see. */
export interface OptionSpec<V = unknown> {
  readonly fallback: V;
  readonly parse: (value: unknown, name: string) => V;
  /** For tables: the values allowed. */
  readonly values: string;
  /** Whether it names an array, whose elements and shape count, rather than being a value itself. */
  readonly isOperand?: true;
}
export type OptionTable = Readonly<Record<string, OptionSpec>>;

export const number = (
  fallback: number,
  values: string,
  test: (x: number) => boolean,
): OptionSpec<number> => ({
  fallback,
  values,
  parse: (value, name) =>
    typeof value === 'number' && test(value)
      ? value
      : expected('ERR_OPTION', name, `a number ${values}`, show(value)),
});

export const integer = (fallback: number, low: number, high: number): OptionSpec<number> => ({
  fallback,
  values: `from ${low} to ${high}`,
  parse: (value, name) =>
    Number.isInteger(value) && (value as number) >= low && (value as number) <= high
      ? (value as number)
      : expected('ERR_OPTION', name, `an integer from ${low} to ${high}`, show(value)),
});

export const boolean = (fallback: boolean): OptionSpec<boolean> => ({
  fallback,
  values: 'true or false',
  parse: (value, name) =>
    typeof value === 'boolean' ? value : expected('ERR_OPTION', name, 'a boolean', show(value)),
});

export const oneOf = <V extends string>(fallback: V, values: readonly V[]): OptionSpec<V> => ({
  fallback,
  values: values.map((v) => `'${v}'`).join(' | '),
  parse: (value, name) =>
    values.includes(value as V)
      ? (value as V)
      : expected('ERR_OPTION', name, values.map((v) => `'${v}'`).join(' or '), show(value)),
});

/** An operand or an output: checked with the inputs, whose dtype and shape it depends on. */
export const operand = (values: string): OptionSpec<unknown> => ({
  fallback: undefined,
  values,
  parse: (value) => value,
  isOperand: true,
});

const gradOutput = operand('a number, or an array of the loss’s shape');

/** The options of every call. */
export const common = {
  reduction: oneOf('mean', ['mean', 'sum', 'none']),
  sampleWeight: operand('an array of the loss’s shape'),
  gradOutput,
  wrt: operand('the name of an input, or an array of names'),
  out: operand('where to write the result'),
} satisfies OptionTable;

const withBatchmean = { ...common, reduction: oneOf('mean', ['mean', 'sum', 'none', 'batchmean']) };
const computeOption = { compute: oneOf('valueAndGrad', ['value', 'grad', 'valueAndGrad']) };

/** The table of a loss's options: its own and the common ones; `prepared` adds `compute`. */
export function optionTable(own: OptionTable, batchmean: boolean, prepared: boolean): OptionTable {
  return { ...(batchmean ? withBatchmean : common), ...own, ...(prepared ? computeOption : {}) };
}

interface Known {
  readonly name: string;
  readonly parse: OptionSpec['parse'];
  readonly fallback: unknown;
}

/** The options that a function knows: how each is checked, and what it is where it is not given. */
export class OptionSet {
  readonly names: readonly string[];
  readonly known: ReadonlyMap<string, Known>;
  /** By name, for every name of `all`. */
  readonly fallbacks: Readonly<Record<string, unknown>>;

  /**
   * `all`: the names that records of these options have, of which other losses may know some. Where all losses are given
   * the same, their records have one hidden class, and what reads them stays fast however many losses a program uses.
   */
  constructor(table: OptionTable, all: readonly string[] = Object.keys(table)) {
    this.names = Object.keys(table);
    this.known = new Map(
      Object.entries(table).map(([name, { parse, fallback }]) => [name, { name, parse, fallback }]),
    );
    const fallbacks = fallbacksOf(table);
    this.fallbacks = Object.freeze(Object.fromEntries(all.map((name) => [name, fallbacks[name]])));
  }
}

export function fallbacksOf(table: OptionTable): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(table).map(([name, spec]) => [name, spec.fallback]));
}

/** The options of one call after another. */
export class Options<V = Readonly<Record<string, unknown>>> {
  /** Every option: as it was given, or its fallback. */
  readonly values: V;
  /** Whether nothing but `out` has changed since this was set: loops give the same options again and again. */
  areAsBefore = false;
  readonly #set: OptionSet;
  /** What is given, and as what, the first `#count` of each. */
  readonly #known: Known[] = [];
  readonly #given: unknown[] = [];
  #count = 0;

  constructor(set: OptionSet) {
    this.#set = set;
    this.values = { ...set.fallbacks } as V;
  }

  /**
   * Reads each given option once. Options are enumerable properties, the object's own and those of its classes, where
   * accessors count too; `undefined` counts as not given.
   */
  read(raw: unknown): void {
    if (raw === undefined) {
      this.#drop(0);
      return;
    }
    if (
      raw === null ||
      typeof raw !== 'object' ||
      ArrayBuffer.isView(raw) ||
      isList(raw) ||
      !isReadable(raw)
    ) {
      expected('ERR_TYPE', 'options', 'an object', show(raw));
    }
    let count = 0;
    for (const name in raw) {
      if (Object.hasOwn(raw, name) || !isEverybodys(raw, name)) count = this.#take(raw, name, count);
    }
    const prototype = Object.getPrototypeOf(raw);
    if (prototype !== Object.prototype && prototype !== null) count = this.#takeHidden(raw, count);
    this.#drop(count);
  }

  /** Between calls nothing of the caller's stays referred to. */
  clear(): void {
    (this.values as Record<string, unknown>).out = undefined;
    for (let i = 0; i < this.#count; i++) {
      if (isPrimitive(this.#given[i])) continue;
      this.#drop(i);
      return;
    }
  }

  /** Reads one option; how many are known to be given then. */
  #take(raw: object, name: string, count: number): number {
    const values = this.values as Record<string, unknown>;
    if (name === 'out') {
      // what every call in a loop gives, and every function knows: spelt out it is four times as fast
      values.out = (raw as { out: unknown }).out;
      return count;
    }
    const value = (raw as Record<string, unknown>)[name];
    if (count < this.#count) {
      if (this.#known[count].name === name && Object.is(this.#given[count], value)) return count + 1;
      this.#drop(count);
    }
    const known = this.#set.known.get(name);
    if (known === undefined) unknownOption(name, this.#set.names);
    if (value === undefined) return count;
    values[name] = known.parse(value, name);
    this.#known[count] = known;
    this.#given[count] = value;
    this.#count = count + 1;
    this.areAsBefore = false;
    return count + 1;
  }

  /** Options that for-in does not see: accessors of a class. */
  #takeHidden(raw: object, from: number): number {
    const seen = new Set<string>();
    for (const name in raw) seen.add(name);
    let count = from;
    for (const name of this.#set.names) {
      if (!seen.has(name) && has(raw, name)) count = this.#take(raw, name, count);
    }
    return count;
  }

  /** Puts back the fallbacks of what was given, but for the first `count`. */
  #drop(count: number): void {
    const values = this.values as Record<string, unknown>;
    while (this.#count > count) {
      const { name, fallback } = this.#known[--this.#count];
      values[name] = fallback;
      this.#given[this.#count] = undefined;
      this.areAsBefore = false;
    }
  }
}

const isPrimitive = (value: unknown): boolean => typeof value !== 'object' && typeof value !== 'function';

function unknownOption(name: string, known: readonly string[]): never {
  const nearest = known.reduce((best, k) => (distance(name, k) < distance(name, best) ? k : best));
  const hint = distance(name, nearest) <= 3 ? `did you mean "${nearest}"?` : `known are ${known.join(', ')}`;
  return fail('ERR_OPTION', `unknown option ${show(name)}: ${hint}`);
}

/** Edits between two names, letter case aside. */
function distance(a: string, b: string): number {
  const x = a.toLowerCase();
  const y = b.toLowerCase();
  let row = Array.from({ length: y.length + 1 }, (_, j) => j);
  for (let i = 1; i <= x.length; i++) {
    const next = [i];
    for (let j = 1; j <= y.length; j++) {
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (x[i - 1] === y[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[y.length];
}
