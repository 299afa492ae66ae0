import { expected, fail, isList, isReadable, show, unknown } from '../errors.ts';
import { bare, isForeign, isLiteral, plain, read } from '../given.ts';
import { fallbacksOf, type OperandSpec, type OptionSpec, type OptionTable } from './specs.ts';

interface Known {
  readonly name: string;
  readonly parse: OptionSpec['parse'];
  readonly fallback: unknown;
  /** Set for an operand: its bit in `Options.operands`, and whether a number is none. */
  readonly bit: number;
  readonly isNumber: boolean;
  /** A word that is none either. */
  readonly word: string | undefined;
}

/** An operand that is an option, by its name. */
export interface NamedOperand {
  readonly name: string;
  readonly spec: OperandSpec;
}

/** The names of options of losses, and which loss has it: '' where all have. */
export type Owners = ReadonlyMap<string, string>;

/** The options that a function knows: how each is checked, and what it is where it is not given. */
export class OptionSet {
  readonly names: readonly string[];
  readonly known: ReadonlyMap<string, Known>;
  /** In the order of their bits. */
  readonly operands: readonly NamedOperand[];
  /** By name, for every name of `owners`. */
  readonly fallbacks: Readonly<Record<string, unknown>>;
  readonly owners: Owners | undefined;

  /**
   * `owners`: the names that records of these options have, of which other losses may know some. Where all losses are given
   * the same, their records have one hidden class, and what reads them stays fast however many losses a program uses.
   */
  constructor(table: OptionTable, owners?: Owners) {
    this.names = Object.keys(table);
    this.owners = owners;
    this.operands = this.names.flatMap((name) => {
      const spec = read(table[name], 'operand') as OperandSpec | undefined;
      return spec === undefined ? [] : [{ name, spec: bare(spec) }];
    });
    this.known = new Map(
      Object.entries(table).map(([name, { parse, fallback }]) => {
        const index = this.operands.findIndex((one) => one.name === name);
        const bit = index < 0 ? 0 : 1 << index;
        return [
          name,
          {
            name,
            parse,
            fallback,
            bit,
            isNumber: (this.operands[index]?.spec.number ?? 'broadcast') !== 'broadcast',
            word: this.operands[index]?.spec.word,
          },
        ];
      }),
    );
    const fallbacks = bare(fallbacksOf(table));
    this.fallbacks = Object.freeze(
      Object.fromEntries([...(owners?.keys() ?? this.names)].map((name) => [name, fallbacks[name]])),
    );
  }
}

/** The options of one call after another. */
export class Options<V = Readonly<Record<string, unknown>>> {
  /** Every option: as it was given, or its fallback. */
  readonly values: V;
  /** Whether nothing but `out` has changed since this was set: loops give the same options again and again. */
  areAsBefore = false;
  /** Which operands are given: bits in the order of the set's. */
  operands = 0;
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
   * Reads each given option once. Options are own and inherited enumerable properties; `undefined` counts as not
   * given.
   */
  read(raw: unknown): void {
    if (raw === undefined) {
      this.#drop(0);
      return;
    }
    const isObject = raw !== null && typeof raw === 'object' && !ArrayBuffer.isView(raw) && !isList(raw);
    const isUsual = isObject && isLiteral(raw);
    if (!isUsual && !(isObject && isReadable(raw))) expected('ERR_TYPE', 'options', 'an object', show(raw));
    const given = isUsual ? (raw as Record<string, unknown>) : plain(raw, this.#set.names);
    const values = this.values as Record<string, unknown>;
    let count = 0;
    for (const name in given) {
      if (isForeign(given, name)) continue;
      if (name === 'out') {
        // what every call in a loop gives, and every function knows: spelt out it is four times as fast
        values.out = given.out;
        continue;
      }
      const value = given[name];
      if (count < this.#count) {
        if (this.#known[count].name === name && Object.is(this.#given[count], value)) {
          count++;
          continue;
        }
        this.#drop(count);
      }
      const known = this.#set.known.get(name);
      if (known === undefined) unknownOption(name, this.#set);
      if (value === undefined) continue;
      values[name] = known.parse(value, name);
      if (known.bit !== 0 && isOperand(known, value)) this.operands |= known.bit;
      this.#known[count] = known;
      this.#given[count] = value;
      this.#count = ++count;
      this.areAsBefore = false;
    }
    this.#drop(count);
  }

  /** Another fallback for what is not given in this call. */
  assume(name: string, value: unknown): void {
    for (let i = 0; i < this.#count; i++) if (this.#known[i].name === name) return;
    (this.values as Record<string, unknown>)[name] = value;
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

  /** Puts back the fallbacks of what was given, but for the first `count`. */
  #drop(count: number): void {
    const values = this.values as Record<string, unknown>;
    while (this.#count > count) {
      const { name, fallback, bit } = this.#known[--this.#count];
      values[name] = fallback;
      this.operands &= ~bit;
      this.#given[this.#count] = undefined;
      this.areAsBefore = false;
    }
  }
}

/** Whether what was given for an operand is one. */
const isOperand = ({ isNumber, word }: Known, value: unknown): boolean =>
  typeof value === 'number' ? !isNumber : value !== word;

const isPrimitive = (value: unknown): boolean => typeof value !== 'object' && typeof value !== 'function';

function unknownOption(name: string, { names, owners }: OptionSet): never {
  const start = name.slice(0, 40).toLowerCase();
  const [nearest] = [0, 1, 2, 3].flatMap((edits) =>
    names.filter((k) => isNear(start, k.toLowerCase(), edits)),
  );
  const owner = owners?.get(name);
  if (owner) fail('ERR_OPTION', `unknown option "${name}": ${owner} has it`);
  if (nearest) fail('ERR_OPTION', `unknown option ${show(name)}: did you mean "${nearest}"?`);
  return unknown('options', name, names);
}

/** Whether at most so many edits make one word of the other. */
function isNear(a: string, b: string, edits: number): boolean {
  const [x, y] = [a.slice(1), b.slice(1)];
  if (a !== '' && a[0] === b[0]) return isNear(x, y, edits);
  return (
    a === b ||
    (edits > 0 &&
      [
        [x, b],
        [a, y],
        [x, y],
      ].some(([c, d]) => isNear(c, d, edits - 1)))
  );
}
