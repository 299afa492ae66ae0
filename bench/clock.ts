import { performanceNowTimestampProvider, type TimestampProvider } from 'tinybench';

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

/** Some systems count CPU time in ticks of milliseconds. */
function isFine(): boolean {
  const start = cpuTime.fn();
  let now = start;
  while (now === start) now = cpuTime.fn();
  return cpuTime.toMs(now) - cpuTime.toMs(start) < 0.1;
}

export const clock = isFine() ? cpuTime : performanceNowTimestampProvider;

/** ms, from any start. */
export const now = (): number => clock.toMs(clock.fn());
