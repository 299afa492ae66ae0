import { expected, fail, isList, isReadable, show } from '../errors.ts';

/** How one option is checked; returns the value that the kernels see. */
export interface OptionSpec<V = unknown> {
  readonly fallback: V;
  readonly parse: (value: unknown, name: string) => V;
  /** For tables: the values allowed. */
  readonly values: string;
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

/**
 * Reads each given option once and fills in the rest. Options are own and inherited enumerable properties;
 * `undefined` counts as not given.
 */
export function readOptions(
  raw: unknown,
  table: OptionTable,
  fallbacks: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (raw === undefined) return fallbacks;
  const options: Record<string, unknown> = { ...fallbacks };
  if (raw === null || typeof raw !== 'object' || ArrayBuffer.isView(raw) || isList(raw) || !isReadable(raw)) {
    expected('ERR_TYPE', 'options', 'an object', show(raw));
  }
  for (const name in raw) {
    const value = (raw as Record<string, unknown>)[name];
    if (!Object.hasOwn(table, name)) unknownOption(name, Object.keys(table));
    if (value !== undefined) options[name] = table[name].parse(value, name);
  }
  return options;
}

export function fallbacksOf(table: OptionTable): Readonly<Record<string, unknown>> {
  return Object.freeze(
    Object.fromEntries(Object.entries(table).map(([name, spec]) => [name, spec.fallback])),
  );
}

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
