/** Numbers for which something is defined: what checks, messages, documents, tests, benches and the page draw from. */
export interface Interval {
  /** What such numbers are. */
  readonly what?: string;
  readonly low: number;
  readonly high: number;
  /** Whether an end does not belong to it. */
  readonly isLowOpen?: true;
  readonly isHighOpen?: true;
  readonly isInteger?: true;
  /** What a figure, a slider or a bench shows of it. */
  readonly shown?: readonly [low: number, high: number];
}

export const ANY_NUMBER: Interval = { low: -Infinity, high: Infinity, shown: [-4, 4] };
export const UNIT: Interval = { what: 'probabilities', low: 0, high: 1 };
export const POSITIVE: Interval = { low: 0, high: Infinity, shown: [0, 1] };
export const ABOVE_ZERO: Interval = { low: 0, high: Infinity, isLowOpen: true, isHighOpen: true };
export const LOGITS: Interval = { what: 'logits', low: -Infinity, high: Infinity, shown: [-8, 8] };
export const LOG_PROBABILITIES: Interval = {
  what: 'log-probabilities',
  low: -Infinity,
  high: 0,
  shown: [-5, 0],
};

/** What is shown of it: an end that it lacks is nobody's. */
export const shownOf = ({ low, high, shown = [low, high] }: Interval): readonly [number, number] => shown;

export const contains = (i: Interval, x: number): boolean =>
  (i.isLowOpen ? x > i.low : x >= i.low) &&
  (i.isHighOpen ? x < i.high : x <= i.high) &&
  (!i.isInteger || Number.isInteger(x));

/** `from 0 to below 0.5`, `greater than 0`, `any number`. */
export function showInterval({ low, high, isLowOpen, isHighOpen }: Interval): string {
  const above = isLowOpen ? `greater than ${low}` : low === 0 ? 'of at least 0' : `of at least ${low}`;
  if (high === Number.POSITIVE_INFINITY) {
    const finite = isHighOpen && low !== Number.NEGATIVE_INFINITY ? ' and finite' : '';
    return low === Number.NEGATIVE_INFINITY ? 'any number' : `${above}${finite}`;
  }
  if (low === Number.NEGATIVE_INFINITY) return `${isHighOpen ? 'below' : 'at most'} ${high}`;
  if (isLowOpen) return `${above} and ${isHighOpen ? 'below' : 'at most'} ${high}`;
  return `from ${low} to ${isHighOpen ? 'below ' : ''}${high}`;
}
