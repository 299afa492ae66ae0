import { performanceNowTimestampProvider, type TimestampProvider } from 'tinybench';
import { median } from './statistics.ts';

/**
 * The CPU time of this process, µs. Wall time is unfair on a machine that others use too: the long calls of the slower
 * side are interrupted each time, the short ones of the faster side hardly ever, and the ratio grows with the load. Both
 * sides run on one thread, so that on an idle machine the two clocks tell the same.
 */
const cpuTime: TimestampProvider = {
  name: 'cpuTime',
  fn: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  fromMs: (ms) => ms * 1000,
  toMs: (us) => Number(us) / 1000,
};

/** ms between two readings that differ. */
function step({ fn, toMs }: TimestampProvider): number {
  const start = fn();
  let now = start;
  while (now === start) now = fn();
  return toMs(now) - toMs(start);
}

/** Pages have no CPU time, and some systems count it in ticks of milliseconds. */
const isFine = (): boolean => typeof globalThis.process?.cpuUsage === 'function' && step(cpuTime) < 0.1;

export const clock = isFine() ? cpuTime : performanceNowTimestampProvider;

/** ms, from any start. */
export const now = (): number => clock.toMs(clock.fn());

/** What the clock can tell apart, ms: pages get 5 µs to 1 ms, by browser and isolation, some of them with jitter. */
export const resolution = median(Array.from({ length: 7 }, () => step(clock)));
