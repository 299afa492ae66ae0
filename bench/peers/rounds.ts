// Measures several peers in turn.
import { median, quantile } from '../statistics.ts';
import type { Peer, Sample } from './peer.ts';

/** Milliseconds. */
export interface Effort {
  /** For each peer, twice, before anything counts. */
  readonly warmup: number;
  /** For each peer in each round. */
  readonly sample: number;
  /** For all rounds, as far as `minRounds` allows. */
  readonly budget: number;
  readonly minRounds: number;
  readonly maxRounds: number;
}

// Short samples and many: on a busy machine a long one is interrupted and finds its caches empty, which CPU time counts.
export const fullEffort: Effort = { warmup: 80, sample: 4, budget: 4000, minRounds: 9, maxRounds: 51 };
export const sweepEffort: Effort = { warmup: 40, sample: 4, budget: 1000, minRounds: 5, maxRounds: 21 };
export const quickEffort: Effort = { warmup: 20, sample: 3, budget: 300, minRounds: 3, maxRounds: 5 };

export interface Timing {
  /** Median over the rounds, ns per call. */
  readonly time: number;
  /** This peer's time / the first peer's, round by round: above 1 the first is faster. */
  readonly ratio: number;
  readonly p10: number;
  readonly p90: number;
  readonly rounds: number;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Each round runs every peer for a few milliseconds, starting with another one each time. A neighbour on the machine or a
 * clock that throttles then meets all of them, and the median of the rounds' own ratios is what counts.
 */
export async function inTurn<Name extends string>(
  peers: ReadonlyMap<Name, Peer>,
  clock: keyof Sample,
  effort: Effort,
): Promise<Map<Name, Timing>> {
  const names = [...peers.keys()];
  const repetitions = new Map<Name, number>();
  let cost = 0;
  for (const name of names) {
    const peer = peers.get(name)!;
    await warmUp(peer, effort.warmup);
    await sleep(40); // compilers work in threads of their own
    await warmUp(peer, effort.warmup);
    const { count, time } = await calibrate(peer, clock, effort.sample);
    repetitions.set(name, count);
    cost += time;
  }
  const wanted = Math.floor(effort.budget / cost);
  const rounds = Math.min(effort.maxRounds, Math.max(effort.minRounds, wanted));

  const times = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(round + i) % names.length];
      const count = repetitions.get(name)!;
      const sample = await peers.get(name)!.run(count);
      times.get(name)!.push((sample[clock] * 1e9) / count);
    }
  }
  const base = times.get(names[0])!;
  return new Map(
    names.map((name) => {
      const own = times.get(name)!;
      const ratios = own.map((time, round) => time / base[round]);
      const timing = {
        time: median(own),
        ratio: median(ratios),
        p10: quantile(ratios, 0.1),
        p90: quantile(ratios, 0.9),
        rounds,
      };
      return [name, timing];
    }),
  );
}

/** At least so many calls: compilers count them, too. */
const CALLS = 20;

async function warmUp(peer: Peer, ms: number): Promise<void> {
  const start = performance.now();
  let calls = 0;
  for (let count = 1; ; ) {
    const { wall } = await peer.run(count);
    calls += count;
    const spent = performance.now() - start;
    if (spent > 6 * ms || (spent > ms && calls >= CALLS)) return;
    if (wall * 1000 < ms / 8) count *= 2;
  }
}

/** How many calls make a sample, and how long it will take, ms. */
async function calibrate(
  peer: Peer,
  clock: keyof Sample,
  sample: number,
): Promise<{ count: number; time: number }> {
  for (let count = 1; ; ) {
    const { [clock]: seconds, wall } = await peer.run(count);
    const time = seconds * 1000;
    if (time >= sample) return { count, time: Math.max(time, wall * 1000) };
    // at most tenfold at once: the first calls may be far too short to go by
    count = Math.ceil(count * Math.min(10, Math.max(1.3, (1.1 * sample) / Math.max(time, 1e-3))));
  }
}
