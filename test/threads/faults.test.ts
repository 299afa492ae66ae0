// What becomes of calls whose workers fail: the right answer, or ERR_WORKER and an instance that mends itself.
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { ourWorker } from '../../src/threads/start.ts';
import { code } from '../faults/caught.ts';
import { type Eager, eager } from './eager.ts';
import { faulty, saboteur } from './faulty.ts';

/** No sound worker waits that long for a core, in milliseconds. */
const DEADLINE = 1000;
const NEVER = 60_000;
// long enough for a parked worker to come in time
const N = 1024;
const C = 500;
const CALLS = 200;
const logits = Float32Array.from({ length: N * C }, (_, i) => Math.sin(i * 1.7) * 5);
const labels = Int32Array.from({ length: N }, (_, i) => (i * 37) % C);
const alone = await load();
const wanted = alone.crossEntropy.valueAndGrad({ data: logits, shape: [N, C] }, labels);

let present: Eager | undefined;
afterEach(() => present?.F.dispose());

const isWanted = (grad: Float32Array): boolean => grad.every((g, i) => Object.is(g, wanted.grad.data[i]));

/** Calls until a worker must have taken part: a parked one may come late. */
function callAgain(F: Eager['F']): void {
  const x = F.tensor(logits, [N, C]);
  const t = F.tensor(labels);
  const out = F.zeros([N, C]);
  try {
    for (let i = 0; i < CALLS; i++) {
      expect(F.crossEntropy.valueAndGrad(x, t, { out }).value).toBe(wanted.value);
      if (i % 10 === 0) expect(isWanted(out.data)).toBe(true);
    }
  } finally {
    x.dispose();
    t.dispose();
    out.dispose();
  }
}

describe('a worker that', () => {
  it.each(['hangs with a claim', 'ends with a claim', 'hangs after the kernel'])(
    '%s: ERR_WORKER after the deadline, then all workers are new',
    async (fault) => {
      const { make, made } = faulty([fault]);
      present = await eager(2, 64, make, DEADLINE);
      const { F, parts } = present;
      const start = performance.now();
      expect(code(() => callAgain(F))).toBe('ERR_WORKER');
      expect(performance.now() - start).toBeGreaterThan(DEADLINE);
      // until the others have come, calls that would need them are refused
      expect(code(() => F.crossEntropy({ data: logits, shape: [N, C] }, labels))).toBe('ERR_WORKER');
      await parts.pool.ready;
      expect(made()).toBe(2);
      callAgain(F);
    },
  );

  it.each(['traps', 'traps after the kernel'])('%s: its chunks are done by another', async (fault) => {
    present = await eager(2, 64, faulty([fault]).make, NEVER);
    callAgain(present.F);
  });

  it('traps in place: ERR_WORKER, as the input is gone', async () => {
    present = await eager(2, 64, faulty(['traps']).make, NEVER);
    const { F } = present;
    const t = F.tensor(labels);
    const inPlace = () => {
      const x = F.zeros([N, C]);
      for (let i = 0; i < CALLS; i++) {
        x.data.set(logits);
        F.crossEntropy.grad(x, t, { out: x });
        expect(isWanted(x.data)).toBe(true);
      }
    };
    expect(code(inPlace)).toBe('ERR_WORKER');
    // and the next call is sound, or fails in the same way
    const value = F.crossEntropy({ data: logits, shape: [N, C] }, labels);
    expect(value).toBe(wanted.value);
  });

  it('ends while it is parked: another takes its place', async () => {
    const { make, made } = faulty(['ends while it is parked']);
    present = await eager(2, 64, make, NEVER);
    callAgain(present.F);
    for (let i = 0; made() < 2 && i < 400; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(made()).toBe(2);
    callAgain(present.F);
  });

  it('is slow: the call waits', async () => {
    present = await eager(3, 16, faulty(['is slow']).make, NEVER);
    const { F } = present;
    for (let i = 0; i < 5; i++) {
      expect(F.crossEntropy({ data: logits, shape: [N, C] }, labels)).toBe(wanted.value);
    }
  });
});

describe('workers that cannot be started', () => {
  const never = () => saboteur('throws at its start');

  it('are ERR_UNSUPPORTED where they were asked for', async () => {
    await expect(load({ threads: 2, worker: never })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
  });

  it('are done without for "auto"', async () => {
    const F = await load({ threads: 'auto', worker: never });
    expect(F.threads).toBe(1);
    expect(F.crossEntropy({ data: logits, shape: [N, C] }, labels)).toBe(wanted.value);
    F.dispose();
  });

  it('a factory that makes something else is ERR_TYPE', async () => {
    await expect(load({ threads: 2, worker: () => 3 })).rejects.toMatchObject({ code: 'ERR_TYPE' });
  });
});

it('dispose ends the workers', async () => {
  const workers: Worker[] = [];
  const F = await load({
    threads: 3,
    worker: () => {
      const worker = ourWorker() as unknown as Worker;
      workers.push(worker);
      return worker;
    },
  });
  expect(workers).toHaveLength(2);
  const ended = Promise.all(workers.map((worker) => once(worker, 'exit')));
  F.dispose();
  await ended;
});
