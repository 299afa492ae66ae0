// npm run build: generated sources, the wasm module, its inline copy, then JavaScript and types in dist/.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { inlineSource } from './generate/inline.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const resolve = createRequire(import.meta.url).resolve;
const node = (script: string, ...args: string[]) =>
  execFileSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });

const asc = fileURLToPath(new URL('../node_modules/assemblyscript/bin/asc.js', import.meta.url));
const tsc = resolve('typescript/package.json').replace('package.json', 'lib/tsc.js');

/** Warnings that mean a virtual call, a missing body or an unknown decorator: the kernels would be wrong or slow. */
const FATAL = /\b(AS228|AS235|AS112)\b/;

function compile(target: string): void {
  const { status, stderr } = spawnSync(
    process.execPath,
    [asc, '--config', 'asconfig.json', '--target', target],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  const messages = stderr.replace('Last converge was suboptimal.\n', '').trim();
  if (messages) console.error(messages);
  if (status !== 0 || FATAL.test(stderr)) throw new Error(`asc failed for target ${target}`);
}

mkdirSync(new URL('../build/', import.meta.url), { recursive: true });
compile('release');
const wasm = readFileSync(new URL('../build/simdloss.wasm', import.meta.url));
writeFileSync(new URL('../src/wasm/inline.ts', import.meta.url), inlineSource(wasm));
if (!process.argv.includes('--no-dist')) {
  rmSync(new URL('../dist/', import.meta.url), { recursive: true, force: true });
  node(tsc, '-p', 'tsconfig.build.json');
  copyFileSync(
    new URL('../build/simdloss.wasm', import.meta.url),
    new URL('../dist/simdloss.wasm', import.meta.url),
  );
}
