// Whether others use the machine: the same work again and again takes longer where it has to share a core.

/** Where others take more of a core, the page says so. */
export const BUSY = 0.1;

const LOOKS = 24;
const LOOK_MS = 4;

/** Some arithmetic that no compiler leaves out. */
function work(rounds: number): number {
  let x = 1;
  for (let i = 0; i < rounds; i++) x = (x * 1.000001 + i) % 7;
  return x;
}

/** Of times for the same work: how much longer than the least the usual one took, as a share of the usual. */
export function shareOf(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  const usual = sorted[sorted.length >> 1];
  return usual > 0 ? 1 - sorted[0] / usual : 0;
}

/** The share of a core that was not ours, about; takes a tenth of a second where nobody else is at work. */
export function othersShare(now: () => number = () => performance.now()): number {
  let rounds = 1e5;
  // until a look is long enough for the clock
  for (let took = 0; took < LOOK_MS; rounds *= 2) {
    const start = now();
    work(rounds);
    took = now() - start;
  }
  return shareOf(
    Array.from({ length: LOOKS }, () => {
      const start = now();
      work(rounds / 2);
      return now() - start;
    }),
  );
}
