// The end of `npm test`: what was not tested, why, and the command that installs it, once each.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { skippedText } from '../skipped.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

it('says each once, by command', () => {
  const engines = 'npm ci --prefix test/engines';
  const text = skippedText(
    [
      { what: 'Deno', why: 'not installed', install: engines },
      { what: 'Bun', why: 'not installed', install: engines },
      { what: 'Deno', why: 'not installed', install: engines },
      { what: 'Chromium', why: 'their driver is not installed', install: 'npm ci --prefix test/browsers' },
    ],
    7,
  );
  expect(text).toBe(
    [
      'Not tested here (7 tests were skipped):',
      '  Bun, Deno: not installed',
      '      npm ci --prefix test/engines',
      '  Chromium: their driver is not installed',
      '      npm ci --prefix test/browsers',
      '  npm run setup:all installs all that comes from npm.',
    ].join('\n'),
  );
});

it('is one block at the end of a run, and CI fails instead', () => {
  const folder = mkdtempSync(join(tmpdir(), 'simdloss-skipped-'));
  const test = (name: string) => `
    import { missing } from '${root}test/missing.ts';
    missing({ what: '${name}', why: 'not installed', install: 'npm ci --prefix there' });
    it.skip('runs', () => {});
    it('is', () => console.log('a line of its own'));`;
  writeFileSync(join(folder, 'a.test.ts'), test('A'));
  writeFileSync(join(folder, 'b.test.ts'), test('B'));
  writeFileSync(
    join(folder, 'vitest.config.ts'),
    `import { isNotice } from '${root}test/skipped.ts';
     export default { test: { globals: true, onConsoleLog: (log) => !isNotice(log),
       reporters: ['default', '${root}test/skipped.ts'] } };`,
  );
  const run = (CI: string) => {
    const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder];
    const env = { ...process.env, CI, NO_COLOR: '1' };
    return spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
  };
  const { stdout, stderr } = run('');
  expect(stdout).toContain(
    'Not tested here (2 tests were skipped):\n  A, B: not installed\n      npm ci --prefix there\n',
  );
  expect(stdout).toContain('a line of its own');
  expect((stdout + stderr).match(/not installed/g)).toHaveLength(1);
  expect(run('true').status).toBe(1);
  rmSync(folder, { recursive: true });
}, 120_000);

it('setup:all finds every folder that has packages of its own', () => {
  const folders = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(
      (path) => path.endsWith('package-lock.json') && !path.includes('node_modules') && path.includes('/'),
    )
    .map((path) => path.replace('/package-lock.json', ''));
  expect(folders.length).toBeGreaterThan(5);
  const source = readFileSync(join(root, 'scripts/setup.js'), 'utf8');
  const parents = /\[([^\]]*)\]/
    .exec(source)![1]
    .match(/'[^']*'/g)!
    .map((quoted) => quoted.slice(1, -1));
  for (const folder of folders) {
    expect(parents).toContain(folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : '');
    expect(existsSync(join(root, folder, 'package.json'))).toBe(true);
  }
});
