import { rounded } from '../statistics.ts';
import { type Over, type Platform, type Row, type Spreads, spreadOf } from './results.ts';

/** Milliseconds by name. */
export type Sample = Readonly<Record<string, number>>;

export interface Start {
  /** To be compared with those of the empty program. */
  readonly figures: Sample;
  readonly parts?: Sample;
}

/** One way to start. */
export interface Way extends Pick<Row, 'entry' | 'form'> {
  start(): Promise<Start>;
}

const spreadsOf = (samples: readonly Sample[]): Spreads =>
  Object.fromEntries(
    Object.keys(samples[0]).map((name) => [name, spreadOf(samples.map((sample) => sample[name]))]),
  );

const least = (samples: readonly Sample[], name: string): number =>
  Math.min(...samples.map((sample) => sample[name]));

/** What `samples` took beyond what `empty` took in the same round. */
const overOf = (samples: readonly Sample[], empty: readonly Sample[]): Readonly<Record<string, Over>> =>
  Object.fromEntries(
    Object.keys(empty[0]).map((name) => [
      name,
      {
        ...spreadOf(samples.map((sample, round) => sample[name] - empty[round][name])),
        least: rounded(least(samples, name) - least(empty, name)),
      },
    ]),
  );

/**
 * Starts everything in turn, each round from another on, so that a busy moment of the machine hits all of them, and compares
 * what it took with what the empty program took in the same round. One round before the first fills the system's file cache.
 */
export async function compareStarts(
  rounds: number,
  empty: () => Promise<Start>,
  ways: readonly Way[],
): Promise<Pick<Platform, 'rounds' | 'empty' | 'rows'>> {
  const starts = [empty, ...ways.map((way) => () => way.start())];
  const seen: Start[][] = starts.map(() => []);
  for (let round = -1; round < rounds; round++) {
    for (let i = 0; i < starts.length; i++) {
      const which = (i + Math.max(0, round)) % starts.length;
      const one = await starts[which]();
      if (round >= 0) seen[which].push(one);
    }
  }
  const figures = seen.map((of) => of.map((one) => one.figures));
  const [ofEmpty, ...others] = figures;
  return {
    rounds,
    empty: spreadsOf(ofEmpty),
    rows: ways.map(({ entry, form }, i): Row => {
      const parts = seen[i + 1].flatMap(({ parts }): Sample[] => (parts ? [parts] : []));
      return {
        entry,
        form,
        over: overOf(others[i], ofEmpty),
        ...(parts.length > 0 && { parts: spreadsOf(parts) }),
      };
    }),
  };
}

/** A start that computes something else measures something else. */
export function checkValue(what: string, value: number): void {
  if (!(Math.abs(value - Math.log(3)) < 1e-6)) throw new Error(`${what}: the value is ${value}, not ln 3`);
}
