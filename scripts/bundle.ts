// What dist/ has of JavaScript. Node's entry is one file: importing seventy took it 20 ms, five 2 ms. Pages want small ones: the
// other entries share a few chunks, some of them on demand.
import { transform } from 'esbuild';
import { type CodeSplittingOptions, type Plugin, rolldown } from 'rolldown';

/** Entries of package.json, in dist/load. */
const entries = ['browser', 'url', 'core', 'workerd', 'edgeLight'].map((name) => `load/${name}`);

/** What is loaded together; the first that matches takes a file. */
const chunks = [
  { name: 'relaxed', test: /wasm.inlineRelaxed/ },
  { name: 'inline', test: /wasm.inline|wasm.inflate/ },
  { name: 'js', test: /src.js./ },
  { name: 'threads', test: /threads.(pool|start|control)|wasm.parts/ },
  {
    name: 'functions',
    test: /src.(losses|memory|wasm|threads|load.(load|options|source|inline|onDemand|supply))|src.[a-z]+\.ts/,
  },
];

/** `root`: the project's folder, with a slash at its end. */
export async function bundle(root: string): Promise<void> {
  await write(root, Object.fromEntries(entries.map((name) => [name, `src/${name}.ts`])), {
    includeDependenciesRecursively: false,
    groups: chunks,
  });
  await write(root, { index: 'src/index.ts' }, false);
  // a file that can be copied to where a page may load it from
  await write(root, { worker: 'src/threads/worker.js' });
}

/** Rolldown's own would quote URLs as templates, which not every bundler of users looks for. */
const minify: Plugin = {
  name: 'minify',
  renderChunk: async (code) =>
    (await transform(code, { minify: true, format: 'esm', target: 'es2022' })).code,
};

async function write(
  root: string,
  input: Record<string, string>,
  codeSplitting?: CodeSplittingOptions | false,
) {
  const build = await rolldown({
    cwd: root,
    input,
    platform: 'neutral',
    external: [/^@assemblyscript\/loader$/, /\.wasm(\?module)?$/],
    makeAbsoluteExternalsRelative: false,
    preserveEntrySignatures: 'allow-extension',
  });
  await build.write({
    dir: `${root}dist`,
    format: 'esm',
    plugins: [minify],
    minify: false,
    entryFileNames: '[name].js',
    // what starts a worker stands beside it, as in src/
    chunkFileNames: ({ name }) => (name === 'threads' ? 'threads.js' : 'chunks/[name].js'),
    codeSplitting,
  });
  await build.close();
}
