// What got worse: ratios of a run beside those of another.
import { rounded } from '../statistics.ts';

/** How many times as fast simdloss is, by name of the case and the rival. */
export type Ratios = ReadonlyMap<string, number>;

/** Less is noise. */
export const THRESHOLD = 0.15;
/** Less is noise where both sides were measured in turn. */
export const SAME_RUN = 0.03;

export interface Regression {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}
export interface Comparison {
  readonly compared: number;
  /** The worst first. */
  readonly worse: readonly Regression[];
  /** Measured before and not now, or NaN. */
  readonly missing: readonly string[];
  /** What was called worse. */
  readonly threshold: number;
}

export function regressions(before: Ratios, after: Ratios, threshold = THRESHOLD): Comparison {
  const worse: Regression[] = [];
  const missing: string[] = [];
  for (const [name, was] of before) {
    const is = after.get(name);
    if (is === undefined || Number.isNaN(is)) missing.push(name);
    else if (is < was * (1 - threshold)) worse.push({ name, before: was, after: is });
  }
  worse.sort((a, b) => a.after / a.before - b.after / b.before);
  return { compared: before.size - missing.length, worse, missing, threshold };
}

export function compareText({ compared, worse, missing, threshold }: Comparison): string {
  const lines = worse.map(({ name, before, after }) => {
    const change = Math.round((after / before - 1) * 100);
    return `  ${name}: ${rounded(before)}× → ${rounded(after)}× (${change} %)`;
  });
  const head = `${worse.length} of ${compared} ratios are worse than the committed ones by over ${threshold * 100} %`;
  const gone = missing.length === 0 ? [] : [`${missing.length} were not measured now`];
  return [head, ...lines, ...gone].join('\n');
}
