// npm run build: generated sources, the wasm modules, their inline copies, the parts, then types and bundled JavaScript in dist/.
// --no-dist leaves out dist/, --start all but what the sources need to run: the module, without relaxed math.
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ascArguments } from './asc.ts';
import { unlessFresh } from './fresh.ts';
import { hashedSource, inlineSource, plainSource, smallSource } from './generate/inline.ts';
import { sources } from './generate/sources.ts';
import { write } from './generate/write.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const pathOf = (name: string): string => `${root}${name}`;
const resolve = createRequire(import.meta.url).resolve;
const node = (script: string, ...args: string[]) =>
  execFileSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });

const tsc = resolve('typescript/package.json').replace('package.json', 'lib/tsc.js');

/** Warnings that mean a virtual call, a missing body or an unknown decorator: the kernels would be wrong or slow. */
const FATAL = /\b(AS228|AS235|AS112)\b/;

interface Module {
  readonly target: string;
  readonly file: string;
  /** Where the target is; default asconfig.json. */
  readonly config?: string;
  /** Whether it is in the package as text alone. */
  readonly isTextOnly?: boolean;
  /** Files in src that have it as text. */
  readonly inline: Readonly<Record<string, (name: string, wasm: Uint8Array) => string>>;
}

/** The targets that are published, and where their text goes. */
const modules: readonly Module[] = [
  {
    target: 'release',
    file: 'simdloss.wasm',
    inline: { 'wasm/generated/inline.ts': inlineSource, 'wasm/generated/inlinePlain.ts': plainSource },
  },
  {
    target: 'relaxed',
    file: 'simdloss.relaxed.wasm',
    inline: { 'wasm/generated/inlineRelaxed.ts': inlineSource },
  },
  {
    target: 'clickhouse',
    file: 'simdloss.clickhouse.wasm',
    config: 'asconfig.clickhouse.json',
    inline: { 'clickhouse/generated/module.ts': hashedSource },
  },
  {
    target: 'exactSums',
    file: 'exactSums.wasm',
    config: 'asconfig.exactSums.json',
    isTextOnly: true,
    inline: { 'evaluate/generated/exactSums.ts': smallSource },
  },
];

/** The type of an import of a module's file, where bundlers and edge runtimes allow it. */
const WASM_TYPES = `declare const module: typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M : object;
export default module;
`;

async function compile(target: string, config: string): Promise<void> {
  const args = ascArguments(config, target);
  let stderr: string;
  try {
    ({ stderr } = await promisify(execFile)(process.execPath, args, { cwd: root }));
  } catch (cause) {
    throw new Error(`asc failed for target ${target}`, { cause });
  }
  const messages = stderr.replaceAll('Last converge was suboptimal.\n', '').trim();
  if (messages) console.error(messages);
  if (FATAL.test(stderr)) throw new Error(`asc warned of what must not be for target ${target}`);
}

/** A script as plain JavaScript for a Node without loaders; what comes from node_modules stays there. */
async function plain(name: string): Promise<string> {
  const { build } = await import('esbuild');
  const outfile = pathOf(`build/${name}.mjs`);
  const entryPoints = [pathOf(`scripts/${name}.ts`)];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external' });
  return outfile;
}

async function buildModule(
  { target, file, config, inline }: Module,
  finisher: Promise<string>,
): Promise<void> {
  mkdirSync(pathOf('build/'), { recursive: true });
  await compile(target, config ?? 'asconfig.json');
  // makes constants immutable, orders functions
  await promisify(execFile)(process.execPath, [await finisher, pathOf(`build/${file}`)], { cwd: root });
  const wasm = readFileSync(pathOf(`build/${file}`));
  for (const [name, sourceOf] of Object.entries(inline))
    writeFileSync(pathOf(`src/${name}`), sourceOf(file, wasm));
}

async function buildPackage(): Promise<void> {
  rmSync(new URL('../dist/', import.meta.url), { recursive: true, force: true });
  rmSync(new URL('../build/types/', import.meta.url), { recursive: true, force: true });
  node(tsc, '-p', 'tsconfig.build.json');
  const [{ bundle }, { bundleTypes }] = [await import('./bundle.ts'), await import('./bundle/types.ts')];
  await bundleTypes(`${root}build/types/`, `${root}dist/`);
  await bundle(root);
  for (const { file, isTextOnly } of modules) {
    if (isTextOnly) continue;
    copyFileSync(new URL(`../build/${file}`, import.meta.url), new URL(`../dist/${file}`, import.meta.url));
  }
  const { parts, folder } = await import('./cut.ts');
  for (const { file } of parts) {
    copyFileSync(new URL(file, folder), new URL(`../dist/parts/${file}`, import.meta.url));
  }
  writeFileSync(new URL('../dist/simdloss.wasm.d.ts', import.meta.url), WASM_TYPES);
}

/** What builds, and with which versions. */
const tools = ['scripts/build.ts', 'scripts/generate/inline.ts', 'package-lock.json'];
const finishing = [
  ...['finish', 'freeze', 'locals', 'order'].map((name) => `scripts/${name}.ts`),
  'scripts/order.txt',
];
const compiling = ['assembly', 'scripts/asc.ts', 'scripts/inlining.js', ...finishing];
const wasm = modules.map(({ file }) => `build/${file}`);
const isStart = process.argv.includes('--start');

write(sources());
const finisher = plain('finish');
await Promise.all(
  modules
    .filter(({ target }) => !isStart || target === 'release')
    .map((module) =>
      unlessFresh(
        module.file,
        [...compiling, module.config ?? 'asconfig.json', ...tools],
        [`build/${module.file}`, ...Object.keys(module.inline).map((name) => `src/${name}`)],
        () => buildModule(module, finisher),
      ),
    ),
);
if (!isStart) {
  await unlessFresh(
    'parts',
    ['build/simdloss.wasm', 'scripts/cut.ts', ...finishing, 'src/bin', 'src/losses', 'src/helpers'],
    ['src/parts/generated'],
    async () => {
      const { writeParts } = await import('./cut.ts');
      node(await finisher, '--parts', ...writeParts());
    },
  );
}
if (!isStart && !process.argv.includes('--no-dist')) {
  const bundling = ['scripts/bundle.ts', 'scripts/bundle', 'tsconfig.json', 'tsconfig.build.json'];
  const from = ['src', ...bundling, ...wasm, ...tools];
  await unlessFresh('package', from, ['dist'], buildPackage);
}
