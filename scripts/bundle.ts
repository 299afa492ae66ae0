// What dist/ has of JavaScript. Node's entry is one file: importing seventy took it 20 ms, five 2 ms. Pages want small ones: the
// other entries share a few chunks, some of them on demand, and a file for each loss.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { type CodeSplittingOptions, type Plugin, rolldown } from 'rolldown';
import { minify as compress } from 'rolldown/utils';
import { descriptors } from '../src/losses/registry.ts';
import { constants } from './bundle/constants.ts';
import { internalNames } from './bundle/internal.ts';
import { partEntries, parts } from './bundle/parts.ts';
import { keepShown } from './bundle/shown.ts';

/** Entries of package.json, in dist/load. */
const entries = ['browser', 'url', 'core', 'workerd', 'edgeLight'].map((name) => `load/${name}`);

/** What only some losses need has a file of its own, which bundlers leave out where it is not imported. */
const ofLosses = new RegExp(
  `src.(?:losses.(${descriptors.map(({ name }) => name).join('|')})|(helpers).(?:helpers|specs|rowFigures|greatest))\\.ts`,
);

/** What is loaded together; the first that matches takes a file. */
const chunks = [
  { name: 'relaxed', test: /wasm.generated.inlineRelaxed/ },
  { name: 'inline', test: /wasm.generated.inline/ },
  // edge entries have both at hand
  { name: 'js', test: /src.js.|load.edge\.ts/ },
  { name: 'threads', test: /threads.(pool|start|control)|wasm.parts/ },
  {
    name: (id: string) => `losses/${ofLosses.exec(id)!.slice(1).join('')}`,
    test: ofLosses,
    debugName: 'losses',
  },
  // what evaluation and the JS backend have, and of parts just those that are given it
  { name: 'half', test: /src.(helpers.)?half\.ts/ },
  { name: 'on-demand', test: /load.onDemand/ },
  { name: 'parts-text', test: /src.parts.(load|start)/ },
  { name: 'parts-edge', test: /src.parts.edge/ },
  { name: 'parts', test: /src.parts.asked/ },
  { name: 'whole', test: /src.(everything|losses.registry|load.(load|inline))\.ts/ },
  {
    name: 'functions',
    test: /src.(losses|families|helpers|memory|options|plan|wasm|threads|load.(start|instance|options|source|supply))|src.[a-z]+\.ts/,
  },
];

/** `root`: the project's folder, with a slash at its end; the types are in dist/ already, as what they name keeps its name. */
export async function bundle(root: string): Promise<void> {
  const names = internalNames(root);
  const whole = Object.fromEntries(entries.map((name) => [name, `src/${name}.ts`]));
  await write(
    root,
    { ...whole, ...partEntries(root) },
    { codeSplitting: { includeDependenciesRecursively: false, groups: chunks }, names },
  );
  await write(root, { index: 'src/index.ts' }, { names });
  // React Native's Babel preset makes ordinary properties of private names, which Object.freeze would freeze: they go first
  await write(root, { 'load/reactNative': 'src/load/reactNative.ts' }, { names, target: 'es2021' });
  const command = await write(root, { 'bin/simdloss': 'src/cli/main.ts' }, { beside: '../' });
  writeFileSync(`${root}dist/bin/licenses.txt`, licensesOf(command));
  // these know instances by what is public of them alone
  await write(root, { evaluate: 'src/evaluate/index.ts' }, {});
  await write(root, { 'tfjs/index': 'src/tfjs/index.ts' }, {});
  await write(root, { duckdb: 'src/duckdb/index.ts' }, {});
  await write(root, { clickhouse: 'src/clickhouse/index.ts' }, {});
  await write(root, { 'clickhouse/executable': 'src/clickhouse/executable.ts' }, {});
  // a file that can be copied to where a page may load it from
  await write(root, { worker: 'src/threads/worker.js' }, {});
}

interface Output {
  readonly codeSplitting?: CodeSplittingOptions | false;
  /** Short names of properties. */
  readonly names?: Readonly<Record<string, string>>;
  readonly target?: string;
  /** Where the package's entries are from here, if they are imported rather than taken in. */
  readonly beside?: string;
}

/**
 * Rolldown's own alone would quote URLs as templates, which not every bundler of users looks for. Lines end, since Node quotes the one
 * that threw: all of the code, where it is one line.
 */
const minify = ({ names = {}, target = 'es2022' }: Output): Plugin => ({
  name: 'minify',
  async renderChunk(code, { fileName }) {
    const smaller = await compress(fileName, code, { module: true, compress: { target }, mangle: false });
    const mangled = Object.keys(names).length > 0 && {
      mangleProps: new RegExp(`^(${Object.keys(names).join('|')})$`),
      mangleCache: { ...names },
    };
    const options = { minify: true, lineLimit: 300, format: 'esm', target, ...mangled } as const;
    return keepShown(smaller.code, async (code) => {
      const broken = (await transform(code, options)).code;
      // bundlers look for it as text
      return broken.replaceAll(/\bimport\.\s*meta\.\s*url\b/g, 'import.meta.url');
    });
  },
});

/** The licenses of the packages that these modules are of. */
function licensesOf(modules: readonly string[]): string {
  const found = modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id) ?? []);
  return [...new Set(found)]
    .sort()
    .map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const license = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
      if (license === undefined) throw new Error(`${name} comes without its license`);
      return `${name} ${version}\n\n${readFileSync(join(folder, license), 'utf8').trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** The command is one more user of the package. */
const entriesOf = (beside: string): Plugin => ({
  name: 'entries',
  resolveId: (source, importer) => {
    const entry = /^(?:\.\.\/)+(evaluate\/)?index\.ts$/.exec(source);
    if (entry === null || !importer?.includes('/cli/')) return undefined;
    return { id: `${beside}${entry[1] === undefined ? 'index' : 'evaluate'}.js`, external: true };
  },
});

/** The names of the modules that were taken in. */
async function write(
  root: string,
  input: Record<string, string>,
  output: Output,
): Promise<readonly string[]> {
  const build = await rolldown({
    cwd: root,
    input,
    platform: output.beside === undefined ? 'neutral' : 'node',
    external: [/^node:/, /^@assemblyscript\/loader$/, /^@duckdb\//, /simdloss\.wasm(\?module)?$/],
    makeAbsoluteExternalsRelative: false,
    preserveEntrySignatures: 'allow-extension',
    plugins: [...(output.beside === undefined ? [] : [entriesOf(output.beside)]), parts, constants],
  });
  const { output: chunks } = await build.write({
    dir: `${root}dist`,
    format: 'esm',
    plugins: [minify(output)],
    minify: false,
    entryFileNames: '[name].js',
    // what starts a worker stands beside it, as in src/
    chunkFileNames: ({ name }) => (name === 'threads' ? 'threads.js' : 'chunks/[name].js'),
    codeSplitting: output.codeSplitting ?? false,
  });
  await build.close();
  return chunks.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
}
