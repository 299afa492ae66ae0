import type { Lease } from './budget.ts';
import { Refusal, refuse } from './refusal.ts';

/** Milliseconds without a byte after which a body is given up. */
const PATIENCE = 10_000;
/** Bytes a millisecond: bodies that are slower on the average run out of it, too. */
const SLOWEST = 16;

/** The chunks of a body that keeps coming, which is given up when the reader stops. Renews the lease. */
export async function* chunksOf(
  body: ReadableStream<Uint8Array>,
  lease: Lease,
): AsyncGenerator<Uint8Array, void> {
  const reader = body.getReader();
  const start = Date.now();
  let received = 0;
  try {
    for (;;) {
      const end = Math.min(Date.now(), start + received / SLOWEST) + PATIENCE;
      lease.until = end + PATIENCE;
      const { done, value } = await before(end, reader.read().catch(gone));
      if (done) return;
      received += value.length;
      yield value;
    }
  } finally {
    // not awaited: what does not come may not end either; it may have failed itself
    reader.cancel().catch(() => {});
  }
}

const gone = (): never => refuse(400, 'ERR_BODY', 'the body ended before it was complete');

const tooSlow = () =>
  new Refusal(408, 'ERR_TIMEOUT', `the body stopped, or came slower than ${SLOWEST} kB a second`);

async function before<T>(end: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooSlow()), end - Date.now());
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
