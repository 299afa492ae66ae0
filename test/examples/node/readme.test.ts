// The README's code as a reader runs it, with the packed package: the example in every runtime, and what its comments say.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { engine } from '../../engines/installed.ts';
import { install } from '../../engines/packed.ts';

const root = new URL('../../../', import.meta.url);
const source = readFileSync(new URL('examples/node/readme.ts', root), 'utf8');
const readme = readFileSync(new URL('README.md', root), 'utf8');
const { folder, write, remove } = install();
afterAll(remove);

const module = (name: string, code: string): string =>
  write(name, transformSync(code, { loader: 'ts', target: 'es2022' }).code);

function run(executable: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(executable, args, {
    cwd: folder,
    env: {
      ...process.env,
      DENO_DIR: join(folder, 'deno'),
      DENO_NO_UPDATE_CHECK: '1',
      NODE_OPTIONS: '',
      NO_COLOR: '1',
    },
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(status, stdout + stderr).toBe(0);
  return stdout;
}

const numbersIn = (text: string): string[] => text.match(/-?\d+\.\d+(e-?\d+)?/g) ?? [];
/** What the comments beside the example's prints say: numbers, each with its digits. */
const said = source.split('\n').flatMap((line) => {
  const comment = /console\.log\(.*\); \/\/ (.*)$/.exec(line);
  return comment === null ? [] : numbersIn(comment[1]);
});

const runtimes: [string, string | undefined, ...string[]][] = [
  ['the Node that runs the tests', process.execPath],
  ['Node 22', engine('Node 22', 'node22/bin/node')],
  ['Node 24', engine('Node 24', 'node24/bin/node')],
  ['Node 26', engine('Node 26', 'node26/bin/node')],
  ['Bun', engine('Bun', 'bun/bin/bun'), '--no-install'],
  ['Deno without permissions', engine('Deno', 'deno/deno'), 'run', '--no-prompt', '--no-remote'],
];

describe('the example', () => {
  it('has a number beside everything that it prints', () => {
    expect(source.match(/console\.log\(/g)).toHaveLength(4);
    expect(said).toHaveLength(9);
  });

  it('leaves no tensor behind but those that it made itself', () => {
    const made = source.match(/= F\.tensor\(/g)!.length;
    const counted = source.replace('F.dispose();', 'console.log(`left: ${F.memory.liveTensors}`);\n$&');
    expect(run(process.execPath, [module('counted.mjs', counted)])).toContain(`left: ${made}\n`);
  });

  it.for(runtimes)('prints what its comments say: %s', ([, executable, ...args], { skip }) => {
    if (executable === undefined) return skip();
    const printed = numbersIn(run(executable, [...args, module('readme.mjs', source)]));
    expect(printed).toHaveLength(said.length);
    printed.forEach((number, i) => {
      const digits = said[i].split('.')[1].length;
      expect(Number(number).toFixed(digits), `number ${i}`).toBe(said[i]);
    });
  });
});

describe('CommonJS', () => {
  const required = `const { load } = require('simdloss');
    load().then((F) => console.log(F.mse([1, 2], [1, 4])));`;

  it.for(runtimes.slice(0, 5))('require: %s', ([, executable, ...args], { skip }) => {
    if (executable === undefined) return skip();
    expect(run(executable, [...args, write('required.cjs', required)])).toContain('2');
  });
});

describe('what else the README shows', () => {
  const blocks = [...readme.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code]) => code);
  const rest = blocks.filter((code) => code.trim() !== source.trim());

  it('is the example, and at least two blocks more', () => {
    expect(blocks.length - rest.length).toBe(1);
    expect(rest.length).toBeGreaterThanOrEqual(2);
  });

  it.each(rest.map((code) => [code]))('runs: %s', (code) => {
    const given = [
      code.includes("from 'simdloss'") ? '' : "import { load } from 'simdloss';",
      /const F\b/.test(code) ? '' : 'const F = await load();',
      // free names of the snippets
      'const data = new Float32Array(640);',
      /const F\b/.test(code) ? '' : 'const byteOffset = F.tensor(data, [64, 10]).byteOffset;',
    ];
    run(process.execPath, [module('block.mjs', [...given, code, 'F.dispose();'].join('\n'))]);
  });
});
