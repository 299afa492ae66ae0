// npm run build: generated sources, the wasm module, its inline copy, then JavaScript and types in dist/.
import { execFileSync } from 'node:child_process';
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

mkdirSync(new URL('../build/', import.meta.url), { recursive: true });
node(asc, '--config', 'asconfig.json', '--target', 'release');
const wasm = readFileSync(new URL('../build/simdloss.wasm', import.meta.url));
writeFileSync(new URL('../src/wasm/inline.ts', import.meta.url), inlineSource(wasm));
if (!process.argv.includes('--no-dist')) {
  rmSync(new URL('../dist/', import.meta.url), { recursive: true, force: true });
  node(tsc, '-p', 'tsconfig.build.json');
  copyFileSync(new URL('../build/simdloss.wasm', import.meta.url), new URL('../dist/simdloss.wasm', import.meta.url));
}
