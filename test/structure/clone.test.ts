// What a fresh clone can do after `npm ci`, before anything is built.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { copySources } from '../../scripts/copy.ts';
import { descriptors } from '../../src/losses/registry.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'simdloss-clone-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (command: string, ...args: string[]) =>
  spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
const filesOf = (at: string) => readdirSync(at, { recursive: true, encoding: 'utf8' }).sort();

describe('a fresh clone', () => {
  copySources(root, folder);

  it('has nothing generated', () => {
    const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n');
    expect(tracked).toContain('src/abi.ts');
    expect(tracked.filter((path) => path.includes('/generated/'))).toEqual([]);
  });

  it('has the generated sources after npm ci, which runs prepare', () => {
    const { status, stderr } = run('npm', 'run', 'prepare');
    expect(status, stderr).toBe(0);
    for (const generated of ['assembly/generated', 'src/js/generated']) {
      const [here, there] = [root, folder].map((at) => join(at, generated));
      expect(filesOf(there)).toEqual(filesOf(here));
      for (const name of filesOf(there).filter((path) => path.endsWith('.ts')))
        expect(readFileSync(join(there, name), 'utf8')).toBe(readFileSync(join(here, name), 'utf8'));
    }
  });

  it('passes the type check', { timeout: 300_000 }, () => {
    const { status, stdout } = run('npm', 'run', 'types');
    expect(status, stdout).toBe(0);
  });

  // the modules take a minute, and digests.test.ts makes them again: those of here, unless they are old
  const take = (...built: string[]): void => {
    for (const path of built) cpSync(join(root, path), join(folder, path), { recursive: true });
  };
  const has = (path: string): boolean => existsSync(join(folder, path));

  it('starts with no more than the module', { timeout: 900_000 }, () => {
    const inline = ['inline', 'inlinePlain'].map((name) => `src/wasm/generated/${name}.ts`);
    take('build/simdloss.wasm', 'build/fresh.json', ...inline);
    const { status, stdout, stderr } = run('npm', 'start');
    expect(status, stderr).toBe(0);
    expect(stdout).not.toContain('building');
    expect(stdout).toMatch(/^bceWithLogits .*\d/m);
    expect(has('build/report.html')).toBe(true);
    // what takes the other minute, and is for tests and packing
    const others = ['build/simdloss.relaxed.wasm', 'src/wasm/generated/inlineRelaxed.ts', 'dist'];
    expect([...others, 'src/parts/generated/mse.f32.wasm'].filter(has)).toEqual([]);
  });

  it('builds', { timeout: 900_000 }, () => {
    take(
      'src/wasm/generated',
      'src/clickhouse/generated',
      'src/evaluate/generated',
      'build/exactSums.wasm',
      'build/simdloss.relaxed.wasm',
      'build/simdloss.clickhouse.wasm',
    );
    const { status, stderr } = run('npm', 'run', 'build');
    expect(status, stderr).toBe(0);
    for (const { name } of descriptors) expect(has(`dist/parts/${name}.d.ts`)).toBe(true);
    expect(readFileSync(join(folder, 'dist/index.js'), 'utf8')).toBe(
      readFileSync(join(root, 'dist/index.js'), 'utf8'),
    );
  });
});

it('without development dependencies prepare does nothing', () => {
  const bare = mkdtempSync(join(tmpdir(), 'simdloss-bare-'));
  try {
    cpSync(join(root, 'scripts/prepare.js'), join(bare, 'prepare.mjs'));
    expect(execFileSync(process.execPath, ['prepare.mjs'], { cwd: bare, encoding: 'utf8' })).toBe('');
  } finally {
    rmSync(bare, { recursive: true });
  }
});
