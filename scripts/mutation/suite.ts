// Which tests are run on a mutant: those that can see its file.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Side } from './sites.ts';

/** Of what is built, served, drawn or measured, of other engines, and what takes longer than all of the others. */
const foreign =
  /^test\/(bench|browsers|bundlers|docs|engines|examples|fuzz|interop|reactNative|reference|site|soak|supply(?!\/inflate)|types)\//;
const left = [
  'test/differential/huge.test.ts',
  'test/faults/hostile.test.ts',
  'test/faults/modules.test.ts',
  'test/losses/sequences.test.ts',
  // V8 counts what runs from a module's first load on: passes only with modules of its own
  'test/memory/steps.test.ts',
  // need dist/, or all that is installed
  'test/golden/hessian.test.ts',
  'test/parts/command.test.ts',
  'test/structure/clone.test.ts',
  'test/threads/load.test.ts',
];

/** Left out for a side: tests of other things, and sweeps that take ten seconds and more, where what is quick covers the same code. */
const elsewhere: Record<Side, RegExp> = {
  kernels: /^test\/(faults|js|parts|structure|supply|threads)\/|Tails|\/eps|losses\/(tails|unread)|memory\/e/,
  wrapper:
    /^test\/(accuracy|determinism|differential|js|math)\/|threads\/[dmr]|losses\/(bitwise|gradcheck|nan|tails|unread)|memory\/e/,
  js: /^test\/(faults|js|math|memory|parts|structure|supply|threads)\/|Tails|\/eps|losses\/(tails|unread)/,
};

/** Pattern of the names of the tests that a side is concerned with. */
export const namesOf: Record<Side, string> = {
  kernels: '^(?!.*\\bjs\\b)',
  wrapper: '',
  js: '^(?!.*\\bwasm\\b)',
};

const REFERENCE = /(?:\bfrom |\bimport |\bimport\(|\bnew URL\()\s*'(\.[^']+)'/g;
const TYPES = /^(?:import|export) type [^;]*;/gm;

const known = new Map<string, readonly string[]>();

/** The files that a file names: imports, now or later, and workers by their URL. */
function namedBy(root: string, file: string): readonly string[] {
  const before = known.get(file);
  if (before !== undefined) return before;
  const path = join(root, file);
  const code =
    existsSync(path) && /\.[jt]s$/.test(file) ? readFileSync(path, 'utf8').replaceAll(TYPES, '') : '';
  const named = [...code.matchAll(REFERENCE)].map(([, to]) => posix.join(posix.dirname(file), to));
  known.set(file, named);
  return named;
}

/** Whether what the test loads reaches the file. */
function reaches(root: string, test: string, file: string): boolean {
  const seen = new Set([test]);
  for (const one of seen) for (const next of namedBy(root, one)) seen.add(next);
  return seen.has(file);
}

/** The test files for a mutant of this source file. */
export function suiteOf(root: string, side: Side, file: string): string[] {
  // a kernel is reached through the module; the tests of assembly/math compile those functions themselves
  const target = side === 'kernels' ? 'src/wasm/backend.ts' : file;
  const math = file.startsWith('assembly/math/');
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${name.replaceAll('\\', '/')}`)
    .filter((test) => !test.startsWith('test/parts/') || /^src\/(parts|bin)\//.test(file))
    .filter((test) => !foreign.test(test) && !elsewhere[side].test(test) && !left.includes(test))
    .filter((test) => (test.startsWith('test/math/') ? math : reaches(root, test, target)))
    .sort();
}
