import { now } from '../clock.ts';
import { median, quantile } from '../statistics.ts';

export interface Comparison {
  /** ns per call of the first, the median. */
  readonly first: number;
  /** Time of the second / time of the first: the median of the pairs' ratios, and their spread. */
  readonly ratio: number;
  readonly p10: number;
  readonly p90: number;
  readonly pairs: number;
}

/** ms. Reading the clock takes 1 to 6 µs; a short sample is seldom interrupted, and the median leaves those out that are. */
const SAMPLE = 0.15;
const WARMUP = 3;

/**
 * Times two calls alternately, one short sample of each at a time, the order swapped each time. Both run the same kernel, so
 * that the rounds of ../measure.ts, with a warm-up for each side, would only take longer.
 */
export function compare(first: () => unknown, second: () => unknown, pairs: number): Comparison {
  for (const start = now(); now() - start < WARMUP; ) {
    first();
    second();
  }
  let calls = 1;
  while (Math.min(timeOf(first, calls), timeOf(first, calls), timeOf(first, calls)) < SAMPLE) calls *= 2;
  const times: number[] = [];
  const ratios: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const early = timeOf(pair % 2 === 0 ? first : second, calls);
    const late = timeOf(pair % 2 === 0 ? second : first, calls);
    times.push(pair % 2 === 0 ? early : late);
    ratios.push(pair % 2 === 0 ? late / early : early / late);
  }
  return {
    first: (median(times) * 1e6) / calls,
    ratio: median(ratios),
    p10: quantile(ratios, 0.1),
    p90: quantile(ratios, 0.9),
    pairs,
  };
}

function timeOf(call: () => unknown, calls: number): number {
  const start = now();
  for (let i = calls; i > 0; i--) call();
  return now() - start;
}
