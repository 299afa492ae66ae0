// What an allocation takes does not depend on how many holes there are: V8 counts how often each piece of its code runs.
import { Session } from 'node:inspector/promises';
import { afterAll, expect, it } from 'vitest';

const GIB = 2 ** 30;
const session = new Session();
session.connect();
await session.post('Profiler.enable');
// code that is there already has no counters
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
const { Allocator } = await import('../../src/memory/allocator.ts');

afterAll(async () => {
  await session.post('Profiler.stopPreciseCoverage');
  session.disconnect();
});

/** The counts since this was last called. */
async function steps(): Promise<number> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const script = result.find(({ url }) => url.endsWith('/src/memory/allocator.ts'));
  const ranges = script?.functions.flatMap((f) => f.ranges) ?? [];
  return ranges.reduce((sum, { count }) => sum + count, 0);
}

it('V8 counts what a loop does', async () => {
  const allocator = new Allocator(0, GIB, () => GIB);
  await steps();
  for (let i = 0; i < 5000; i++) allocator.allocate(1);
  expect(await steps()).toBeGreaterThan(50_000);
});

it.each([
  ['holes of all sizes', (i: number) => 64 * (1 + (i % 40)), 3000],
  // 992 to 1007 lines are one class
  ['holes of one class, all of them too small', (i: number) => 64 * (992 + (i % 8)), 64 * 1006],
  ['holes of the same size', () => 3000, 3000],
])('%s', async (_, hole, bytes) => {
  const counts: number[] = [];
  for (const holes of [20, 2000, 40_000]) {
    const allocator = new Allocator(0, 4 * GIB, () => 4 * GIB);
    const freed: number[] = [];
    for (let i = 0; i < holes; i++) {
      freed.push(allocator.allocate(hole(i)));
      allocator.allocate(1);
    }
    for (const at of freed) allocator.free(at);
    await steps();
    for (let i = 0; i < 100; i++) {
      const [a, b] = [allocator.allocate(bytes), allocator.allocate(64)];
      expect(Math.min(a, b)).toBeGreaterThan(0);
      expect(allocator.blockOf(a + 70, 100)).toBe(a);
      allocator.free(a);
      allocator.free(b);
    }
    counts.push((await steps()) / 100);
  }
  // four calls and a question
  expect(Math.max(...counts)).toBeLessThan(200);
  expect(Math.max(...counts)).toBeLessThan(2 * Math.min(...counts));
});
