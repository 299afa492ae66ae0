// Which tests are run on a mutant, the quickest and most telling first.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Side } from './sites.ts';

const arithmetic = [
  'test/losses/reference',
  'test/losses/identities',
  'test/golden/golden',
  'test/accuracy/',
];
const calls = ['test/losses/semantics', 'test/losses/labels', 'test/mutants/'];
const slow = ['test/losses/bitwise', 'test/losses/tails', 'test/losses/gradcheck', 'test/determinism/'];

const suites: Record<Side, readonly string[]> = {
  kernels: [...calls, ...arithmetic, 'test/memory/', ...slow, 'test/differential/'],
  wrapper: [
    ...['test/losses/errors', 'test/memory/', 'test/structure/registry', ...calls],
    ...['test/supply/inflate', 'test/threads/bits', 'test/threads/faults'],
    ...[...arithmetic, ...slow, 'test/faults/'],
  ],
  js: ['test/js/', ...calls, ...arithmetic, ...slow],
};

/** Pattern of the names of the tests that a side is concerned with. */
export const namesOf: Record<Side, string> = {
  kernels: '^(?!.*\\bjs\\b)',
  wrapper: '',
  js: '^(?!.*\\bwasm\\b)',
};

/** Tests that pass only with modules of their own: V8 counts what runs from a module's first load on. */
const isolated = ['test/memory/steps.test.ts'];

/** The test files for a mutant of this source file, in order. */
export function suiteOf(root: string, side: Side, file: string): string[] {
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${name.replaceAll('\\', '/')}`)
    .filter((name) => !isolated.includes(name))
    .sort();
  const order = file.startsWith('assembly/math/') ? ['test/math/', ...suites[side]] : suites[side];
  return order.flatMap((prefix) => files.filter((name) => name.startsWith(prefix)));
}
