// Workers with a fault each, made one after the other.
import { Worker } from 'node:worker_threads';
import type { AnyWorker } from '../../src/threads/platform.ts';
import { ourWorker } from '../../src/threads/start.ts';

/** A worker of saboteur.js, which ends its parking only when it was heard: what it says first may come after how it ended. */
export function saboteur(fault: string): AnyWorker {
  const worker = new Worker(new URL('./saboteur.js', import.meta.url), { workerData: { fault } });
  // after all listeners of this message
  worker.on('message', () => queueMicrotask(() => worker.postMessage('heard')));
  return worker as AnyWorker;
}

/** Makes workers with one fault after the other; those after them are sound. */
export function faulty(faults: readonly string[]): { make: () => AnyWorker; made: () => number } {
  let made = 0;
  return {
    make: () => {
      const fault = faults[made++] ?? 'none';
      if (fault === 'none') return ourWorker();
      if (fault === 'cannot be made') throw new Error('no worker today');
      if (fault === 'is no worker') return {} as AnyWorker;
      return saboteur(fault);
    },
    made: () => made,
  };
}
