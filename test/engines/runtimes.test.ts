// The published package in every runtime that reads modules from disk: the same bits as the committed ones.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { engine } from './installed.ts';
import { install } from './packed.ts';

/** Written by test/determinism/engines.test.ts, which computes them here. */
const committed = JSON.parse(readFileSync(new URL('./digests.json', import.meta.url), 'utf8'));
const { folder, write, remove } = install();
afterAll(remove);

const mains = {
  conformance: `
    import * as simdloss from 'simdloss';
    import { conformance } from './suite.mjs';
    console.log(JSON.stringify(await conformance(simdloss)));`,
  threads: `
    import * as simdloss from 'simdloss';
    import { threads } from './suite.mjs';
    console.log(JSON.stringify(await threads(simdloss)));`,
  evaluations: `
    import { load } from 'simdloss';
    import { evaluate } from 'simdloss/evaluate';
    import { evaluations } from './suite.mjs';
    const [one, two] = [await load(), await load({ threads: 2 })];
    console.log(JSON.stringify([one, two].map((F) => evaluations(F, evaluate))));
    two.dispose();`,
  entries: `
    import * as simdloss from 'simdloss';
    import * as core from 'simdloss/core';
    import * as url from 'simdloss/url';
    import { entries } from './suite.mjs';
    await entries(simdloss, core, url, new URL(import.meta.resolve('simdloss/simdloss.wasm')));
    console.log('true');`,
  printing: `
    import { loadSync } from 'simdloss';
    const x = loadSync().tensor(Float32Array.of(1, 0.5), [2, 1]);
    console.log(x);
    console.log({ x });`,
};
const paths = Object.fromEntries(
  Object.entries(mains).map(([name, source]) => [name, write(`${name}.mjs`, source)]),
) as Record<keyof typeof mains, string>;

interface Runtime {
  name: string;
  executable: string | undefined;
  args?: string[];
  /** What a file may be read with. */
  reading?: string[];
}

const runtimes: Runtime[] = [
  { name: `Node ${process.versions.node.split('.')[0]}, which runs the tests`, executable: process.execPath },
  { name: 'Node 22', executable: engine('Node 22', 'node22/bin/node') },
  { name: 'Node 24', executable: engine('Node 24', 'node24/bin/node') },
  { name: 'Node 26', executable: engine('Node 26', 'node26/bin/node') },
  { name: 'Bun', executable: engine('Bun', 'bun/bin/bun'), args: ['--no-install'] },
  {
    name: 'Deno without permissions',
    executable: engine('Deno', 'deno/deno'),
    args: ['run', '--no-prompt', '--no-remote'],
    reading: [`--allow-read=${folder}`],
  },
];

/** What a main prints in a runtime, which has to end by itself. */
function printed({ executable, args = [], reading = [] }: Runtime, main: keyof typeof mains): string {
  const given = [...args, ...(main === 'entries' ? reading : []), paths[main]];
  const { status, signal, stdout, stderr } = spawnSync(executable!, given, {
    cwd: folder,
    env: { ...process.env, DENO_DIR: join(folder, 'deno'), DENO_NO_UPDATE_CHECK: '1', NODE_OPTIONS: '' },
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(`${status} ${signal}`, stdout + stderr).toBe('0 null');
  return stdout.trim();
}

const run = (runtime: Runtime, main: keyof typeof mains): unknown =>
  JSON.parse(printed(runtime, main).split('\n').at(-1)!);

describe.each(runtimes)('$name', (runtime) => {
  const test = it.skipIf(runtime.executable === undefined);

  test('conforms, with the committed digests', () => {
    const { losses, math } = committed;
    const relaxed = expect.stringMatching(/^(relaxed|deterministic)$/);
    expect(run(runtime, 'conformance')).toEqual({
      losses,
      math,
      relaxed,
    });
  });

  test('two threads: the bits of one, and the process ends', () => {
    const { large } = committed;
    expect(run(runtime, 'threads')).toEqual({ one: large, two: large, sync: large });
  });

  test('evaluations: the committed states, on one thread and two', () => {
    expect(run(runtime, 'evaluations')).toEqual([committed.evaluations, committed.evaluations]);
  });

  test('simdloss/core and simdloss/url', () => {
    expect(run(runtime, 'entries')).toBe(true);
  });

  test('its console shows what a tensor is', () => {
    const line = 'Tensor f32 [2, 1]: 1, 0.5';
    const [alone, ...inside] = printed(runtime, 'printing').split('\n');
    expect(alone).toBe(line);
    expect(inside.join('')).toMatch(new RegExp(`^\\{\\s+x: ${line.replace(/[[\].]/g, '\\$&')},?\\s*\\}$`));
  });
});
