// The modules are those that the committed list names, and anyone can make them again from the sources.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { ascArguments } from '../../scripts/asc.ts';
import { artifacts, built, committed, digest, REFRESH } from '../../scripts/digests.ts';
import { freeze } from '../../scripts/freeze.ts';
import { order } from '../../scripts/order.ts';
import { inlineModule } from '../../src/wasm/generated/inline.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('wasm.sha256', () => {
  it('lists exactly the modules that are built', () => {
    const [listed, found] = [committed(), built()];
    const differing = [...new Set([...listed.keys(), ...found.keys()])].filter(
      (file) => listed.get(file) !== found.get(file),
    );
    expect(differing, `a module changed; if it was meant to: ${REFRESH}`).toEqual([]);
  });

  it('names the module inside the package', async () => {
    expect(digest(await inlineModule())).toBe(committed().get('build/simdloss.wasm'));
  });
});

describe('a build in another folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'simdloss-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  for (const name of [
    'assembly',
    'asconfig.json',
    'asconfig.clickhouse.json',
    'package.json',
    'scripts/inlining.js',
  ]) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');

  // a compilation of all losses takes a minute by itself
  it.each(artifacts())('$target: the same bytes', { timeout: 600_000 }, ({ config, target, file }) => {
    const { status, stderr } = spawnSync(process.execPath, ascArguments(config, target), {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    freeze(join(folder, file));
    order(join(folder, file));
    const [here, there] = [root, folder].map((at) => digest(readFileSync(join(at, file))));
    expect(there, 'build/ is not what assembly/ gives: npm run build').toBe(here);
  });
});
