import { expected, show } from '../errors.ts';
import { bare } from '../given.ts';
import { contains, type Interval, showInterval } from './interval.ts';

/** How one option is checked; parse returns the value that the kernels see. */
export interface OptionSpec<V = unknown> {
  readonly fallback: V;
  readonly parse: (value: unknown, name: string) => V;
  /** For tables: the values allowed. */
  readonly values: string;
  /** Of a number: those allowed. */
  readonly interval?: Interval;
  /** Of a text: those allowed. */
  readonly choices?: readonly string[];
  /** Set where it is an array, whose elements and shape count, rather than a value itself. */
  readonly operand?: OperandSpec;
}
export type OptionTable = Readonly<Record<string, OptionSpec>>;

/** An operand that is an option. */
export interface OperandSpec {
  /** Its place in the call; `own` is the next that the inputs leave free. */
  readonly slot: number | 'own';
  /**
   * What its shape has to be: that of the terms, one that broadcasts to it, or to that of the first input, the first input's, or the
   * classes; or one element, whatever its axes.
   */
  readonly shape: 'terms' | 'broadcast' | 'broadcastToFirst' | 'first' | 'classes' | 'one';
  /**
   * Whether a number may be given: 'broadcast' stands for an array of it. The others are no operands then: 'param' is one of the loss's
   * numbers, 'scale' scales the gradient.
   */
  readonly number?: 'broadcast' | 'param' | 'scale';
  readonly interval: Interval;
  /** Whether there is a gradient with respect to it. */
  readonly gradient?: true;
  /** Whether integers and truth values are numbers of it: it says what counts. */
  readonly isMask?: true;
  /** A word that may stand in its place: then it is no operand. */
  readonly word?: string;
}

const numberOf = (fallback: number, numbers: Interval, what: string): OptionSpec<number> => {
  // what it leaves out, Object.prototype may have
  const interval = bare(numbers);
  const values = showInterval(interval);
  return {
    fallback,
    values,
    interval,
    parse: (value, name) =>
      typeof value === 'number' && contains(interval, value)
        ? value
        : expected('ERR_OPTION', name, `${what} ${values}`, show(value)),
  };
};

export const number = (fallback: number, interval: Interval): OptionSpec<number> =>
  numberOf(fallback, interval, 'a number');

export const integer = (fallback: number, low: number, high: number): OptionSpec<number> =>
  numberOf(fallback, { low, high, isInteger: true }, 'an integer');

export const boolean = (fallback: boolean): OptionSpec<boolean> => ({
  fallback,
  values: 'true or false',
  parse: (value, name) =>
    typeof value === 'boolean' ? value : expected('ERR_OPTION', name, 'a boolean', show(value)),
});

export const oneOf = <V extends string>(fallback: V, choices: readonly V[]): OptionSpec<V> => ({
  fallback,
  choices,
  values: choices.map((v) => `'${v}'`).join(' | '),
  parse: (value, name) =>
    choices.includes(value as V)
      ? (value as V)
      : expected('ERR_OPTION', name, choices.map((v) => `'${v}'`).join(' or '), show(value)),
});

const asIs = (value: unknown): unknown => value;

/** An operand: checked with the inputs, whose dtype and shape it depends on; a number that stands for one like any other number. */
export const operand = (values: string, spec: OperandSpec): OptionSpec => {
  const { parse } = numberOf(0, spec.interval, 'a number');
  return {
    fallback: undefined,
    values,
    parse: (value, name) =>
      typeof value === 'number' && (spec.number === 'broadcast' || spec.number === 'param')
        ? parse(value, name)
        : value,
    operand: spec,
  };
};

/** Read by what it concerns, not by itself: which results are wanted, and where they go. */
export const unread = (values: string): OptionSpec => ({ fallback: undefined, values, parse: asIs });

export function fallbacksOf(table: OptionTable): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(table).map(([name, spec]) => [name, spec.fallback]));
}
