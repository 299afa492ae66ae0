// The short version of scripts/soak.ts.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { backends } from '../instances.ts';
import { CALLS, LOADS } from './growth.ts';

// In a process of its own, as the test runner's heap shrinks by up to 140 kB meanwhile; and without what a compiler
// leaves behind when it likes: optimised code and what belongs to it were up to 135 kB of a round's growth, bytecode that
// is thrown away −354 kB. What is left was
// 592 bytes for calls and 400–500 for instances, each time.
const FLAGS = ['--no-opt', '--no-maglev', '--no-flush-bytecode', '--import', 'tsx'];
const script = fileURLToPath(new URL('./growth.ts', import.meta.url));

function growthOf(kind: string): number {
  const growth = Number(execFileSync(process.execPath, [...FLAGS, script, kind], { encoding: 'utf8' }));
  expect(Number.isInteger(growth)).toBe(true);
  return growth;
}

// a byte a call of one loss would be 8 kB
it.each(backends)(`${CALLS} calls a loss leave neither memory nor heap behind: %s`, (backend) => {
  expect(Math.abs(growthOf(backend))).toBeLessThan(CALLS / 2);
});

it(`${LOADS} instances come and go`, () => {
  expect(Math.abs(growthOf('loads'))).toBeLessThan(8 * LOADS);
});
