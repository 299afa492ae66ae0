// What a fresh clone can do after `npm ci`, before anything is built.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { copySources } from '../../scripts/copy.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'simdloss-clone-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (command: string, ...args: string[]) =>
  spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
const filesOf = (at: string) => readdirSync(at, { recursive: true, encoding: 'utf8' }).sort();

describe('a fresh clone', () => {
  copySources(root, folder);

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

  it('passes the type check', () => {
    const { status, stdout } = run('npm', 'run', 'types');
    expect(status, stdout).toBe(0);
  });

  it('runs, once the modules are built', () => {
    const inlined = 'src/wasm/generated';
    cpSync(join(root, inlined), join(folder, inlined), { recursive: true }); // digests.test.ts makes them again
    writeFileSync(
      join(folder, 'first.ts'),
      `import { load } from './src/index.ts';
for (const backend of ['wasm', 'js'] as const) {
  const F = await load({ backend });
  for (const ofType of [Float32Array, Float64Array]) console.log(F.mse(ofType.of(1, 2), ofType.of(0, 0)));
}
`,
    );
    const { stdout, stderr } = run(process.execPath, '--import', 'tsx', 'first.ts');
    expect(stdout, stderr).toBe('2.5\n'.repeat(4));
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
