// Node 24 fuses relaxed multiply-add, which Node 20 lacks: there the relaxed module is held to the same bounds as the
// deterministic one, and the deterministic one to the same bits as here.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { engine } from './installed.ts';

const node = engine('Node 24', 'node24/bin/node');
const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'simdloss-node24-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Report {
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
}

/** Runs tests of this repository in Node 24. */
function run(tests: readonly string[], env: Record<string, string>): Report {
  const file = join(folder, 'report.json');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const { stdout, status } = spawnSync(
    node!,
    [vitest, 'run', ...tests, '--reporter=json', `--outputFile=${file}`, '--silent'],
    { cwd: root, env: { ...process.env, ...env }, encoding: 'utf8', timeout: 900_000 },
  );
  if (status === null) throw new Error(`Node 24 did not end: ${stdout}`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

describe.skipIf(node === undefined)('Node 24', { timeout: 1_000_000 }, () => {
  it('relaxed math meets the bounds, the semantics and the goldens', () => {
    const tests = ['test/losses', 'test/golden', 'test/accuracy', 'test/math', 'test/fixtures'];
    const report = run(tests, { SIMDLOSS_MATH: 'relaxed' });
    expect(report.numFailedTests).toBe(0);
    expect(report.success).toBe(true);
    expect(report.numPassedTests).toBeGreaterThan(1000);
  });

  it('deterministic math has the committed digests, with threads and without', () => {
    const report = run(['test/determinism', 'test/threads/bits.test.ts', 'test/threads/relaxed.test.ts'], {});
    expect(report.numFailedTests).toBe(0);
    expect(report.success).toBe(true);
    expect(report.numPassedTests).toBeGreaterThan(30);
  });
});
