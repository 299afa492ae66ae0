// What a bundle has that imports a few losses: their parts and the code that calls them, nothing of the others.
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { descriptors } from '../../src/losses/registry.ts';
import { install } from '../engines/packed.ts';

const installed = install();
afterAll(() => installed.remove());

interface Bundle {
  readonly code: string;
  /** Names of the modules that are files. */
  readonly modules: readonly string[];
  /** Each gzipped. */
  readonly bytes: number;
}

/** Bundled and minified for a platform, its .wasm as files. */
async function bundle(source: string, conditions: string[]): Promise<Bundle> {
  const entry = join(installed.folder, 'entry.js');
  writeFileSync(entry, source);
  const { outputFiles } = await build({
    entryPoints: [entry],
    outdir: join(installed.folder, 'out'),
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    splitting: true,
    conditions,
    loader: { '.wasm': 'copy' },
    assetNames: '[name]',
  });
  const atOnce = outputFiles.filter(({ path }) => path.endsWith('.wasm') || basename(path) === 'entry.js');
  return {
    code: outputFiles.find(({ path }) => basename(path) === 'entry.js')!.text,
    modules: atOnce.flatMap(({ path }) => (path.endsWith('.wasm') ? [basename(path)] : [])).sort(),
    bytes: atOnce.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0),
  };
}

const importing = (names: readonly string[], from = 'simdloss/losses'): string =>
  `import { load, ${names.join(', ')} } from '${from}';
  globalThis.F = load({ losses: [${names.join(', ')}] });`;

describe('bundled with its modules as files, gzipped', () => {
  it.each([
    { names: ['crossEntropy'], most: 30_000 },
    { names: ['l1', 'mse', 'bceWithLogits'], most: 28_000 },
  ])('$names: at most $most bytes', async ({ names, most }) => {
    const { bytes, modules } = await bundle(importing(names), ['workerd']);
    console.log(`${names.join(', ')}: ${bytes} bytes`);
    expect(modules).toEqual(names.map((name) => `${name}.f32.wasm`).sort());
    expect(bytes).toBeLessThanOrEqual(most);
  });
});

/** Text of a descriptor that no minifier changes. */
const markOf = (name: string): string => JSON.stringify(name);

describe.each([['workerd'], ['edge-light'], ['browser'], ['node']])('under the condition %s', (condition) => {
  it.each(descriptors.map(({ name }) => name))('%s is alone', async (name) => {
    const { code } = await bundle(importing([name]), [condition]);
    expect(code).toContain(markOf(name));
    const others = descriptors.filter((other) => other.name !== name);
    expect(others.filter((other) => code.includes(markOf(other.name))).map((other) => other.name)).toEqual(
      [],
    );
  });
});
