// The packed package in React Native's tool chain: Metro bundles an app, Hermes compiles it to bytecode and runs it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { load } from '../../src/index.ts';
import { checkRow } from '../bundlers/table.ts';
import { numbersOf } from './app.ts';
import { compile, haveMetro, type Profile, Project, runInHermes, versionOf } from './project.ts';

// Metro takes ten seconds of a machine that has nothing else to do
vi.setConfig({ testTimeout: 300_000 });

const here = haveMetro();

const MAIN = `import * as library from 'simdloss';
import { run } from './app';
run(library).then(
  (saw) => print('SAW' + JSON.stringify(saw)),
  (error) => print('SAW' + JSON.stringify({ error: String(error && error.stack) })),
);
`;

const NO_WASM = /^Error ERR_UNSUPPORTED backend 'wasm' and relaxed math are not available in React Native/;
const NEEDS_WASM = (name: string) => `RangeError ERR_OPTION "${name}" needs backend 'wasm'`;
const twice = <T>(it: T): T[] => [it, it];
const refusals = [
  ...[NO_WASM, NO_WASM, NO_WASM].map((text) => twice(expect.stringMatching(text))),
  twice('Error ERR_UNSUPPORTED 2 threads: the js backend has one thread'),
  ...['module', 'memory', 'memory'].map((name) => twice(NEEDS_WASM(name))),
  twice(expect.stringMatching(NO_WASM)),
];

/** In f64, whose results differ by what two libraries have of exp and log; gradients that are near 0 are differences. */
const LIMIT = 1e-13;
const NEAR = 1e-3;

let project: Project;
let wanted: string[];
beforeAll(async () => {
  if (!here) return;
  project = new Project();
  await project.writeApp(MAIN);
  wanted = numbersOf(await load({ backend: 'js' }));
});
afterAll(() => project?.remove());

function expectAsInNode(printed: string): void {
  const { numbers, ...saw } = JSON.parse(/^SAW(.*)$/m.exec(printed)![1]);
  expect(saw).toEqual({
    kinds: ['js deterministic 1'],
    refusals,
    disposed: expect.stringMatching(/^Error ERR_DISPOSED /),
  });
  expect(numbers).toHaveLength(wanted.length);
  const far = numbers.filter((text: string, i: number) => {
    const [x, y] = [Number(text), Number(wanted[i])];
    return !Object.is(x, y) && !(Math.abs(x - y) <= LIMIT * Math.max(Math.abs(y), NEAR));
  });
  expect(far).toEqual([]);
}

/** What a bundle prints where there is nothing but the language, and no WebAssembly. */
async function runBare(bundle: string): Promise<string> {
  return new Promise((print) => {
    runInNewContext(
      `delete globalThis.WebAssembly; delete globalThis.SharedArrayBuffer; delete globalThis.Atomics;
      ${readFileSync(bundle, 'utf8')}`,
      { print },
    );
  });
}

const ways: readonly { profile: Profile; dev: boolean }[] = [
  { profile: 'hermes-stable', dev: false },
  { profile: 'hermes-stable', dev: true },
  { profile: 'default', dev: false },
];

describe.skipIf(!here)('React Native', () => {
  it.each(ways)(
    'for $profile, dev $dev: the bundle is compiled, and needs no more than the language',
    async ({ profile, dev }) => {
      const args = ['--dev', String(dev), '--minify', String(!dev)];
      const bundle = await project.bundle(`${profile}-${dev}`, profile, ...args);
      // there is no worker and no module in it
      expect(readFileSync(bundle, 'utf8')).not.toMatch(
        /import\.meta|WebAssembly\.(Module|instantiate|compile)|new Worker|[\w+/]{1000}/,
      );
      compile('hermes-compiler/hermesc', bundle);
      expectAsInNode(await runBare(bundle));
      // the virtual machine has no classes
      if (profile === 'default') expectAsInNode(await runInHermes(bundle));
    },
  );

  it('takes one file, of the size that the page on bundlers says', () => {
    const entry = readFileSync(join(project.package, 'dist/load/reactNative.js'));
    expect(entry.toString()).not.toMatch(/\bimport\b|\bawait\b/);
    checkRow(
      {
        title: 'Metro',
        version: versionOf('metro'),
        runs: 'React Native',
        worker: 'no threads',
        url: 'no',
      },
      gzipSync(entry, { level: 9 }).length,
    );
  });
});
