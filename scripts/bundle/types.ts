// What dist/ has of types: a file for each entry, over one chunk that they share: Tensor has private fields, so that two copies of its
// declaration would be two types. Left out is what is marked @internal (tsconfig.build.json), and what nothing published names.
import { readdirSync } from 'node:fs';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

/** Entries of package.json, by the file in dist/ that has their types, and where they are in `from`. */
function entries(from: string): Record<string, string> {
  const parts = 'parts/generated';
  const names = readdirSync(`${from}${parts}`).filter((file) => file.endsWith('.d.ts'));
  return Object.fromEntries([
    ...['index', 'load/core', 'load/url', 'tfjs/index'].map((name) => [name, `${from}${name}.d.ts`]),
    ['worker', `${from}threads/worker.d.ts`],
    ...['evaluate', 'duckdb', 'clickhouse'].map((name) => [name, `${from}${name}/index.d.ts`]),
    ...names.map((file) => [`parts/${file.slice(0, -'.d.ts'.length)}`, `${from}${parts}/${file}`]),
  ]);
}

/** `from`: where the compiler has put a declaration for each source; `to`: dist/. Both end in a slash. */
export async function bundleTypes(from: string, to: string): Promise<void> {
  const input = entries(from);
  const own = new Set(Object.values(input));
  const build = await rollup({ input, plugins: [dts()], external: /\.wasm$/ });
  await build.write({
    dir: to,
    format: 'es',
    entryFileNames: '[name].d.ts',
    chunkFileNames: '[name].d.ts',
    manualChunks: (id) =>
      own.has(id) ? undefined : /types.(evaluate|clickhouse)\b/.test(id) ? 'evaluation' : 'types',
    minifyInternalExports: false,
  });
  await build.close();
}
