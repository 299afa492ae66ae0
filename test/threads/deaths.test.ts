// Workers that end at any phase of their lives, their replacements too, again and again: nothing hangs, calls go on, and F.threads
// says how many threads there are.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type LossFunctions, load, loadSync } from '../../src/index.ts';
import { integer, random } from '../random.ts';
import { eager } from './eager.ts';
import { faulty } from './faulty.ts';

const N = 1024;
const C = 300;
const logits = { data: Float32Array.from({ length: N * C }, (_, i) => Math.sin(i * 1.7) * 5), shape: [N, C] };
const labels = Int32Array.from({ length: N }, (_, i) => (i * 37) % C);
const wanted = (await load()).crossEntropy(logits, labels);

const START = ['throws at its start', 'ends before it is asked', 'ends before it is ready'];
const PARKED = ['ends while it is parked', 'throws while it is parked'];
/** As often as a place is filled again. */
const REPLACEMENTS = 3;

let F: LossFunctions | undefined;
afterEach(() => {
  vi.useRealTimers();
  F?.dispose();
});

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 3000 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(holds()).toBe(true);
}

/** Waits until nothing more happens. */
async function settled(made: () => number): Promise<void> {
  for (let last = -1; last !== made(); ) {
    last = made();
    await new Promise((resolve) => setTimeout(resolve, 700));
  }
}

const works = (G: LossFunctions): void => {
  for (let i = 0; i < 5; i++) expect(G.crossEntropy(logits, labels)).toBe(wanted);
};

describe.each(PARKED)('a worker %s', (first) => {
  it.each([...START, ...PARKED, 'cannot be made', 'is no worker'])(
    'and its replacement %s: the next one takes its place',
    async (fault) => {
      const { make, made } = faulty([first, fault]);
      F = await load({ threads: 2, worker: make });
      await until(() => made() === 3);
      works(F);
      await settled(made);
      expect([F.threads, made()]).toEqual([2, 3]);
      works(F);
    },
  );

  it.each([...START, ...PARKED, 'cannot be made', 'is no worker'])(
    'and every replacement %s: the place is given up, and F.threads says so',
    async (fault) => {
      const { make, made } = faulty([first, ...Array<string>(20).fill(fault)]);
      F = await load({ threads: 2, worker: make });
      await until(() => F!.threads === 1);
      expect(made()).toBe(1 + REPLACEMENTS);
      works(F);
      await settled(made);
      expect([F.threads, made()]).toEqual([1, 1 + REPLACEMENTS]);
    },
  );
});

it('a replacement that never answers is ended and replaced', async () => {
  const ended: number[] = [];
  const { make, made } = faulty(['ends while it is parked', 'never answers']);
  F = await load({
    threads: 2,
    worker: () => {
      const worker = make();
      const which = made();
      worker.on!('exit', () => ended.push(which));
      // from here on the clock is ours
      if (which === 1) vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      return worker;
    },
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  while (made() < 2) await turn();
  for (let i = 0; i < 200; i++) await turn();
  expect([made(), F.threads]).toEqual([2, 2]);
  vi.advanceTimersByTime(25_000);
  while (made() < 3) await turn();
  vi.useRealTimers();
  await until(() => ended.length === 2);
  expect([made(), F.threads, ended]).toEqual([3, 2, [1, 2]]);
  works(F);
});

it('a place that was given up leaves the others alone', async () => {
  const { make, made } = faulty(['none', 'ends while it is parked', ...START, 'throws at its start']);
  F = await load({ threads: 3, worker: make });
  await until(() => F!.threads === 2);
  expect(made()).toBe(2 + REPLACEMENTS);
  works(F);
});

it('loadSync: workers that cannot be started are not counted', async () => {
  F = loadSync({ threads: 3, worker: faulty(['none', 'throws at its start']).make });
  expect(F.threads).toBe(3);
  await until(() => F!.threads === 2);
  works(F);
});

it('after a lost call: replacements that cannot be started are done without', async () => {
  const { make, made } = faulty(['ends with a claim', ...Array<string>(20).fill('throws at its start')]);
  const present = await eager(2, 64, make, 300);
  F = present.F;
  const { pool } = present.parts;
  const call = () => F!.crossEntropy(logits, labels);
  expect(() => {
    for (let i = 0; i < 200; i++) call();
  }).toThrow(expect.objectContaining({ code: 'ERR_WORKER' }));
  expect(pool.alive).toBe(2);
  expect(call).toThrow(expect.objectContaining({ code: 'ERR_WORKER' }));
  await pool.ready;
  expect([pool.alive, made()]).toEqual([1, 1 + REPLACEMENTS]);
  for (let i = 0; i < 5; i++) expect(call()).toBe(wanted);
});

it('any faults in any order, in pools of two to four', async () => {
  const r = random(1115);
  const all = ['none', 'none', ...START, ...PARKED, 'cannot be made'];
  for (let i = 0; i < 12; i++) {
    const threads = 2 + integer(r, 3);
    // a first worker that cannot be started is load's to refuse
    const first = Array.from({ length: threads - 1 }, () => (r() < 0.5 ? 'none' : PARKED[integer(r, 2)]));
    const faults = [...first, ...Array.from({ length: integer(r, 10) }, () => all[integer(r, all.length)])];
    const { make, made } = faulty(faults);
    const G = await load({ threads, worker: make });
    const said: string[] = [];
    for (let call = 0; call < 20; call++) {
      await new Promise((resolve) => setTimeout(resolve, integer(r, 15)));
      try {
        said.push(G.crossEntropy(logits, labels) === wanted ? 'right' : 'wrong');
      } catch (error) {
        said.push(String((error as { code?: string }).code));
      }
    }
    await settled(made);
    works(G);
    const how = `case ${i}: ${threads} threads, ${faults.join(', ')}`;
    // a worker may end with a claim; it must be said then
    expect(new Set([...said, 'right', 'ERR_WORKER']), how).toEqual(new Set(['right', 'ERR_WORKER']));
    expect(G.threads, how).toBeGreaterThanOrEqual(1);
    expect(G.threads, how).toBeLessThanOrEqual(threads);
    expect(made(), how).toBeLessThanOrEqual((threads - 1) * (1 + REPLACEMENTS));
    G.dispose();
  }
});
