// The short version of scripts/soak.ts.
import { expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { backends } from '../instances.ts';
import { booksOf, soakCalls } from './calls.ts';
import { heapAfterGc } from './gauge.ts';
import { loadOnce } from './loads.ts';

const CALLS = 16_000;
const LOADS = 600;

it.each(backends)(`${CALLS} calls a loss leave neither memory nor heap behind: %s`, async (backend) => {
  const F = await load({ backend });
  const calls = soakCalls(F);
  const round = (n: number) => {
    for (const { run } of calls) for (let i = 0; i < n; i++) run(i);
  };
  round(2000);
  const books = booksOf(F);
  // the engine's own compiling may leave something behind in one round; a leak does so in every one
  const growth: number[] = [];
  for (let i = 0; i < 3; i++) {
    const heap = heapAfterGc();
    round(CALLS);
    expect(booksOf(F)).toBe(books);
    growth.push(heapAfterGc() - heap);
  }
  // a byte a call would be 16 kB a loss
  expect(Math.min(...growth)).toBeLessThan(128 * 1024);
});

it(`${LOADS} instances come and go`, async () => {
  for (let i = 0; i < 100; i++) await loadOnce();
  const growth: number[] = [];
  for (let round = 0; round < 3; round++) {
    const heap = heapAfterGc();
    for (let i = 0; i < LOADS; i++) await loadOnce();
    growth.push(heapAfterGc() - heap);
  }
  expect(Math.min(...growth)).toBeLessThan(256 * 1024);
});
